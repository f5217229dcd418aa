import type { Rollout, Timeline } from '../model';
import { alarmMoment, changesOf } from './changes';
import { quietIntervals, timeScale, type Cut, type TimeScale } from './time-scale';

export const X0 = 112;
const X1 = 592;

/** The time axis of one rollout: until its end, its likely end or, of a plan, its latest one. */
export function scaleOf({ kind }: Pick<Timeline, 'kind'>, rollout: Rollout): TimeScale {
  const { duration: until, estimate, verdict } = rollout;
  const later = kind === 'plan' ? estimate?.most : verdict.outcome === 'RUNNING' ? estimate?.likely : undefined;
  const end = Math.max(until, later ?? 0);
  const stall = rollout.phases.find(({ phase }) => phase === 'STALLED');
  const cuts: Cut[] = quietIntervals(changesOf(rollout), stall?.from ?? until, end);
  if (stall && stall.to - stall.from > 0.2 * end) cuts.push({ from: stall.from, to: stall.to, isStall: true });
  const alarm = alarmMoment(rollout);
  return timeScale(X0, X1, end, cuts, [end, ...(alarm === undefined ? [] : [alarm])]);
}
