import { uncoveredAt, type Measures, type Moment } from './model';

/** The measures that follow from the counts alone; drains are counted from events. */
export function measuresOf(moments: readonly Moment[], end: number, drains: Pick<Measures, 'drains' | 'rollbackDrains'>): Measures {
  const last = moments.at(-1);
  if (!last) return drains;
  const ranMoments = moments.filter((moment) => moment.new.runs > 0);
  const first = ranMoments[0];
  const lastRan = ranMoments.at(-1);
  const ranUntil = lastRan && lastRan !== last ? moments[moments.indexOf(lastRan) + 1]!.at : undefined;
  return {
    ...drains,
    ran: most(moments, (moment) => moment.new.runs),
    ...(first && { ranFrom: first.at }),
    ...(ranUntil !== undefined && { ranUntil }),
    runsNew: last.new.runs,
    runsOld: last.old.runs,
    draining: last.new.draining + last.old.draining + (last.mid?.draining ?? 0),
    uncovered: { most: most(moments, uncoveredAt), duration: uncoveredFor(moments, end) },
    applicationTasks: {
      start: moments[0]!.applicationTasks,
      fewest: Math.min(...moments.map((moment) => moment.applicationTasks)),
      end: last.applicationTasks,
    },
  };
}

/** How long there was an instance without the daemon. */
export function uncoveredFor(moments: readonly Moment[], end: number): number {
  return moments.reduce((sum, moment, index) => sum + (uncoveredAt(moment) > 0 ? (moments[index + 1]?.at ?? end) - moment.at : 0), 0);
}

const most = (moments: readonly Moment[], count: (moment: Moment) => number): number =>
  moments.reduce((sum, moment) => Math.max(sum, count(moment)), 0);
