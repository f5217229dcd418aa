import { lastPartOf } from '../arn';
import { ANSWER_STEP, deliver, ROLLBACK_STEP, type Answer } from '../answer';
import type { DaemonAttributes, DaemonDeletionGateResourceType, DaemonResourceType } from '../contract';
import { isNewer, ofSameResource } from '../execution-order';
import { hasEnded } from '../executions';
import { idOfCreate } from '../properties';
import { oneLine } from '../reason';
import type { CloudFormationRequest } from '../request';
import { refusal, type Surroundings } from './dispatch';
import { SUPERSEDED } from './executions';

/** Their id is the ARN of the daemon. */
const NAMED_BY_DAEMON: readonly (DaemonResourceType | DaemonDeletionGateResourceType)[] = ['Custom::ECSManagedDaemon', 'Custom::ECSManagedDaemonDeletionGate'];

/** What EventBridge tells about an execution (EN33). */
export interface StatusChange {
  readonly 'detail-type': 'Durable Execution Status Change';
  readonly detail: { readonly durableExecutionArn: string; readonly status: string };
}

export const isStatusChange = (event: unknown): event is StatusChange =>
  (event as Partial<StatusChange> | undefined)?.['detail-type'] === 'Durable Execution Status Change';

/**
 * Answers for an execution that has ended without an answer, so that CloudFormation does not wait out its hour (FM7); never for one
 * that has answered, be it that its rollout continues.
 */
export async function watch({ detail }: StatusChange, { executions, put, log }: Surroundings): Promise<void> {
  const arn = detail.durableExecutionArn;
  const { status, name, input, error, errorType } = await executions.get(arn);
  // who stops an execution for a newer request sees to it that somebody answers
  if (!hasEnded({ status }) || status === 'SUCCEEDED' || errorType === SUPERSEDED || !input) return;
  const request = JSON.parse(input) as CloudFormationRequest;
  const others = ofSameResource(await executions.newest(), name);
  const own = others.find((execution) => execution.name === name) ?? { arn, name, status, startedAt: 0 };
  if (others.some((execution) => isNewer(execution, own))) return log(`${request.LogicalResourceId}: the rollout ended as ${status}; a newer request answers`);
  // the gates behind it find out, and fail the stack with the truth
  if (await executions.hasSucceeded(arn, ANSWER_STEP)) return log(`${request.LogicalResourceId}: the rollout ended as ${status} after its answer: ${error ?? 'no error was recorded'}`, 'WARN');
  const sentence = `the rollout's execution ended as ${status} without an answer: ${error ?? 'no error was recorded'}`;
  const rollsBack = request.RequestType === 'Update' && await executions.hasSucceeded(arn, ROLLBACK_STEP);
  const answer = rollsBack ? degraded(request, arn, sentence) : {
    ...refusal(request, sentence),
    PhysicalResourceId: request.PhysicalResourceId ?? idOfCreate(request.ResourceProperties, request.LogicalResourceId),
  };
  log(`${request.LogicalResourceId}: ${answer.Reason}`, rollsBack ? 'WARN' : 'ERROR');
  await deliver(put, request, answer);
}

/** In the rollback of a stack a failure would leave it in UPDATE_ROLLBACK_FAILED, so that the answer is a loud success (FM11). */
function degraded(request: CloudFormationRequest, executionArn: string, sentence: string): Answer {
  const { ResourceType, ResourceProperties, LogicalResourceId, PhysicalResourceId = '' } = request;
  // gates name the daemon and its rollout, which the next gate asks for
  const DaemonArn = 'DaemonArn' in ResourceProperties ? String(ResourceProperties.DaemonArn) : idOfCreate(ResourceProperties, LogicalResourceId);
  const RolloutArn = 'RolloutArn' in ResourceProperties ? String(ResourceProperties.RolloutArn) : executionArn;
  const isKnown = NAMED_BY_DAEMON.some((type) => type === ResourceType) && DaemonArn.startsWith('arn:');
  const Data: DaemonAttributes = {
    DaemonArn, DaemonName: lastPartOf(DaemonArn), DeploymentArn: '', RevisionArn: '', RolloutArn, Outcome: 'DEGRADED',
  };
  return {
    Status: 'SUCCESS',
    Reason: oneLine(`DEGRADED: the stack's rollback was not completed: ${sentence}`),
    PhysicalResourceId: isKnown ? DaemonArn : PhysicalResourceId,
    Data: { ...Data },
  };
}
