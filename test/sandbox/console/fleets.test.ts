import { Fleets } from '../../../sandbox/console/fleets';
import { parseCell, type ProviderView } from '../../../sandbox/console/view';
import { countsOf, describe as describeCell } from '../../../sandbox/console/page/words';
import type { Ecs, DeploymentStatusChange } from '../../../sandbox/ecs';
import { timelinesOf } from '../../../timeline/from-sandbox';
import type { StateCounts } from '../../../timeline/model';
import { PlayedRollouts } from '../../timeline/played-rollouts';

/** What the page shows of a capacity provider, from a recording. */
function shown(rollouts: PlayedRollouts): ProviderView {
  const recording = rollouts.recording();
  const fleets = new Fleets({
    instanceEvents: recording.instanceEvents, revisions: () => recording.revisions, fleetNames: [{ cluster: 'apps', capacityProvider: 'managed' }],
  } as unknown as Ecs);
  fleets.read(recording.deploymentChanges as DeploymentStatusChange[]);
  return fleets.views()['apps/managed']!;
}

const STATES: Readonly<Record<keyof StateCounts, string>> = { runs: 'r', uncovered: 'u', starting: 's', draining: 'd' };

function expectAsInTimeline(rollouts: PlayedRollouts): void {
  const { rollouts: [rollout] } = timelinesOf(rollouts.recording()).at(-1)!;
  const { cells, revisions } = shown(rollouts);
  const moment = rollout!.moments.at(-1)!;
  const codes = Object.values(cells).map((cell) => parseCell(cell).slice(0, 2).join(''));
  for (const role of ['new', 'old', 'mid'] as const) {
    for (const [state, letter] of Object.entries(STATES)) {
      const number = codes.filter((code) => code === role[0] + letter).length;
      expect([role, state, number]).toEqual([role, state, moment[role]?.[state as keyof StateCounts] ?? 0]);
    }
  }
  expect(revisions).toEqual(rollout!.revisions);
}

describe('the cells of a fleet', () => {
  test('have the revisions and states of the timeline at every moment of an update', async () => {
    const rollouts = new PlayedRollouts();
    await rollouts.established();
    rollouts.update('1.300.2');
    for (let step = 0; step < 40; step++) {
      await rollouts.advance(45);
      expectAsInTimeline(rollouts);
    }
  });

  test('have those of the timeline while ECS rolls back for an alarm', async () => {
    const rollouts = new PlayedRollouts();
    await rollouts.established();
    rollouts.update('1.300.2');
    await rollouts.advance(431);
    rollouts.setAlarm('ALARM');
    for (let step = 0; step < 20; step++) {
      await rollouts.advance(60);
      expectAsInTimeline(rollouts);
    }
  });

  test('show instances without the daemon while its new image does not start', async () => {
    const rollouts = new PlayedRollouts();
    await rollouts.established();
    rollouts.failStarts('1.300.2');
    rollouts.update('1.300.2');
    for (let step = 0; step < 20; step++) {
      await rollouts.advance(30);
      expectAsInTimeline(rollouts);
    }
  });

  test('have a third colour while an update begins in the batches of an earlier one', async () => {
    const rollouts = new PlayedRollouts();
    await rollouts.established();
    rollouts.update('1.300.2');
    await rollouts.advance(400);
    rollouts.fail('TIMED_OUT: the rollout took too long');
    rollouts.ofStack('UPDATE_ROLLBACK_COMPLETE');
    rollouts.update('1.300.3');
    await rollouts.advance(60);
    expect(shown(rollouts).revisions).toEqual({ new: '1.300.3', mid: '1.300.2', old: '1.300.1' });
  });

  test('are in words what they are in colours', async () => {
    const rollouts = new PlayedRollouts();
    await rollouts.established();
    rollouts.update('1.300.2');
    await rollouts.advance(210);
    const provider = shown(rollouts);
    const [first] = Object.keys(provider.cells);

    expect(countsOf(provider)).toEqual([[3, 'run 1.300.2'], [9, 'run 1.300.1'], [3, 'drain']]);
    expect(describeCell(first!, provider)).toBe(`${first!.slice(-4)}: drains 1.300.1, 2 application tasks, since 04:01:40, ${first}`);
  });
});
