import { AGREEMENT_SECONDS, CLOCK_MARGIN_SECONDS, READ_LAG_SECONDS, secondsSince } from '../../timing';
import { adoptionRecord } from '../facts/adoption-record';
import { isJustSeen, isOlderThanSeen, mayShowLater } from '../facts/newest';
import { hasOwner } from '../facts/ownership';
import type { ObservedDaemon, ObservedDeployment } from '../observation';
import { type Rollout, showsOlderWrites } from '../rollout';
import { lastWriteAt, type State } from '../state';
import type { ConsistencyRules } from './rule';

/** A read of the settings, from which the write is planned. */
export interface PlanRead {
  readonly state: State;
  readonly daemon: ObservedDaemon;
  readonly now: number;
  readonly rollout: Rollout;
}

/** Why the settings are read again before anything is planned. */
export const PLAN_RULES = {
  'own-create-untagged': {
    ids: ['A17', 'A28'],
    reason: 'a daemon that an interrupted create of ours has created would be refused as that of somebody else',
    applies: ({ state, daemon: { tags = {} }, now }) =>
      state.createdDaemon === true && !hasOwner(tags) && secondsSince(lastWriteAt(state), now) < READ_LAG_SECONDS,
  },
  'adoption-not-visible': {
    ids: ['A28'],
    reason: 'a daemon that this request has just adopted would be refused as that of its former owner',
    applies: ({ state: { adoption }, now }) => adoption !== undefined && secondsSince(adoption.since, now) < READ_LAG_SECONDS,
  },
  'adoption-rolled-back-before': {
    ids: ['A28'],
    reason: 'the tags of an adoption that was rolled back a moment ago would be taken for an adoption by this request',
    applies: ({ state, daemon: { tags = {} }, now, rollout }) =>
      adoptionRecord(tags) !== undefined && state.adoption === undefined && secondsSince(rollout.startedAt, now) < READ_LAG_SECONDS,
  },
  'older-than-seen': {
    ids: ['A28'],
    reason: 'a deployment that has ended already would be waited for or replaced',
    applies: ({ state, daemon: { latest }, now }) => latest !== undefined && isOlderThanSeen(state, latest, now),
  },
  'older-than-own-update': {
    ids: ['A28'],
    reason: 'the settings from before our own update would be planned for, and written twice',
    applies: ({ state, daemon: { latestArn }, now }) => state.ecsStarted === 'certainly' && state.write?.command === 'update-daemon'
      && state.write.latestArn === latestArn && secondsSince(lastWriteAt(state), now) < READ_LAG_SECONDS,
  },
  'latest-deployment-unreadable': {
    ids: ['A15', 'A28'],
    reason: 'a deployment that has just begun would be replaced, whoever has begun it',
    applies: ({ state, now }) => mayShowLater(state, now),
  },
  'target-revision-unreadable': {
    ids: ['R41'],
    reason: 'a deployment to the desired settings would be taken for one of somebody else',
    applies: ({ state, now }) => isJustSeen(state, now),
  },
  'fleet-unreadable': {
    ids: ['R41', 'A28'],
    reason: 'instances would be drained although they run the desired settings',
    applies: ({ state, daemon: { latest }, now, rollout }) => secondsSince(changedAt(state, latest, rollout), now) < READ_LAG_SECONDS,
  },
  'absent-once': {
    ids: ['A28'],
    reason: 'a daemon that one read does not return would be created again',
    applies: ({ state, now, rollout }: Omit<PlanRead, 'daemon'>) => isUnconfirmed(state.sightings['daemon-absent'], now, rollout),
  },
  'predecessor-may-still-write': {
    ids: ['FM24', 'A28'],
    reason: 'a late write of the request before would change the daemon after this one has succeeded',
    applies: ({ state, now, rollout }) => isUnconfirmed(state.sightings['daemon-as-desired'], now, rollout),
  },
} satisfies ConsistencyRules<PlanRead>;

/** Two reads have to agree, and reads have to return all that older rollouts have written (FM24). */
const isUnconfirmed = (since: number | undefined, now: number, rollout: Rollout): boolean =>
  since === undefined || secondsSince(since, now) < AGREEMENT_SECONDS || !showsOlderWrites(rollout, now);

/** When something may have changed last that reads do not return yet. */
export const changedAt = (state: State, latest: ObservedDeployment | undefined, { startedAt }: Rollout): number =>
  Math.max(startedAt, lastWriteAt(state), Math.max(latest?.endedAt ?? 0, state.blocker?.endedAt ?? 0) + CLOCK_MARGIN_SECONDS * 1000);
