/**
 * `npm run demo`: the real CDK CLI deploys `examples/cloudwatch-agent.ts` against the sandbox, five times over.
 *
 * Every check reads the sandbox's request log and instance event log, never what the Lambda says of itself.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  startSandbox, type DeploymentStatusChange, type InstanceEvent, type RequestLogEntry, type Sandbox,
} from 'cdk-ecs-managed-daemons/sandbox';
import { cdk } from './command-line';
import { drainBatches, startsDaemonFirst, stopsDaemonLast } from './instance-order';
import { leftovers, retained } from './leftovers';
import { Fleet, printTimeline, timeline } from './timeline';

const STACK = 'CloudWatchAgent';
const OUTPUT = resolve('demo-output');

/** What happened in the sandbox during one step. */
interface StepRecord {
  readonly exitCode: number;
  readonly output: string;
  readonly requests: readonly RequestLogEntry[];
  readonly instanceEvents: readonly InstanceEvent[];
}

class Demo {
  private readonly fleet = new Fleet();
  private readonly statusChanges: DeploymentStatusChange[] = [];
  private failures = 0;

  constructor(private readonly sandbox: Sandbox) {
    sandbox.ecs.onDeploymentStatus((change) => void this.statusChanges.push(change));
  }

  public async run(): Promise<number> {
    await this.create();
    await this.update();
    await this.alarmAndRollback();
    await this.tagsOnly();
    await this.destroy();
    this.leaveLogs();
    console.log(this.failures === 0 ? '\nAll checks passed.' : `\n${this.failures} checks failed.`);
    return this.failures === 0 ? 0 : 1;
  }

  private async create(): Promise<void> {
    const step = await this.step('1. create: every instance runs the daemon before any application task', ['deploy', '-c', 'imageTag=1.300.1']);
    this.check('cdk deploy succeeds', step.exitCode === 0);
    this.check('twelve instances are up', this.fleet.alive === 12);
    this.check('on every instance the daemon ran before the first application task', startsDaemonFirst(step.instanceEvents));
    this.check('one CreateDaemon and no UpdateDaemon', count(step, 'CreateDaemon') === 1 && count(step, 'UpdateDaemon') === 0);
    await this.setAlarm('OK', 'Threshold Crossed: 1 out of 1 datapoints [41.7 (22/11/26 16:00:00)] was not greater than the threshold (90.0).');
  }

  private async update(): Promise<void> {
    const step = await this.step('2. update to another image tag: four batches of 25 %, then bake', ['deploy', '-c', 'imageTag=1.300.2']);
    this.check('cdk deploy succeeds', step.exitCode === 0);
    this.check('one UpdateDaemon', count(step, 'UpdateDaemon') === 1);
    const batches = drainBatches(step.instanceEvents);
    this.check(`four batches of three instances (seen: ${batches.map((batch) => batch.length).join(', ')})`,
      batches.length === 4 && batches.every((batch) => batch.length === 3));
    this.check('ten minutes of bake after the last batch, then SUCCESSFUL', this.bakeMinutes(step) >= 10);
  }

  private async alarmAndRollback(): Promise<void> {
    const stop = this.sandbox.ecs.onInstanceEvent((event) => {
      if (event.event !== 'DAEMON_TASK_RUNNING' || !event.image?.endsWith(':1.300.3-broken')) return;
      stop();
      // five minutes into its life on the first instances the new agent eats the CPU
      this.sandbox.clock.after(300, () => void this.setAlarm('ALARM',
        'Threshold Crossed: 3 out of 3 datapoints [97.2, 96.8, 98.1] were greater than the threshold (90.0).'));
    });
    const step = await this.step('3. update to an image after which an alarm fires: ECS rolls back, the stack says why',
      ['deploy', '-c', 'imageTag=1.300.3-broken']);
    this.check('cdk deploy fails', step.exitCode !== 0);
    this.check('the stack ends in UPDATE_ROLLBACK_COMPLETE', await this.stackStatus() === 'UPDATE_ROLLBACK_COMPLETE');
    const reason = await this.failureReason();
    console.log(`\n  The event reads:\n    ${reason}\n`);
    this.check('the event names the phase, the alarm and its reason',
      /(DEPLOYING|BAKING|ROLLING_BACK)/.test(reason) && reason.includes('agent-cpu-high') && reason.includes('97.2, 96.8, 98.1'));
    this.check('one UpdateDaemon: the rollback of the stack sent none', count(step, 'UpdateDaemon') === 1);
    this.check('the rollback of the stack drained nothing: ECS had put the fleet back', noDrainAfterRollback(step));
    this.check('the deployment is ROLLBACK_SUCCESSFUL', this.statusChanges.at(-1)?.status === 'ROLLBACK_SUCCESSFUL');
  }

  private async tagsOnly(): Promise<void> {
    const command = ['deploy', '-c', 'imageTag=1.300.2', '-c', 'costCenter=4711', '-c', 'drainPercent=50', '-c', 'bakeMinutes=5'];
    const step = await this.step('4. other tag, drain percent and bake time: tag calls only', command);
    this.check('cdk deploy succeeds', step.exitCode === 0);
    this.check('the Lambda was called', count(step, 'Invoke') > 0);
    this.check('TagResource, and no UpdateDaemon', count(step, 'TagResource') > 0 && count(step, 'UpdateDaemon') === 0);
    this.check('no instance was drained', step.instanceEvents.length === 0);
    const again = await this.step('4b. the same again: nothing to do', command);
    this.check('cdk deploy succeeds and finds no changes', again.exitCode === 0 && again.output.includes('(no changes)'));
    this.check('the Lambda was not called', count(again, 'Invoke') === 0);
  }

  private async destroy(): Promise<void> {
    const step = await this.step('5. destroy: the daemon drains last, and nothing is left', ['destroy', '--force']);
    this.check('cdk destroy succeeds', step.exitCode === 0);
    this.check('on every instance the daemon stopped after the last application task', stopsDaemonLast(step.instanceEvents));
    this.check('no instance is left', this.fleet.alive === 0);
    const left = await leftovers(this.sandbox);
    const revisions = await retained(this.sandbox);
    this.check(`nothing is left (${left.join(', ') || 'nothing'}; retained on purpose: ${revisions.join(', ') || 'nothing'})`, left.length === 0);
  }

  /** Runs one command of the real CLI, shows what it prints, and then the timeline of what the fleet went through. */
  private async step(title: string, command: readonly string[]): Promise<StepRecord> {
    console.log(`\n━━ ${title}\n\n$ cdk ${command.join(' ')}\n`);
    const firstRequest = this.sandbox.requests.length;
    const firstEvent = this.sandbox.ecs.instanceEvents.length;
    const firstChange = this.statusChanges.length;
    const { exitCode, output } = await cdk(command, this.sandbox.environment, (text) => process.stdout.write(text));
    const instanceEvents = this.sandbox.ecs.instanceEvents.slice(firstEvent);
    const uncovered: string[] = [];
    const statusChanges = this.statusChanges.slice(firstChange);
    const rows = timeline(this.fleet, instanceEvents, statusChanges, () => void uncovered.push(...this.fleet.uncovered));
    console.log(rows.length > 0 ? `\n${printTimeline(rows)}\n` : '\n  (no instance changed its state)\n');
    this.check('never an instance without the daemon while it runs application tasks', uncovered.length === 0);
    return { exitCode, output, instanceEvents, requests: this.sandbox.requests.slice(firstRequest) };
  }

  private check(what: string, holds: boolean): void {
    if (!holds) this.failures++;
    console.log(`  ${holds ? '✓' : '✗ FAILED:'} ${what}`);
  }

  private async setAlarm(state: 'OK' | 'ALARM', reason: string): Promise<void> {
    await this.sandbox.call('monitoring', 'SetAlarmState', { AlarmName: 'agent-cpu-high', StateValue: state, StateReason: reason });
  }

  /** From the end of the last batch to the end of the deployment; 0 if that was no success. */
  private bakeMinutes({ instanceEvents }: StepRecord): number {
    const end = this.statusChanges.at(-1);
    const lastBatch = instanceEvents.findLast(({ event }) => event === 'INSTANCE_TERMINATED');
    return end?.status === 'SUCCESSFUL' && lastBatch ? (Date.parse(end.time) - Date.parse(lastBatch.time)) / 60_000 : 0;
  }

  private async stackStatus(): Promise<string> {
    return (await this.sandbox.call('cloudformation', 'DescribeStacks', { StackName: STACK })).Stacks[0].StackStatus;
  }

  private async failureReason(): Promise<string> {
    const { StackEvents } = await this.sandbox.call('cloudformation', 'DescribeStackEvents', { StackName: STACK });
    const failed = StackEvents.find((event: Record<string, string>) => event.ResourceStatus === 'UPDATE_FAILED');
    return failed?.ResourceStatusReason ?? '';
  }

  private leaveLogs(): void {
    mkdirSync(OUTPUT, { recursive: true });
    const logs: [string, readonly object[]][] = [
      ['requests.jsonl', this.sandbox.requests], ['instance-events.jsonl', this.sandbox.ecs.instanceEvents],
    ];
    for (const [name, entries] of logs) writeFileSync(join(OUTPUT, name), entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    console.log('\nThe request log and the instance event log are in demo-output/.');
  }
}

const count = ({ requests }: StepRecord, operation: string): number =>
  requests.filter((request) => request.operation === operation && request.caller !== 'operator').length;

/** CloudFormation's own rollback begins when the Lambda has answered FAILED, which it does after ECS has ended. */
function noDrainAfterRollback({ requests, instanceEvents }: StepRecord): boolean {
  const calls = requests.filter(({ operation, service }) => service === 'lambda' && operation === 'Invoke');
  const rollback = calls.findLast(({ caller }) => caller === 'cloudformation');
  return rollback !== undefined && calls.filter(({ caller }) => caller === 'cloudformation').length === 2
    && !instanceEvents.some(({ event, time }) => event === 'INSTANCE_DRAINING' && time >= rollback.time);
}

async function main(): Promise<number> {
  const sandbox = await startSandbox({ startTime: new Date(), applicationTasksPerInstance: 2 });
  try {
    return await new Demo(sandbox).run();
  } finally {
    await sandbox.close();
  }
}

main().then((exitCode) => { process.exitCode = exitCode; }, (error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
