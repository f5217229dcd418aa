import { Announcements } from '../../../sandbox/console/page/announcements';
import type { ConsoleView, RolloutView } from '../../../sandbox/console/view';

let said: string[];
let pause: (() => void) | undefined;
let announcements: Announcements;

beforeEach(() => {
  said = [];
  pause = undefined;
  announcements = new Announcements((message) => void said.push(message), (action) => { pause = action; });
});

/** Lets the pause after the last message pass. */
function wait(): void {
  const action = pause;
  pause = undefined;
  action?.();
}

const rollout = (more: Partial<RolloutView>): RolloutView => ({
  sentence: 'Deploying', subLine: '', where: 'agent on apps/managed', stack: 'Agents', shape: 'clock', word: 'Deploying', isRunning: true,
  startedAt: 0, version: 1, ...more,
});

function show(rollouts: Record<string, Partial<RolloutView>>, alarms: Record<string, 'OK' | 'ALARM'> = {}): void {
  announcements.receive({
    rollouts: Object.fromEntries(Object.entries(rollouts).map(([id, view]) => [id, rollout(view)])),
    alarms: Object.fromEntries(Object.entries(alarms).map(([name, state]) => [name, { state, reason: '', since: 0 }])),
  } as unknown as ConsoleView);
}

test('what a page shows at first is not announced', () => {
  show({ a: { batch: '1 of 4 of agent' } }, { errors: 'ALARM' });
  expect(said).toEqual([]);
});

test('beginnings, batches, alarms and ends are announced', () => {
  show({});
  show({ a: {} });
  wait();
  show({ a: { batch: '1 of 4 of agent' } });
  wait();
  show({ a: { batch: '1 of 4 of agent' } }, { errors: 'ALARM' });
  wait();
  show({ a: { isRunning: false, sentence: 'Rolled back: errors went into ALARM' } }, { errors: 'ALARM' });

  expect(said).toEqual([
    'Rollout of agent on apps/managed began.', 'Batch 1 of 4 of agent began.', 'Alarm errors is in ALARM.',
    'agent on apps/managed: Rolled back: errors went into ALARM.',
  ]);
});

test('after a message there is a pause, and then the newest of each rollout is announced in one', () => {
  show({});
  show({ a: {} });
  for (let batch = 1; batch <= 4; batch++) show({ a: { batch: `${batch} of 4 of agent` }, b: { batch: `${batch} of 4 of logger` } });

  expect(said).toHaveLength(1);
  wait();
  expect(said.at(-1)).toBe('Batch 4 of 4 of agent began. Batch 4 of 4 of logger began.');
  wait();
  expect(said).toHaveLength(2);
});

test('of many changes three are announced, and the others counted', () => {
  show({});
  show({ first: {} });
  show(Object.fromEntries(['first', 'a', 'b', 'c', 'd', 'e'].map((id) => [id, { where: id }])));
  wait();

  expect(said.at(-1)).toBe('Rollout of a began. Rollout of b began. Rollout of c began. And 2 more changes.');
});
