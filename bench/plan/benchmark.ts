/**
 * `npm run bench:plan`: the time and memory that `plan` takes for an update of one daemon on a large fleet, from two synthesized apps to
 * the page with its picture, in a process of its own.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, aws_ecs as ecs, Duration, Stack } from 'aws-cdk-lib';
import { DaemonCapacityProvider, DaemonTaskDefinition, ManagedDaemon } from 'cdk-ecs-managed-daemons';

const BUDGET_SECONDS = 5;
const BUDGET_MEGABYTES = 300;
const BUDGET_KILOBYTES = 150;
const BUDGETED_INSTANCES = 1000;
const FLEETS = [12, BUDGETED_INSTANCES, 10_000];
const ROUNDS = 3;
const INSTANCES_DRAIN = 2;

const ARN = 'arn:aws:ecs:us-east-1:123456789012';
const MEASURED = `
  const { run } = require(process.argv[1]);
  const started = performance.now();
  run(['plan', ...process.argv.slice(2)]).then((exitCode) => {
    console.error(JSON.stringify({ exitCode, seconds: (performance.now() - started) / 1000, megabytes: process.resourceUsage().maxRSS / 1024 }));
  });
`;

interface Measurement {
  readonly exitCode: number;
  readonly seconds: number;
  readonly megabytes: number;
}

function synthesize(outdir: string, imageTag: string): void {
  const app = new App({ outdir });
  const stack = new Stack(app, 'Agents', { env: { account: '123456789012', region: 'us-east-1' } });
  const daemonTaskDefinition = new DaemonTaskDefinition(stack, 'Task', { cpu: 256, memoryMiB: 256 });
  daemonTaskDefinition.addContainer('agent', { image: ecs.ContainerImage.fromRegistry(`example.com/agent:${imageTag}`), memoryLimitMiB: 256 });
  new ManagedDaemon(stack, 'Agent', {
    cluster: ecs.Cluster.fromClusterArn(stack, 'Cluster', `${ARN}:cluster/apps`),
    capacityProviders: [DaemonCapacityProvider.fromCapacityProviderArn(`${ARN}:capacity-provider/managed`)],
    daemonTaskDefinition,
    drainPercent: 25,
    bakeTime: Duration.minutes(0),
  });
  app.synth();
}

function measure(folder: string, instances: number): Measurement {
  const values = ['--app', join(folder, 'after'), '--from', join(folder, 'before'), '--fleet', `apps/managed=${instances}`, '--html', join(folder, 'plan.html')];
  const library = require.resolve('cdk-ecs-managed-daemons/plan');
  const { stderr } = spawnSync(process.execPath, ['--eval', MEASURED, library, ...values], { encoding: 'utf8' });
  const measurement = JSON.parse(stderr.trim().split('\n').at(-1)!) as Measurement;
  if (measurement.exitCode !== INSTANCES_DRAIN) throw new Error(`the plan of ${instances} instances failed: ${stderr}`);
  return measurement;
}

function main(): void {
  console.log(process.version);
  const folder = mkdtempSync(join(tmpdir(), 'bench-plan-'));
  try {
    synthesize(join(folder, 'before'), '1');
    synthesize(join(folder, 'after'), '2');
    let isWithin = true;
    for (const instances of FLEETS) {
      const rounds = Array.from({ length: ROUNDS }, () => measure(folder, instances));
      // the least of the rounds: what else the machine does only adds to it
      const [seconds, megabytes] = [Math.min(...rounds.map((round) => round.seconds)), Math.min(...rounds.map((round) => round.megabytes))];
      const kilobytes = statSync(join(folder, 'plan.html')).size / 1000;
      console.log(`${String(instances).padStart(6)} instances: ${seconds.toFixed(1)} s, ${megabytes.toFixed(0)} MB, page of ${kilobytes.toFixed(0)} KB`);
      if (instances !== BUDGETED_INSTANCES) continue;
      isWithin = seconds <= BUDGET_SECONDS && megabytes <= BUDGET_MEGABYTES && kilobytes <= BUDGET_KILOBYTES;
    }
    console.log(`budget of ${BUDGETED_INSTANCES} instances: at most ${BUDGET_SECONDS} s, ${BUDGET_MEGABYTES} MB, ${BUDGET_KILOBYTES} KB`);
    process.exitCode = isWithin ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main();
