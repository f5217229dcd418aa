import { CLOCK_MARGIN_SECONDS, EMPTY_PROVIDER_SECONDS, secondsSince } from '../../timing';
import type { DeploymentStatus, ObservedDeployment } from '../observation';
import type { Rollout } from '../rollout';

/** How far a status is on its way; only greater ranks are believed (A28). A terminal status is judged apart (A29). */
export const RANKS: Readonly<Record<DeploymentStatus, number>> = {
  PENDING: 0,
  IN_PROGRESS: 1,
  STOP_REQUESTED: 2,
  ROLLBACK_IN_PROGRESS: 3,
  SUCCESSFUL: 4,
  STOPPED: 4,
  ROLLBACK_SUCCESSFUL: 4,
  ROLLBACK_FAILED: 4,
};

/** How far a deployment certainly is: what ends it may turn out otherwise (A11, A29), but nothing that goes back goes forward again. */
export function certainRank(status: DeploymentStatus): number {
  if (status === 'SUCCESSFUL') return RANKS.IN_PROGRESS;
  return isOver({ status }) ? RANKS.STOP_REQUESTED : RANKS[status];
}

/** Where the daemon has failed to start there are instances, though they do not register (R28). */
export const awaitsInstances = ({ status, target, sources, failureCount }: ObservedDeployment): boolean => status === 'PENDING' && failureCount === 0
  && [target, ...sources].every((counts) => !counts || counts.running + counts.withoutDaemon + counts.draining === 0);

/** Whether a deployment has waited so long for instances that nobody may ever launch them (A10): to replace it drains nothing. */
export const lacksInstances = (deployment: ObservedDeployment, now: number): boolean =>
  awaitsInstances(deployment) && secondsSince(deployment.createdAt, now) >= EMPTY_PROVIDER_SECONDS;

/** A status that is new to us ends nothing (A33). */
export const isOver = ({ status }: Pick<ObservedDeployment, 'status'>): boolean => RANKS[status as DeploymentStatus] === RANKS.SUCCESSFUL;

/** Whether a deployment is certainly in progress: a status that is absent or new to us does not tell (A38). */
export const isUnderWay = ({ status }: Pick<ObservedDeployment, 'status'>): boolean => status in RANKS && !isOver({ status });

/** ECS may call a deployment SUCCESSFUL before its bake, in which it still watches the alarms and takes it back should one fire (A11). */
export function bakesOn({ status, endedAt, alarmsStatus, configuration }: ObservedDeployment, now: number, { desired }: Rollout): boolean {
  const { bakeTimeInMinutes = desired.BakeTimeInMinutes, alarmNames = [] } = configuration;
  const mayWatch = ['MONITORING', 'TRIGGERED'].includes(alarmsStatus) || (alarmsStatus === '' && endedAt !== undefined && alarmNames.length > 0);
  const mayBake = endedAt === undefined || secondsSince(endedAt, now) < bakeTimeInMinutes * 60 + CLOCK_MARGIN_SECONDS;
  return status === 'SUCCESSFUL' && mayWatch && bakeTimeInMinutes > 0 && mayBake;
}
