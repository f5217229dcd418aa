import { secondsSince } from '../../timing';
import type { Phase } from '../decision';
import type { Observation, RevisionCounts } from '../observation';
import type { Rollout } from '../rollout';
import { type Seconds, type State, type Timeline, watchedOf } from '../state';

const MOST_PHASES = 24;
const MOST_BATCHES = 24;
const MOST_ALARMS = 3;
const REASON_LENGTH = 200;
const BEGINNING: Timeline = { phases: [['PREFLIGHT', 0]], batches: [], alarms: [] };

/** Takes down what this look has changed. */
export function withTimeline(state: State, seen: Observation, now: number, rollout: Rollout): State {
  const at = Math.round(secondsSince(rollout.startedAt, now));
  const before = state.timeline ?? BEGINNING;
  return {
    ...state,
    timeline: {
      phases: phases(before.phases, state.phase, at),
      batches: batches(before.batches, state, at),
      alarms: alarms(before.alarms, state, at),
      coverage: coverage(seen) ?? before.coverage,
    },
  };
}

/** Of very many the first and the last are kept. */
function phases(before: Timeline['phases'], phase: Phase, at: Seconds): Timeline['phases'] {
  if (before.at(-1)![0] === phase) return before;
  const all: Timeline['phases'] = [...before, [phase, at]];
  return all.length <= MOST_PHASES ? all : all.toSpliced(MOST_PHASES / 2, 1);
}

/** Of very many every other is kept. */
function batches(before: Timeline['batches'], state: State, at: Seconds): Timeline['batches'] {
  const watched = watchedOf(state);
  if (!watched || watched.direction !== 'forward' || watched.updatedInstances <= (before.at(-1)?.[0] ?? 0)) return before;
  const all: Timeline['batches'] = [...before, [watched.updatedInstances, watched.totalInstances, at]];
  return all.length <= MOST_BATCHES ? all : all.filter((_, index) => index % 2 === 0);
}

function alarms(before: Timeline['alarms'], state: State, at: Seconds): Timeline['alarms'] {
  const fired = watchedOf(state)?.alarm;
  if (!fired) return before;
  const reason = fired.reason.slice(0, REASON_LENGTH);
  const known = before.find(({ name }) => name === fired.name);
  if (known) return reason === '' ? before : before.map((alarm) => alarm === known ? { ...alarm, reason } : alarm);
  return before.length < MOST_ALARMS ? [...before, { name: fired.name, reason, at }] : before;
}

function coverage({ daemon, deployment }: Observation): Timeline['coverage'] {
  const counts: readonly RevisionCounts[] = daemon && daemon !== 'absent' ? daemon.revisions
    : deployment && deployment !== 'missing' && deployment.target ? [deployment.target, ...deployment.sources] : [];
  if (counts.length === 0) return undefined;
  const sum = (count: 'running' | 'withoutDaemon'): number => counts.reduce((totalInstances, revision) => totalInstances + revision[count], 0);
  return { running: sum('running'), withoutDaemon: sum('withoutDaemon') };
}
