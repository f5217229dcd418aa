/** `npm run demo`: `examples/cloudwatch-agent` is deployed, updated, rolled back, tagged and destroyed. */
import { count, Demo, type StepRecord } from '../demo';
import { drainBatches, startsDaemonFirst, stopsDaemonLast } from '../instance-order';
import { leftovers, retained } from '../leftovers';

const STACK = 'CloudWatchAgent';

export default class Everyday extends Demo {
  protected async tell(): Promise<void> {
    await this.create();
    await this.update();
    await this.alarmAndRollback();
    await this.tagsOnly();
    await this.destroy();
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
    this.check('the stack ends in UPDATE_ROLLBACK_COMPLETE', await this.stackStatus(STACK) === 'UPDATE_ROLLBACK_COMPLETE');
    const reason = await this.failureReason(STACK);
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

  private async setAlarm(state: 'OK' | 'ALARM', reason: string): Promise<void> {
    await this.sandbox.call('monitoring', 'SetAlarmState', { AlarmName: 'agent-cpu-high', StateValue: state, StateReason: reason });
  }

  /** From the end of the last batch to the end of the deployment; 0 if that was no success. */
  private bakeMinutes({ instanceEvents }: StepRecord): number {
    const end = this.statusChanges.at(-1);
    const lastBatch = instanceEvents.findLast(({ event }) => event === 'INSTANCE_TERMINATED');
    return end?.status === 'SUCCESSFUL' && lastBatch ? (Date.parse(end.time) - Date.parse(lastBatch.time)) / 60_000 : 0;
  }
}

/** CloudFormation's own rollback begins when the Lambda has answered FAILED, which it does after ECS has ended. */
function noDrainAfterRollback({ requests, instanceEvents }: StepRecord): boolean {
  const calls = requests.filter(({ operation, service }) => service === 'lambda' && operation === 'Invoke');
  const rollback = calls.findLast(({ caller }) => caller === 'cloudformation');
  return rollback !== undefined && calls.filter(({ caller }) => caller === 'cloudformation').length === 2
    && !instanceEvents.some(({ event, time }) => event === 'INSTANCE_DRAINING' && time >= rollback.time);
}
