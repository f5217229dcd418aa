/**
 * `npm run test:ablation`: shows that each consistency rule of the rollout is needed. The scenario of a rule is a test of test/lambda,
 * which passes with the rule, as `npm test` shows, and must fail without it.
 */
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { RULES, type RuleName } from './rules';

const root = join(__dirname, '../..');

/** The file in test/lambda, and the test in it. */
const SCENARIOS: Readonly<Record<RuleName, readonly [file: string, test: string]>> = {
  'own-create-untagged': ['lagging-reads', 'is ours if its tags show late'],
  'adoption-not-visible': ['adoption', 'a daemon of another stack answers only when its owner must see it'],
  'adoption-rolled-back-before': ['adoption', 'adopts a daemon although the first reads show an adoption that was rolled back'],
  'older-than-seen': ['lagging-reads', 'an older read of a deployment that ECS has begun to roll back causes no write'],
  'older-than-own-update': ['lagging-reads', 'a read from before our own update starts nothing within the consistency window: one 60 s late'],
  'latest-deployment-unreadable': ['lagging-reads', 'a deployment that does not show yet is not superseded'],
  'target-revision-unreadable': ['waiting', 'a deployment of the cancelled update whose revision shows later is superseded'],
  'fleet-unreadable': ['lagging-reads', 'causes no drain if it is late$'],
  'absent-once': ['lagging-reads', 'an update does not create a daemon again that reads do not return for 100 s'],
  'predecessor-may-still-write': ['rollback', 'a rollback finds a write of the cancelled update that arrives late, with a read lag of 120 s'],
  'not-visible-yet': ['end-of-deployment', 'does not count as expired while reads may not show it yet'],
  'success-before-bake': ['alarm-monitoring', 'is not over until ECS has rolled it back for an alarm'],
  'status-goes-back': ['lagging-reads', 'statuses that go back are ignored'],
  'success-before-rollback': ['alarm-monitoring', 'is rolled back, though an older read returns its success after its stop'],
  'failure-once': ['end-of-deployment', 'polls after the end of a deployment become less frequent: a rollback of what was STOPPED'],
  'new-daemon-absent': ['lagging-reads', 'a new daemon that does not show yet, although its deployment is over'],
  'newer-deployment-unreadable': ['end-of-deployment', 'for a minute, is told by what it rolls out'],
  'found-deployment-replaced': ['lagging-reads', 'a rollback of which the first reads show an older deployment in progress waits'],
  'older-than-end': ['lagging-reads', 'counts that are older than the end of the deployment do not fail it'],
  'rollback-not-visible': ['clocks', 'a deployment that ECS stops and then rolls back late is followed'],
  'missing-once': ['end-of-deployment', 'is not judged by the daemon if the next read returns it'],
  'tags-of-earlier-daemon': ['delete', 'do not cause the deletion of a daemon of its name that another caller has created'],
  'deletion-not-visible': ['delete', 'a read that is older than the deletion, after one that has shown it, causes no second request'],
  'older-writes-not-visible': ['delete', 'a delete waits for the last write of a create that was stopped late, while the daemon is missing'],
  'seen-a-moment-ago': ['clocks', 'an absent daemon that ECS created 4 minutes ago is read again'],
};

/** How many tests have run without the rule, and how many of them have failed. */
async function playWithout(rule: RuleName): Promise<{ readonly played: number; readonly failed: number }> {
  const [file, test] = SCENARIOS[rule];
  const settings = ['--ci', '--json', '--runInBand', '--setupFilesAfterEnv', './test/ablation/without-rule.ts'];
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, [join(root, 'node_modules/.bin/jest'), `test/lambda/${file}.test.ts`, '-t', test, ...settings],
      { cwd: root, env: { ...process.env, WITHOUT_RULE: rule }, maxBuffer: 64 * 1024 * 1024 }, (_error, stdout) => resolve(stdout));
  });
  const { numPassedTests = 0, numFailedTests = 0 } = JSON.parse(output || '{}') as { numPassedTests?: number; numFailedTests?: number };
  return { played: numPassedTests + numFailedTests, failed: numFailedTests };
}

async function main(): Promise<void> {
  const waiting = Object.keys(RULES) as RuleName[];
  const count = waiting.length;
  let needed = 0;
  const work = async (): Promise<void> => {
    for (let rule = waiting.shift(); rule; rule = waiting.shift()) {
      const { played, failed } = await playWithout(rule);
      if (failed > 0) needed++;
      console.log(`${failed > 0 ? 'needed    ' : 'NOT NEEDED'}  ${rule}: ${failed} of ${played} tests fail without it`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
  console.log(`${needed} of ${count} consistency rules are needed by their scenario`);
  process.exitCode = needed === count ? 0 : 1;
}

void main();
