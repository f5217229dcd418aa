import type { StageName } from '../../lambda/rollout/stage';
import { diagram, stageDiagram, transitionsOf } from './diagram';
import { FakeDaemonApi, scripted, steady, type Course } from './fake-daemon-api';
import { addDaemon, withDaemon } from './fixtures';
import { createRequest, DAEMON_ARN, deleteRequest, OWNER_TAGS, settings, taskDefinition, updateRequest } from './requests';
import { simulate, type Run } from './simulate';

const endless = scripted([0, 'PENDING', 0], [40, 'IN_PROGRESS', 3]);
const takenBack = (from: number, moved: number): Course =>
  scripted([0, 'IN_PROGRESS', moved], [from, 'ROLLBACK_IN_PROGRESS', 2], [from + 300, 'ROLLBACK_SUCCESSFUL', 0]);
const update = (more = {}) => updateRequest({}, { ...taskDefinition(2), ...more });
const baking = () => updateRequest({}, { ...taskDefinition(2), BakeTimeInMinutes: 10 });
const back = () => updateRequest(taskDefinition(2), {});
const rollingBack = { rollingBack: true };

function daemonWith(course: Course, prepare: (api: FakeDaemonApi) => void = () => undefined): FakeDaemonApi {
  const api = withDaemon();
  api.course = course;
  prepare(api);
  return api;
}

/** After our write a write of the request before it lands, which was on its way. */
function lateWrite(api: FakeDaemonApi, seconds: number) {
  let landed = false;
  return { ...rollingBack, meanwhile: (age: number) => {
    if (landed || api.updates.length === 0 || age < seconds) return;
    landed = true;
    api.course = steady(12);
    api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)));
  } };
}

/** A stack that takes back what a failed update has brought about an hour ago. */
function toTakeBack(course: Course): FakeDaemonApi {
  return daemonWith(course, (api) => {
    api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), steady(12));
    api.now += 4_000_000;
  });
}

const SCENARIOS: readonly [string, () => Promise<Run>, string][] = [
  ['an update with a bake', () => simulate(daemonWith(scripted([0, 'IN_PROGRESS', 3], [300, 'IN_PROGRESS', 12], [900, 'SUCCESSFUL', 12])), baking()),
    'PREFLIGHT APPLYING DEPLOYING BAKING DONE'],
  ['an instance that comes during the bake', () => simulate(daemonWith(scripted([0, 'IN_PROGRESS', 12], [300, 'IN_PROGRESS', 11], [900, 'SUCCESSFUL', 12])), baking()),
    'PREFLIGHT APPLYING DEPLOYING BAKING DEPLOYING DONE'],
  ['nothing to do', () => simulate(withDaemon(), updateRequest({}, { DrainPercent: 50 })), 'PREFLIGHT DONE'],
  ['tags only', () => simulate(withDaemon(), updateRequest({}, { Tags: [{ key: 'a', value: 'b' }] })), 'PREFLIGHT APPLYING DONE'],
  ['a deployment in the way', () => simulate(daemonWith(steady(12), (api) => {
    api.deployByHand(DAEMON_ARN, settings(taskDefinition(9)));
    api.now += 10_000;
  }), update({ DrainPercent: 50 })), 'PREFLIGHT WAITING_TURN APPLYING DEPLOYING DONE'],
  ['a deployment in the way that does not end', () => simulate(daemonWith(endless, (api) => {
    api.deployByHand(DAEMON_ARN, settings(taskDefinition(9)));
    api.now += 10_000;
  }), update()), 'PREFLIGHT WAITING_TURN DONE'],
  ['an update that ECS refuses for a while', () => simulate(daemonWith(steady(12), (api) => {
    const end = api.now + 10_000;
    api.refuse = (call) => call === 'updateDaemon' && api.now < end
      ? { kind: 'refused', name: 'ClientException', message: 'The daemon has a deployment in progress.' } : undefined;
  }), update()), 'PREFLIGHT APPLYING WAITING_TURN APPLYING DEPLOYING DONE'],
  ['an alarm that fires right before the write', () => simulate(daemonWith(steady(12), (api) => {
    api.addAlarm('errors');
    let reads = 0;
    api.refuse = (call) => {
      if (call === 'describeAlarms' && ++reads === 2) api.addAlarm('errors', 'ALARM', 'just now');
      return undefined;
    };
  }), updateRequest({ AlarmNames: ['errors'] }, { AlarmNames: ['errors'], ...taskDefinition(2) })), 'PREFLIGHT APPLYING PREFLIGHT DONE'],
  ['an update that ECS takes back in a batch', () => simulate(daemonWith(takenBack(400, 3)), update()), 'PREFLIGHT APPLYING DEPLOYING ROLLING_BACK DONE'],
  ['an update that ECS takes back in the bake', () => simulate(daemonWith(takenBack(400, 12)), baking()), 'PREFLIGHT APPLYING DEPLOYING BAKING ROLLING_BACK DONE'],
  ['a stack that rolls back while ECS does', () => simulate(daemonWith(takenBack(40, 3), (api) => {
    api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)));
    api.now += 60_000;
  }), back(), rollingBack), 'PREFLIGHT ROLLING_BACK DONE'],
  ['the same with tags to put back', () => simulate(daemonWith(takenBack(40, 3), (api) => {
    api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)));
    api.now += 60_000;
  }), updateRequest(taskDefinition(2), { Tags: [{ key: 'a', value: 'b' }] }), rollingBack), 'PREFLIGHT APPLYING ROLLING_BACK DONE'],
  ['a late write in the batches', () => {
    const api = toTakeBack(steady(12));
    return simulate(api, back(), lateWrite(api, 200));
  }, 'PREFLIGHT APPLYING DEPLOYING APPLYING DEPLOYING DONE'],
  ['a late write in the bake', () => {
    const api = toTakeBack(scripted([0, 'IN_PROGRESS', 3], [60, 'IN_PROGRESS', 12]));
    return simulate(api, updateRequest(taskDefinition(2), { BakeTimeInMinutes: 30 }), lateWrite(api, 200));
  }, 'PREFLIGHT APPLYING DEPLOYING BAKING APPLYING DEPLOYING DONE'],
  ['a late write while ECS rolls ours back', () => {
    const api = toTakeBack(scripted([0, 'IN_PROGRESS', 3], [60, 'ROLLBACK_IN_PROGRESS', 2]));
    return simulate(api, back(), lateWrite(api, 200));
  }, 'PREFLIGHT APPLYING DEPLOYING ROLLING_BACK APPLYING DEPLOYING DONE'],
  ['a create whose earlier try is under way', () => {
    const api = new FakeDaemonApi();
    api.put(DAEMON_ARN, settings(), OWNER_TAGS);
    api.now += 60_000;
    return simulate(api, createRequest());
  }, 'PREFLIGHT DEPLOYING DONE'],
  ['a create that was cut off, and that ECS takes back', () => {
    const api = new FakeDaemonApi();
    api.course = scripted([0, 'STOP_REQUESTED', 0], [200, 'STOPPED', 0]);
    return simulate(api, createRequest(), { cut: () => 'after' });
  }, 'PREFLIGHT APPLYING WAITING_TURN DEPLOYING DONE'],
  ['a delete', () => simulate(withDaemon(), deleteRequest()), 'PREFLIGHT DRAINING DONE'],
  ['a delete while another daemon rolls out', () => simulate(daemonWith(steady(12), (api) => {
    const other = DAEMON_ARN.replace('/agent', '/other');
    addDaemon(api, other);
    api.deployByHand(other, settings(taskDefinition(9)));
    api.now += 10_000;
  }), deleteRequest()), 'PREFLIGHT DRAINING WAITING_TURN DRAINING DONE'],
  ['the rollback of a change of name', () => {
    const api = withDaemon();
    addDaemon(api, DAEMON_ARN.replace('/agent', '/agent-2'));
    return simulate(api, updateRequest({ DaemonName: 'agent-2' }, {}, DAEMON_ARN), rollingBack);
  }, 'PREFLIGHT DRAINING PREFLIGHT DONE'],
];

test.each(SCENARIOS)('%s follows a path of the diagram (FM19)', async (_name, run, way) => {
  const { phases } = await run();
  expect(phases.join(' ')).toBe(way);
  const transitions = transitionsOf(phases);
  expect(diagram()).toEqual(expect.arrayContaining(transitions));
});

test('each path of the diagram is followed by one of the rollouts', async () => {
  const taken = new Set<string>();
  for (const [, run] of SCENARIOS) for (const transition of transitionsOf((await run()).phases)) taken.add(transition);
  expect(diagram().filter((transition) => !taken.has(transition))).toEqual([]);
  expect(new Set(diagram()).size).toBe(diagram().length);
});

test('lambda/README.md shows each stage that the compiler knows, and no other', () => {
  const stages: Readonly<Record<StageName, true>> = {
    'plan': true, 'await-deployment': true, 'preflight': true, 'turn': true, 'write': true, 'confirm-write': true, 'watch': true, 'verify': true,
    'drain': true, 'release': true, 'write-stack-tags': true,
  };
  const shown = stageDiagram().flatMap((move) => move.split(' --> ')).filter((name) => name !== '[*]');
  expect([...new Set(shown)].sort()).toEqual(Object.keys(stages).sort());
});
