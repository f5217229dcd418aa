import type { Recording } from '../../sandbox';
import { timelinesOf } from '../../timeline/from-sandbox';
import type { Rollout, Timeline } from '../../timeline/model';
import type { DaemonPlan } from './daemon-plans';
import { boundsOf, RESTS_ON } from './minutes';
import { withoutPlaces } from './summary';

/** The rollouts of a plan that drain instances, on one clock which starts with the first; undefined if there are none. */
export function planTimeline(recording: Recording, plans: readonly DaemonPlan[], startedAt: number): Timeline | undefined {
  const known = new Map(plans.flatMap((plan) => (plan.span ? [[plan.daemonArn, plan] as const] : [])));
  const planned = timelinesOf(recording).filter((timeline) => Date.parse(timeline.startedAt!) >= startedAt)
    .map((timeline) => ({ ...timeline, rollouts: timeline.rollouts.filter(({ daemonArn = '' }) => known.has(daemonArn)) }))
    .filter(({ rollouts }) => rollouts.length > 0);
  const start = Math.min(...planned.map((timeline) => Date.parse(timeline.startedAt!)));
  return merged(planned.map((timeline) => {
    const offset = Date.parse(timeline.startedAt!) - start;
    const rollouts = timeline.rollouts.map((rollout) => plannedRollout(rollout, known.get(rollout.daemonArn!)!));
    const { stackEvents, log } = timeline;
    return laterBy({ version: 1, kind: 'plan', source: 'the sandbox', rollouts, stackEvents, log }, offset);
  }));
}

/** The same on a clock that started so many milliseconds before. */
export const laterBy = (timeline: Timeline, offset: number): Timeline => ({
  ...timeline,
  rollouts: timeline.rollouts.map((rollout) => ({ ...rollout, requestedAt: rollout.requestedAt + offset })),
  stackEvents: timeline.stackEvents.map((event) => ({ ...event, at: event.at + offset })),
  log: timeline.log.map((line) => ({ ...line, at: line.at + offset })),
});

/** One after the other, as the stacks are deployed. */
export function merged(timelines: readonly Timeline[]): Timeline | undefined {
  const [first] = timelines;
  return first && {
    ...first,
    rollouts: timelines.flatMap(({ rollouts }) => rollouts),
    stackEvents: timelines.flatMap(({ stackEvents }) => stackEvents),
    log: timelines.flatMap(({ log }) => log),
  };
}

function plannedRollout(rollout: Rollout, { daemon, span }: DaemonPlan): Rollout {
  return {
    ...rollout,
    cluster: daemon.cluster,
    capacityProviders: daemon.capacityProviders,
    causes: daemon.causes,
    verdict: { ...rollout.verdict, ...(rollout.verdict.reason !== undefined && { reason: withoutPlaces(rollout.verdict.reason) }) },
    estimate: { ...boundsOf(span!), restsOn: RESTS_ON },
  };
}
