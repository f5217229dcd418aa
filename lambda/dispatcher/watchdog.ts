import { deliver, type Answer } from '../answer';
import { isNewer, ofSameResource } from '../execution-order';
import { idOfCreate } from '../properties';
import type { CloudFormationRequest } from '../request';
import { refusal, type Surroundings } from './dispatch';
import { SUPERSEDED } from './executions';

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
  const ownStop = status === 'STOPPED' && errorType === SUPERSEDED;
  if (status === 'RUNNING' || status === 'SUCCEEDED' || ownStop || !input) return;
  const request = JSON.parse(input) as CloudFormationRequest;
  const others = ofSameResource(await executions.newest(), name);
  const own = others.find((execution) => execution.name === name) ?? { arn, name, status, startedAt: 0 };
  if (others.some((execution) => isNewer(execution, own))) return log(`${request.LogicalResourceId}: the rollout ended as ${status}; a newer request answers`);
  // the gates behind it find out, and fail the stack with the truth
  if (await executions.hasAnswered(arn)) return log(`${request.LogicalResourceId}: the rollout ended as ${status} after its answer: ${error ?? 'no error was recorded'}`, 'WARN');
  const answer: Answer = {
    ...refusal(request, `the rollout's execution ended as ${status} without an answer: ${error ?? 'no error was recorded'}`),
    PhysicalResourceId: request.PhysicalResourceId ?? idOfCreate(request.ResourceProperties, request.LogicalResourceId),
  };
  log(`${request.LogicalResourceId}: ${answer.Reason}`, answer.Status === 'FAILED' ? 'ERROR' : 'INFO');
  await deliver(put, request, answer);
}
