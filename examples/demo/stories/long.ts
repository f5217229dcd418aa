/**
 * `npm run demo -- long`: `examples/long-rollout` rolls out for hours, held by gates. One rollout succeeds after five hours, one
 * fails in its fourth hour, and one is cancelled in its second.
 */
import type { InstanceEvent, RequestLogEntry, SandboxOptions } from 'cdk-ecs-managed-daemons/sandbox';
import { count, Demo, type StepRecord } from '../demo';
import { drainBatches } from '../instance-order';
import { leftovers, retained } from '../leftovers';

const STACK = 'LongRollout';
const ALARM = 'router-drops-events';
const APP = ['--app', 'node --import tsx examples/long-rollout/app.ts'];
const MINUTES_OF_A_BATCH = 25;
const HOUR = 3600;

export default class Long extends Demo {
  public static override readonly sandboxOptions: SandboxOptions = {
    ...Demo.sandboxOptions,
    // with the rest of a batch, which takes 231 s
    timing: { drainApplicationTasks: MINUTES_OF_A_BATCH * 60 - 231 },
  };

  protected async tell(): Promise<void> {
    await this.create();
    await this.fiveHours();
    await this.failsInTheFourthHour();
    await this.cancelledInTheSecondHour();
    await this.destroy();
  }

  private async create(): Promise<void> {
    const step = await this.deploy('1. create: the first instances come with the service, after the last gate', '1.0');
    this.check('cdk deploy succeeds', step.exitCode === 0);
    this.check('twelve instances are up', this.fleet.alive === 12);
    this.check('eight gates stand behind the daemon, and two deletion gates before it',
      await this.countResources('Gate') === 8 && await this.countResources('DeletionGate') === 2);
    await this.setAlarm('OK', 'Threshold Crossed: 1 datapoint [3.0 (22/11/26 16:00:00)] was not greater than the threshold (100.0).');
  }

  private async fiveHours(): Promise<void> {
    const step = await this.deploy('2. five hours: twelve batches of one instance, and a bake', '1.1');
    this.check('cdk deploy succeeds', step.exitCode === 0);
    const end = this.statusChanges.at(-1)!;
    const hours = secondsBetween(firstOf(step, 'UpdateDaemon'), end) / HOUR;
    this.check(`the rollout took ${hours.toFixed(1)} hours and is SUCCESSFUL`, hours > 5 && end.status === 'SUCCESSFUL');
    this.check('twelve batches of one instance', drainBatches(step.instanceEvents).map((batch) => batch.length).join() === Array(12).fill(1).join());
    this.check('one UpdateDaemon', count(step, 'UpdateDaemon') === 1);
    this.check('CloudFormation asked for the daemon and for eight gates', requestsOfCloudFormation(step).length === 9);
    this.check('the last gates were asked after ECS had ended', secondsBetween(end, requestsOfCloudFormation(step).at(-1)!) > 0);
    this.check('every instance runs the new image', this.everyInstanceRuns('1.1'));
    await this.checkThatNothingRuns();
  }

  private async failsInTheFourthHour(): Promise<void> {
    this.afterFirst('1.2-broken', 3.2 * HOUR, () => void this.setAlarm('ALARM',
      'Threshold Crossed: 3 out of 3 datapoints [310.0, 280.0, 300.0] were greater than the threshold (100.0).'));
    const step = await this.deploy('3. an alarm in the fourth hour: ECS rolls back, a gate fails, the stack says why', '1.2-broken');
    this.check('cdk deploy fails', step.exitCode !== 0);
    this.check('the stack ends in UPDATE_ROLLBACK_COMPLETE', await this.stackStatus(STACK) === 'UPDATE_ROLLBACK_COMPLETE');
    const reason = await this.failureReason(STACK);
    console.log(`\n  The event reads:\n    ${reason}\n`);
    this.check('the event names the phase, the alarm, its reason, and how many instances ran the new revision',
      /(DEPLOYING|ROLLING_BACK)/.test(reason) && reason.includes(ALARM) && reason.includes('310.0, 280.0, 300.0') && /\d+ of 12 instances/.test(reason));
    const end = this.statusChanges.at(-1)!;
    this.check('the deployment is ROLLBACK_SUCCESSFUL', end.status === 'ROLLBACK_SUCCESSFUL');
    this.check('one UpdateDaemon: the rollback of the stack sent none', count(step, 'UpdateDaemon') === 1);
    this.check('the rollback of the stack drained nothing: ECS had put the fleet back',
      !step.instanceEvents.some(({ event, time }) => event === 'INSTANCE_DRAINING' && time >= end.time));
    this.check('every instance runs the old image', this.everyInstanceRuns('1.1'));
    await this.checkThatNothingRuns();
    await this.setAlarm('OK', 'Threshold Crossed: 1 datapoint [2.0 (22/11/26 23:00:00)] was not greater than the threshold (100.0).');
  }

  private async cancelledInTheSecondHour(): Promise<void> {
    this.afterFirst('1.3', 1.6 * HOUR, () => void this.sandbox.call('cloudformation', 'CancelUpdateStack', { StackName: STACK }));
    const step = await this.deploy('4. cancelled in the second hour: one UpdateDaemon takes back what had moved', '1.3');
    this.check('cdk deploy fails', step.exitCode !== 0);
    this.check('the stack ends in UPDATE_ROLLBACK_COMPLETE', await this.stackStatus(STACK) === 'UPDATE_ROLLBACK_COMPLETE');
    const updates = step.requests.filter(({ operation, caller }) => operation === 'UpdateDaemon' && caller !== 'operator');
    this.check('one UpdateDaemon there, and exactly one back', updates.length === 2);
    const back = updates[1]!;
    const moved = instancesOf(step, 'DAEMON_TASK_RUNNING', (event) => event.image!.endsWith(':1.3'));
    const drainedAgain = instancesOf(step, 'INSTANCE_DRAINING', (event) => event.time >= back.time);
    this.check(`it drained ${drainedAgain.length} instances, all of which ran the new image`,
      drainedAgain.length > 0 && drainedAgain.every((instance) => moved.includes(instance)));
    const end = this.statusChanges.at(-1)!;
    this.check(`the rollback took ${(secondsBetween(back, end) / HOUR).toFixed(1)} hours, and the stack waited for its end`,
      end.status === 'SUCCESSFUL' && secondsBetween(back, end) > HOUR && secondsBetween(end, answers(step).at(-1)!) >= 0);
    this.check('every instance runs the old image', this.everyInstanceRuns('1.1'));
    await this.checkThatNothingRuns();
  }

  private async destroy(): Promise<void> {
    const step = await this.step('5. destroy: nothing is left', ['destroy', '--force', ...APP]);
    this.check('cdk destroy succeeds', step.exitCode === 0);
    this.check('no instance is left', this.fleet.alive === 0);
    const left = await leftovers(this.sandbox);
    const logGroups = left.filter((what) => what.startsWith('log group '));
    const others = left.filter((what) => !logGroups.includes(what));
    this.check(`nothing is left (${others.join(', ') || 'nothing'}; retained on purpose: ${logGroups.length} log groups,`
      + ` ${(await retained(this.sandbox)).length} task definitions)`, others.length === 0);
  }

  private deploy(title: string, imageTag: string): Promise<StepRecord> {
    return this.step(title, ['deploy', ...APP, '-c', `imageTag=${imageTag}`]);
  }

  /** So many seconds after the first instance has run an image. */
  private afterFirst(imageTag: string, seconds: number, action: () => void): void {
    const stop = this.sandbox.ecs.onInstanceEvent(({ event, image }) => {
      if (event !== 'DAEMON_TASK_RUNNING' || !image?.endsWith(`:${imageTag}`)) return;
      stop();
      this.sandbox.clock.after(seconds, action);
    });
  }

  private async checkThatNothingRuns(): Promise<void> {
    // an execution has answered before it ends; virtual time passes only once every invocation has returned
    await this.sandbox.clock.sleep(1);
    const { Functions } = await this.sandbox.call('lambda', 'ListFunctions', {});
    const { FunctionName } = Functions.find((made: { FunctionName: string }) => made.FunctionName.includes('DaemonProviderRollout'));
    const { DurableExecutions } = await this.sandbox.call('lambda', 'ListDurableExecutionsByFunction', { FunctionName, Statuses: ['RUNNING'] });
    this.check('no execution is left running', DurableExecutions.length === 0);
  }

  private async countResources(kind: 'Gate' | 'DeletionGate'): Promise<number> {
    const { StackResourceSummaries } = await this.sandbox.call('cloudformation', 'ListStackResources', { StackName: STACK });
    return StackResourceSummaries.filter(({ ResourceType }: { ResourceType: string }) => ResourceType === `Custom::ECSManagedDaemon${kind}`).length;
  }

  private async setAlarm(state: 'OK' | 'ALARM', reason: string): Promise<void> {
    await this.sandbox.call('monitoring', 'SetAlarmState', { AlarmName: ALARM, StateValue: state, StateReason: reason });
  }

  private everyInstanceRuns(tag: string): boolean {
    const { active, daemons } = this.fleet.counts();
    return active === 12 && daemons[tag] === active && Object.keys(daemons).length === 1;
  }
}

type Filter = (event: InstanceEvent) => boolean;

interface Timed { readonly time: string }

const secondsBetween = (from: Timed, to: Timed): number => (Date.parse(to.time) - Date.parse(from.time)) / 1000;

const firstOf = ({ requests }: StepRecord, operation: string): RequestLogEntry =>
  requests.find((request) => request.operation === operation)!;

/** What CloudFormation asked of the custom resources. */
const requestsOfCloudFormation = ({ requests }: StepRecord): RequestLogEntry[] =>
  requests.filter(({ service, operation, caller }) => service === 'lambda' && operation === 'Invoke' && caller === 'cloudformation');

/** The last thing that a function does for a request is to complete its execution, after it has answered. */
const answers = ({ requests }: StepRecord): RequestLogEntry[] =>
  requests.filter(({ service, operation }) => service === 'lambda' && operation === 'CheckpointDurableExecution');

const instancesOf = ({ instanceEvents }: StepRecord, name: InstanceEvent['event'], isMeant: Filter): string[] =>
  instanceEvents.filter((event) => event.event === name && isMeant(event)).map(({ instanceId }) => instanceId);
