import { READ_LAG_SECONDS, secondsSince, WAIT_SECONDS } from '../../timing';
import type { Fault } from '../aws/fault';
import type { ObservedDeployment } from '../observation';
import { deletionOf, planOf, poll, type State } from '../state';
import { isOver } from '../facts/deployment-status';

/** Whether ECS refuses an update because a deployment is not over (A1, A2); its words for that are not documented. */
export function isRejectedForDeployment({ kind, message }: Fault, state: State): boolean {
  const plan = planOf(state);
  const supersedes = plan?.kind === 'update-daemon' && plan.supersedes === true;
  const namesDeployment = /deployment|rollback|rolling back/i.test(message) && /progress|ongoing|running|active|already/i.test(message);
  return kind === 'refused' && (supersedes || namesDeployment);
}

/**
 * Follows the deployment for which ECS has refused a write to its end, instead of sending the write again and again.
 *
 * Undefined if no deployment is known.
 */
export function waitForRejectingDeployment(state: State, { message }: Fault, now: number): State | undefined {
  const [deploymentArn = state.latestArn] = /arn:[^\s"',;]+:daemon-deployment\/[\w/-]+/.exec(message) ?? [];
  if (!deploymentArn) return undefined;
  const logLines = deploymentArn === state.rejection?.deploymentArn ? []
    : [`${state.phase}: ECS refuses for now: ${message}`, `${state.phase}: waits for the deployment ${deploymentArn} to end`];
  return poll({ ...state, stage: { name: 'await-deployment', deletion: deletionOf(state) }, rejection: { deploymentArn, at: now } }, WAIT_SECONDS, { deployment: deploymentArn }, ...logLines);
}

/** Whether ECS would refuse the write again. The deployment that it means may not show yet (A15), or be a newer one (A28). */
export function stillRejects(deployment: ObservedDeployment | 'missing', refusedAt: number, now: number): boolean {
  const mayShowLater = secondsSince(refusedAt, now) < READ_LAG_SECONDS;
  if (deployment === 'missing') return mayShowLater;
  return !isOver(deployment) || (mayShowLater && (deployment.endedAt === undefined || deployment.endedAt < refusedAt));
}
