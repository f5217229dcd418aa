import { CLOCK_MARGIN_SECONDS, READ_LAG_SECONDS, secondsSince } from '../../timing';
import type { ObservedDaemon } from '../observation';
import { type Rollout, showsOlderWrites } from '../rollout';
import type { Deletion } from '../stage';
import type { ConsistencyRules } from './rule';

/** A read of a daemon that is to be deleted. */
export interface DrainRead {
  readonly deletion: Deletion;
  readonly daemon: ObservedDaemon;
  readonly now: number;
  readonly rollout: Rollout;
}

type WithoutDaemon = Omit<DrainRead, 'daemon'>;

/** Why the daemon is read again before its deletion goes on. ECS dates a daemon by another clock than ours. */
export const DRAIN_RULES = {
  'tags-of-earlier-daemon': {
    ids: ['A28'],
    reason: 'a daemon of somebody else would be deleted by the tags of one before it that had its name',
    applies: ({ daemon: { createdAt }, now, rollout }) =>
      createdAt > rollout.startedAt && secondsSince(createdAt, now) < READ_LAG_SECONDS + CLOCK_MARGIN_SECONDS,
  },
  'deletion-not-visible': {
    ids: ['A16', 'A28'],
    reason: 'a deletion that has begun would be requested again',
    applies: ({ deletion: { knownAt }, now }: WithoutDaemon) => knownAt !== undefined && secondsSince(knownAt, now) < READ_LAG_SECONDS,
  },
  'older-writes-not-visible': {
    ids: ['E9', 'A28'],
    reason: 'a daemon that a stopped create has created, or that was adopted a moment ago, would be left behind',
    applies: ({ now, rollout }: WithoutDaemon) => !showsOlderWrites(rollout, now),
  },
  'seen-a-moment-ago': {
    ids: ['A28'],
    reason: 'a daemon would count as gone by reads from before its creation',
    applies: ({ deletion: { createdAt = 0 }, now }: WithoutDaemon) =>
      secondsSince(createdAt, now) < READ_LAG_SECONDS + CLOCK_MARGIN_SECONDS,
  },
} satisfies ConsistencyRules<DrainRead>;
