import { AGREEMENT_SECONDS, CLOCK_MARGIN_SECONDS, READ_LAG_SECONDS, ROLLBACK_APPEARS_SECONDS, secondsSince } from '../../timing';
import type { ObservedDaemon } from '../observation';
import { type Rollout, showsOlderWrites } from '../rollout';
import type { StateIn } from '../state';
import type { ConsistencyRules } from './rule';

/** A read of the daemon after the end of its deployment. */
export interface VerifyRead {
  readonly state: StateIn<'verify'>;
  readonly daemon: ObservedDaemon;
  readonly now: number;
  readonly rollout: Rollout;
}

type WithoutDaemon = Omit<VerifyRead, 'daemon'>;

/** Why the daemon is read again before the rollout is judged by it. */
export const VERIFY_RULES = {
  'new-daemon-absent': {
    ids: ['A28'],
    reason: 'a daemon that was created a moment ago would count as deleted',
    applies: ({ state: { createdDaemon, stage: { watched } }, now }: WithoutDaemon) =>
      createdDaemon === true && secondsSince(watched.since, now) < READ_LAG_SECONDS,
  },
  'newer-deployment-unreadable': {
    ids: ['A5', 'A15'],
    reason: 'a rollback by ECS would count as a deployment of somebody else',
    applies: ({ state: { stage: { watched, end } }, daemon: { latest }, now }) =>
      latest === undefined && secondsSince(watched.endSeen?.at ?? end.at, now) < READ_LAG_SECONDS,
  },
  'found-deployment-replaced': {
    ids: ['FM24', 'A28'],
    reason: 'an older request would replace the deployment after this rollout has succeeded by it',
    applies: ({ state: { stage: { watched } }, now, rollout }: WithoutDaemon) =>
      watched.isFound && (rollout.previous !== undefined || rollout.rollingBack) && !showsOlderWrites(rollout, now),
  },
  'older-than-end': {
    ids: ['A28', 'FM17'],
    reason: 'what instances ran before the end of the deployment would fail it, and an owner who has adopted the daemon would be missed',
    applies: ({ state: { stage: { end } }, now }: WithoutDaemon) => secondsSince(end.at, now) < READ_LAG_SECONDS,
  },
  'rollback-not-visible': {
    ids: ['A4', 'A5'],
    reason: 'the rollout would fail before the rollback by ECS, which frees the instances, has begun',
    // a first deployment has nothing to go back to
    applies: (read) => read.state.stage.watched.sourceArns.length > 0 && secondsSinceStop(read) < ROLLBACK_APPEARS_SECONDS,
  },
  'missing-once': {
    ids: ['A15', 'A28'],
    reason: 'a deployment that one read does not return would be judged by the daemon alone',
    applies: ({ state: { stage: { end } }, now }: WithoutDaemon) => secondsSince(end.at, now) < AGREEMENT_SECONDS,
  },
} satisfies ConsistencyRules<VerifyRead>;

/** How long ago ECS stopped the deployment. */
export function secondsSinceStop({ state: { stage: { watched, end } }, daemon: { latest }, now }: VerifyRead): number {
  const own = latest?.arn === watched.arn ? latest : undefined;
  return secondsSince(Math.min(end.at, (own?.endedAt ?? now) + CLOCK_MARGIN_SECONDS * 1000), now);
}
