import { readAnswer } from '../../simulation/oracle/response';
import type { Faults } from '../../simulation/world/faults';
import { Simulation } from '../../simulation/run/simulation';
import { singleDaemonScenario, SCENARIOS } from '../../simulation/scenario/single-daemon';

/** Cuts the reply of every write, and throttles CloudFormation for as long as a permission may take to spread. */
const CUT_AND_UNREADABLE: Faults = {
  choose: ({ service, isWrite, isNew }) => {
    if (service === 'ecs' && isWrite) return 'cut-reply';
    return service === 'cloudformation' && isNew ? 'throttle' : undefined;
  },
};

const ALARM_SECONDS = { from: 35, to: 600 };

test.each(SCENARIOS)('no rule is broken by %s with cut replies, an unreadable CloudFormation, pages of one and an alarm in ALARM', async (_name, create) => {
  const simulation = new Simulation({ ...create(), longestPage: 1 }, { faults: CUT_AND_UNREADABLE });
  const { ecs, clock } = simulation.world;
  let begun = 0;
  ecs.onDeploymentStatus(({ status }) => {
    if (status !== 'PENDING' || ++begun !== 2) return;
    clock.after(ALARM_SECONDS.from, () => simulation.world.setAlarm('errors', 'ALARM'));
    clock.after(ALARM_SECONDS.to, () => simulation.world.setAlarm('errors', 'OK'));
  });
  const { violations, coverage } = await simulation.run();
  expect(violations).toEqual([]);
  expect(coverage.of('fault')).toMatchObject({ 'cut-reply': expect.any(Number), 'throttle': expect.any(Number) });
});

test('a create and an update of a daemon with two deployment alarms succeed under the same faults', async () => {
  const deploy = (image: string) => ({ kind: 'deploy' as const, pause: 400, daemons: [
    { logicalId: 'Agent', name: 'agent', image, providers: ['one'], settings: { DrainPercent: 100, AlarmNames: ['errors', 'latency'] } },
  ] });
  const scenario = { ...singleDaemonScenario(deploy('good:1'), deploy('good:2')), alarms: ['errors', 'latency'], longestPage: 1 };
  const simulation = new Simulation(scenario, { faults: CUT_AND_UNREADABLE });
  expect((await simulation.run()).violations).toEqual([]);
  const [created, updated] = simulation.requests.all.map(({ answers: [answer] }) => readAnswer(answer!.body).outcome);
  expect([created, updated]).toEqual(['SUCCEEDED', 'SUCCEEDED']);
});
