// Runs every job one after the other; the last line counts what passed and what failed. `node .ci/jobs.mjs NAME…` runs those jobs only.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, parse, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(fileURLToPath(import.meta.url), '..', '..');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const stories = readdirSync(join(root, 'examples', 'demo', 'stories')).map((file) => parse(file).name);

const MINUTE = 60_000;
const MOST_LINES_OF_A_FAILURE = 60;

/**
 * Each job runs a script of package.json with arguments that make it brief; the builds that the script begins with are left out, because
 * `test` has built everything. `then` is a command that must succeed afterwards. A job with `until` serves, and is ended once it prints
 * that text. No job may leave anything in the temp folder.
 */
export const jobs = [
  { name: 'lint', script: 'lint' },
  { name: 'test', script: 'test', args: '--ci --json --outputFile="$JOB_FOLDER/jest.json"', builds: true },
  { name: 'test:all', script: 'test:all', args: '--ci --ignoreProjects unit --json --outputFile="$JOB_FOLDER/jest.json"', most: 35 * MINUTE },
  { name: 'test:ablation', script: 'test:ablation' },
  { name: 'test:cdk-init', script: 'test:cdk-init', most: 20 * MINUTE },
  ...stories.map((story) => ({ name: `demo ${story}`, script: 'demo', args: story })),
  { name: 'examples', script: 'examples', args: 'cloudwatch-agent platform-library waves-over-stacks' },
  { name: 'sandbox', script: 'sandbox', args: '--port 0', until: 'The sandbox listens on' },
  { name: 'simulate', script: 'simulate', args: '--seeds 20' },
  { name: 'simulate pairs', script: 'simulate', args: '--pairs 20' },
  { name: 'simulate agree', script: 'simulate', args: '--agree 1' },
  { name: 'simulate:planted', script: 'simulate:planted', args: '--bugs 2' },
  { name: 'mutate', script: 'mutate', args: '--mutate lambda/log.ts' },
  { name: 'bench:lambda', script: 'bench:lambda', args: '--quick' },
  { name: 'bench:machine', script: 'bench:machine' },
  { name: 'bench:plan', script: 'bench:plan' },
  { name: 'bench:sandbox', script: 'bench:sandbox' },
  { name: 'bench:synth', script: 'bench:synth', args: '--quick', most: 20 * MINUTE },
  { name: 'bench:template', script: 'bench:template' },
  { name: 'docgen', script: 'docgen', then: 'git diff --exit-code -- API.md docs test/languages' },
  { name: 'docs:pictures', script: 'docs:pictures', then: 'git diff --exit-code -- docs/images' },
  { name: 'docs', script: 'docs' },
  { name: 'docs:check', script: 'docs:check', args: '-t links' },
];

/** Scripts that no job runs by itself, and why. */
export const withoutJob = {
  'build': 'test begins with what has changed of it',
  'build:constructs': 'build runs it',
  'build:lambda': 'build runs it',
  'build:sandbox': 'build runs it',
  'build:cli': 'build runs it',
  'test:browser': 'test:all runs it',
  'test:thorough': 'test:all interrupts rollouts at one read lag, it at three, which takes three times as long',
};

function commandOf({ script, args = '', builds = false, then }) {
  const parts = scripts[script].split(' && ').filter((part) => builds || !/^npm run build|build-changed/.test(part));
  return `${parts.join(' && ')} ${args}${then ? ` && ${then}` : ''}`; // one command alone takes the place of the shell, and so its signals
}

/** Runs one job with a temp folder of its own, and returns whether it succeeded. */
function run(job, folder) {
  const log = openSync(join(folder, 'output'), 'w');
  mkdirSync(join(folder, 'tmp'));
  const path = [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
  const env = { ...process.env, PATH: path, TMPDIR: join(folder, 'tmp'), JOB_FOLDER: folder };
  const child = spawn('bash', ['-c', commandOf(job)], { cwd: root, env, stdio: ['ignore', log, log], detached: true });
  const stop = (signal) => { try { process.kill(-child.pid, signal); } catch { /* it has ended */ } };
  const limit = setTimeout(() => stop('SIGKILL'), job.most ?? 10 * MINUTE);
  const output = () => readFileSync(join(folder, 'output'), 'utf8');
  const watch = job.until && setInterval(() => { if (output().includes(job.until)) stop('SIGTERM'); }, 200);
  return new Promise((done) => {
    child.on('close', (code, signal) => {
      clearTimeout(limit);
      clearInterval(watch);
      closeSync(log);
      const ended = job.until ? output().includes(job.until) && signal !== 'SIGKILL' : code === 0;
      done({ ended, output: output() });
    });
  });
}

/** What a job has left in its temp folder; the cache of Jest is there to stay. */
const leftIn = (folder) => readdirSync(join(folder, 'tmp')).filter((name) => !/^(jest_|haste-map|node-compile-cache|tsx-)/.test(name));

function countsOf(job, folder, succeeded) {
  if (!job.args?.includes('jest.json')) return { passed: Number(succeeded), failed: Number(!succeeded) };
  try {
    // a suite that could not even load has no failed test of its own
    const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(readFileSync(join(folder, 'jest.json'), 'utf8'));
    return { passed: numPassedTests, failed: Math.max(numFailedTests, numFailedTestSuites, Number(!succeeded)) };
  } catch {
    return { passed: 0, failed: 1 };
  }
}

async function main(names) {
  const chosen = jobs.filter(({ name }) => names.length === 0 || names.includes(name));
  const total = { passed: 0, failed: 0 };
  for (const job of chosen) {
    const folder = mkdtempSync(join(tmpdir(), 'job-'));
    const started = performance.now();
    try {
      const { ended, output } = await run(job, folder);
      const left = leftIn(folder);
      const succeeded = ended && left.length === 0;
      const counts = countsOf(job, folder, succeeded);
      total.passed += counts.passed;
      total.failed += counts.failed;
      console.log(`${succeeded ? 'ok    ' : 'FAILED'} ${String(Math.round((performance.now() - started) / 1000)).padStart(5)} s  ${job.name}`);
      if (!ended) console.log(output.split('\n').slice(-MOST_LINES_OF_A_FAILURE).join('\n'));
      if (left.length > 0) console.log(`leaves ${left.length} entries in the temp folder: ${left.slice(0, 10).join(', ')}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  if (chosen.length === 0) total.failed++;
  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
