import { measuresOf } from './measures';
import {
  REVISION_ROLES, type Elapsed, type Measures, type Moment, type Outcome, type RevisionRole, type Rollout, type StateCounts, type Timeline,
} from './model';

/** All rollouts of a timeline as one: the sum of their counts, on the clock of the timeline. */
export interface Overall {
  /** The rollout that decides how all of it ended. */
  readonly decisive: Rollout;
  readonly outcome: Outcome;
  readonly instances?: number;
  /** From the start of the timeline to the end of the last rollout. */
  readonly duration: Elapsed;
  readonly moments: readonly Moment[];
  readonly measures: Measures;
}

/** The worst first: one rollout that was rolled back decides for all. */
const DECISIVE: readonly Outcome[] = [
  'FAILED', 'ROLLED_BACK', 'TIMED_OUT', 'STALLED', 'RUNNING', 'SUPERSEDED', 'SUCCEEDED', 'UNCHANGED', 'NOT_BEGUN',
];

/** Sums up the rollouts of a timeline, of which there must be one at least. */
export function overallOf({ rollouts }: Timeline): Overall {
  const [first] = rollouts;
  if (!first) throw new Error('a timeline must have at least one rollout');
  const decisive = decisiveOf(rollouts);
  const duration = Math.max(...rollouts.filter(({ verdict }) => verdict.outcome !== 'NOT_BEGUN').map(endOf), 0);
  if (rollouts.length === 1) {
    const { instances, moments, measures } = first;
    return { decisive, outcome: decisive.verdict.outcome, instances, duration, moments, measures };
  }
  const moments = mergedMoments(rollouts);
  const sum = (count: (measures: Measures) => number | undefined): number =>
    rollouts.reduce((total, { measures }) => total + (count(measures) ?? 0), 0);
  const known = rollouts.every(({ instances }) => instances !== undefined);
  return {
    decisive,
    outcome: decisive.verdict.outcome,
    ...(known && { instances: rollouts.reduce((total, { instances }) => total + instances!, 0) }),
    duration, moments,
    measures: {
      ...measuresOf(moments, duration, {
        ...(rollouts.every(({ measures: { drains } }) => drains !== undefined) && {
          drains: sum(({ drains }) => drains), rollbackDrains: sum(({ rollbackDrains }) => rollbackDrains),
        }),
      }),
      ran: sum(({ ran }) => ran), // each place counts by itself: they need not have run it at the same time
    },
  };
}

export const endOf = ({ requestedAt, duration }: Rollout): Elapsed => requestedAt + duration;

/** Among equals, what ECS rolled back comes before what the stack took back for it. */
function decisiveOf(rollouts: readonly Rollout[]): Rollout {
  const rank = ({ verdict: { outcome, rolledBackBy } }: Rollout): number => DECISIVE.indexOf(outcome) + (rolledBackBy === 'stack' ? 0.5 : 0);
  return rollouts.reduce((worst, rollout) => rank(rollout) < rank(worst) ? rollout : worst);
}

/** Before its first moment and after its last one a rollout counts as it stands there. */
export function mergedMoments(rollouts: readonly Rollout[]): Moment[] {
  const all = rollouts.flatMap(({ moments, requestedAt }) => moments.map(({ at }) => at + requestedAt));
  const times = [...new Set(all)].sort((one, other) => one - other);
  const positions = rollouts.map(() => 0);
  return times.map((at) => {
    const present = rollouts.flatMap(({ moments, requestedAt }, index) => {
      while (moments[positions[index]! + 1] && moments[positions[index]! + 1]!.at + requestedAt <= at) positions[index]!++;
      return moments[positions[index]!] ?? [];
    });
    const sums = Object.fromEntries(REVISION_ROLES.map((role) => [role, sumOf(present, role)])) as Record<RevisionRole, StateCounts>;
    const hasMid = present.some(({ mid }) => mid);
    return {
      at, new: sums.new, old: sums.old, ...(hasMid && { mid: sums.mid }),
      applicationTasks: present.reduce((sum, { applicationTasks }) => sum + applicationTasks, 0),
    };
  });
}

function sumOf(moments: readonly Moment[], role: RevisionRole): StateCounts {
  const sum = (state: keyof StateCounts): number => moments.reduce((total, moment) => total + (moment[role]?.[state] ?? 0), 0);
  return { runs: sum('runs'), uncovered: sum('uncovered'), starting: sum('starting'), draining: sum('draining') };
}
