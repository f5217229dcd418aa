import { READ_LAG_SECONDS, secondsSince } from '../../timing';
import { bakesOn, RANKS } from '../facts/deployment-status';
import type { DeploymentStatus, ObservedDeployment } from '../observation';
import type { Rollout } from '../rollout';
import type { WatchedDeployment } from '../stage';
import type { ConsistencyRules } from './rule';

/** A read of the deployment that carries the rollout. */
export interface WatchRead {
  readonly watched: WatchedDeployment;
  readonly deployment: ObservedDeployment;
  /** The status that is believed so far. */
  readonly status: DeploymentStatus;
  readonly now: number;
  readonly rollout: Rollout;
}

/** Why a status of the deployment is not believed yet, or not at all. */
export const WATCH_RULES = {
  'not-visible-yet': {
    ids: ['A15', 'A28'],
    reason: 'a deployment that has just begun would be judged by what the daemon ran before it',
    applies: ({ watched, now }: Pick<WatchRead, 'watched' | 'now'>) => secondsSince(watched.since, now) < READ_LAG_SECONDS,
  },
  'success-before-bake': {
    ids: ['A11'],
    reason: 'a deployment would succeed that ECS may still roll back for an alarm',
    applies: ({ deployment, now, rollout }: Omit<WatchRead, 'status' | 'watched'>) => bakesOn(deployment, now, rollout),
  },
  'status-goes-back': {
    ids: ['A28', 'FM17'],
    reason: 'a deployment that ECS rolls back would be reported as going forward',
    applies: ({ watched, status }) => RANKS[status] < watched.furthestRank,
  },
  'success-before-rollback': {
    ids: ['A11', 'A28'],
    reason: 'a deployment that ECS rolls back after its success would count as successful',
    applies: ({ watched: { furthestRank, direction, endSeen }, status, now }) => status === 'SUCCESSFUL' && furthestRank > RANKS.IN_PROGRESS
      && direction === 'forward' && (endSeen?.status !== status || secondsSince(endSeen.at, now) < READ_LAG_SECONDS),
  },
  'failure-once': {
    ids: ['A29'],
    reason: 'a deployment would fail by a status that ECS corrects',
    applies: ({ watched: { endSeen }, status }: { readonly watched: Pick<WatchedDeployment, 'endSeen'>; readonly status: DeploymentStatus }) =>
      endSeen?.status !== status,
  },
} satisfies ConsistencyRules<WatchRead>;
