/** `npm run demo -- waves`: `examples/waves` rolls out in three waves over two clusters; once the second one fails, once none does. */
import type { InstanceEvent } from 'cdk-ecs-managed-daemons/sandbox';
import { count, Demo, type StepRecord } from '../demo';
import { drainBatches, startsDaemonFirst } from '../instance-order';
import { leftovers, retained } from '../leftovers';

const STACK = 'Waves';
const ALARM = 'shop-errors';
const APP = ['--app', 'node --import tsx examples/waves/app.ts'];

/** The targets in the order of their waves, by the capacity providers that the example gives them. */
const TARGETS = ['CanaryInstances', 'ShopInstances', 'SearchInstances'] as const;
type Target = typeof TARGETS[number];

export default class Waves extends Demo {
  protected async tell(): Promise<void> {
    await this.create();
    await this.secondWaveFails();
    await this.allSucceed();
    await this.destroy();
  }

  private async create(): Promise<void> {
    const step = await this.deploy('1. create: three targets in two clusters', '1.0');
    this.check('cdk deploy succeeds', step.exitCode === 0);
    this.check('twelve instances are up', this.fleet.alive === 12);
    this.check('on every instance the daemon ran before the first application task', startsDaemonFirst(step.instanceEvents));
    this.check('one CreateDaemon for each target', count(step, 'CreateDaemon') === 3);
    await this.setAlarm('OK', 'Threshold Crossed: 1 datapoint [2.0 (22/11/26 16:00:00)] was not greater than the threshold (10.0).');
  }

  private async secondWaveFails(): Promise<void> {
    const stop = this.sandbox.ecs.onInstanceEvent(({ event, image, capacityProvider }) => {
      if (event !== 'DAEMON_TASK_RUNNING' || !image?.endsWith(':2.0-broken') || !isTarget(capacityProvider, 'ShopInstances')) return;
      stop();
      // the canary has baked for half an hour, and nobody has noticed anything
      this.sandbox.clock.after(120, () => void this.setAlarm('ALARM',
        'Threshold Crossed: 3 out of 3 datapoints [31.0, 28.0, 30.0] were greater than the threshold (10.0).'));
    });
    const step = await this.deploy('2. an image that fails in the second wave: the third is left alone, the first is rolled back', '2.0-broken');
    this.check('cdk deploy fails', step.exitCode !== 0);
    this.check('the stack ends in UPDATE_ROLLBACK_COMPLETE', await this.stackStatus(STACK) === 'UPDATE_ROLLBACK_COMPLETE');
    const reason = await this.failureReason(STACK);
    console.log(`\n  The event reads:\n    ${reason}\n`);
    this.check('the event names the alarm and its reason', reason.includes(ALARM) && reason.includes('31.0, 28.0, 30.0'));

    const [canary, shop, search] = this.eventsByTarget(step) as [InstanceEvent[], InstanceEvent[], InstanceEvent[]];
    const images = (events: readonly InstanceEvent[]): string[] => events
      .filter(({ event }) => event === 'DAEMON_TASK_RUNNING').map(({ image }) => image!.split(':').at(-1)!)
      .filter((tag, index, tags) => tag !== tags[index - 1]);
    this.check('the third wave is untouched: no event of its instances, and no request to ECS that names its daemon',
      search.length === 0 && !step.requests.some(({ service, input }) => service === 'ecs' && JSON.stringify(input).includes('-search-')));
    this.check('the first wave ran the new image, and then the old one again', images(canary).join(' → ') === '2.0-broken → 1.0');
    this.check('the second wave began when the first had baked for thirty minutes', minutesBetween(lastBefore(canary, shop[0]!), shop[0]!) >= 30);
    this.check('ECS put the second wave back by itself', images(shop).at(-1) === '1.0');
    this.check('one UpdateDaemon for each of the first two waves, and one that takes the first wave back', count(step, 'UpdateDaemon') === 3);
    this.check('every instance runs the old image', this.everyInstanceRuns('1.0'));
    await this.setAlarm('OK', 'Threshold Crossed: 1 datapoint [1.0 (22/11/26 18:00:00)] was not greater than the threshold (10.0).');
  }

  private async allSucceed(): Promise<void> {
    const step = await this.deploy('3. a good image: one wave after the other', '2.1');
    this.check('cdk deploy succeeds', step.exitCode === 0);
    this.check('one UpdateDaemon for each target', count(step, 'UpdateDaemon') === 3);
    const targets = this.eventsByTarget(step);
    const batches = targets.map((events) => drainBatches(events).map((batch) => batch.length));
    this.check(`batches of the targets: ${batches.map((sizes) => sizes.join(' + ')).join('; ')}`,
      batches.map((sizes) => sizes.join()).join(';') === '1,1;1,1,1,1;2,2,2');
    const pauses = [1, 2].map((wave) => minutesBetween(targets[wave - 1]!.at(-1)!, targets[wave]![0]!));
    this.check(`the second wave began ${pauses[0]!.toFixed()} minutes after the last event of the first, which bakes for 30`, pauses[0]! >= 30);
    this.check(`the third wave began ${pauses[1]!.toFixed()} minutes after the last event of the second, which bakes for 10`, pauses[1]! >= 10);
    this.check('every instance runs the new image', this.everyInstanceRuns('2.1'));
  }

  private async destroy(): Promise<void> {
    const step = await this.step('4. destroy: nothing is left', ['destroy', '--force', ...APP]);
    this.check('cdk destroy succeeds', step.exitCode === 0);
    this.check('no instance is left', this.fleet.alive === 0);
    const left = await leftovers(this.sandbox);
    const logGroups = left.filter((what) => what.startsWith('log group '));
    const revisions = await retained(this.sandbox);
    this.check(`nothing is left but ${logGroups.length} log groups and ${revisions.length} revisions that the template retains`,
      left.length === logGroups.length);
  }

  private deploy(title: string, imageTag: string): Promise<StepRecord> {
    return this.step(title, ['deploy', ...APP, '-c', `imageTag=${imageTag}`]);
  }

  private eventsByTarget({ instanceEvents }: StepRecord): InstanceEvent[][] {
    return TARGETS.map((target) => instanceEvents.filter(({ capacityProvider }) => isTarget(capacityProvider, target)));
  }

  private everyInstanceRuns(tag: string): boolean {
    return this.fleet.alive === 12 && this.fleet.counts().daemons[tag] === 12;
  }

  private async setAlarm(state: 'OK' | 'ALARM', reason: string): Promise<void> {
    await this.sandbox.call('monitoring', 'SetAlarmState', { AlarmName: ALARM, StateValue: state, StateReason: reason });
  }
}

const isTarget = (capacityProvider: string, target: Target): boolean => capacityProvider.includes(target);

/** The last of some events before another one. */
const lastBefore = (events: readonly InstanceEvent[], { time }: InstanceEvent): InstanceEvent =>
  events.findLast((event) => event.time < time)!;

const minutesBetween = (from: InstanceEvent, to: InstanceEvent): number => (Date.parse(to.time) - Date.parse(from.time)) / 60_000;
