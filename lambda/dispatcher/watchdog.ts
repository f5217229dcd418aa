import { lastPartOf } from '../arn';
import { ANSWER_STEP, deliver, ROLLBACK_STEP, type Answer } from '../answer';
import type { DaemonAttributes, DaemonDeletionGateResourceType, DaemonResourceType } from '../contract';
import type { Execution } from '../execution';
import { isOutdated, ofSameResource } from '../execution-order';
import { hasEnded } from '../executions';
import { idOfCreate } from '../properties';
import { oneLine } from '../reason';
import { isRequest, type CloudFormationRequest } from '../request';
import { isRollingBack } from '../rollout/observe/stack';
import { distrust } from '../trust';
import { refusal, type Surroundings } from './dispatch';
import { SUPERSEDED } from './executions';
import { repliedAt } from './settling';

/** Their id is the ARN of the daemon. */
const NAMED_BY_DAEMON: readonly (DaemonResourceType | DaemonDeletionGateResourceType)[] = ['Custom::ECSManagedDaemon', 'Custom::ECSManagedDaemonDeletionGate'];

/** What EventBridge tells about an execution (EN33). */
export interface StatusChange {
  readonly 'detail-type': 'Durable Execution Status Change';
  /** When it ended, in ISO 8601. */
  readonly time?: string;
  readonly detail: { readonly durableExecutionArn: string; readonly status: string };
}

export const isStatusChange = (event: unknown): event is StatusChange =>
  (event as Partial<StatusChange> | undefined)?.['detail-type'] === 'Durable Execution Status Change';

/**
 * Answers for an execution that has ended without an answer, so that CloudFormation does not wait out its hour (FM7); never for one
 * that has answered, be it that its rollout continues.
 */
export async function watch(event: StatusChange, around: Surroundings): Promise<void> {
  const { executions, put, log, now } = around;
  const arn = (event.detail as Partial<StatusChange['detail']> | undefined)?.durableExecutionArn;
  if (typeof arn !== 'string') return log('a status change that names no execution is ignored', 'ERROR');
  const execution = await executions.get(arn);
  const { status, input, error = 'no error was recorded', errorType } = execution;
  // The caller that stops an execution for a newer request ensures that CloudFormation gets an answer.
  if (!hasEnded({ status }) || status === 'SUCCEEDED' || errorType === SUPERSEDED || !input) return;
  const request = parse(input);
  if (!isRequest(request)) return log(`the execution ${arn} ended as ${status}, and its input is no request of CloudFormation`, 'ERROR');
  const suspicion = distrust(request, now());
  if (suspicion) return log(`${request.LogicalResourceId}: the rollout ended as ${status}, and is not answered for: ${suspicion}`, 'ERROR');
  if (await hasNewer(arn, execution, executions)) return log(`${request.LogicalResourceId}: the rollout ended as ${status}; a newer request answers`);
  // The gates behind it find out, and fail the stack with the truth.
  if (await executions.hasSucceeded(arn, ANSWER_STEP)) return log(`${request.LogicalResourceId}: the rollout ended as ${status} after its answer: ${error}`, 'WARN');
  const rollsBack = request.RequestType === 'Update' && (await executions.hasSucceeded(arn, ROLLBACK_STEP) || await readRollback(request, event, around));
  const answer = answerFor(request, arn, `the rollout's execution ended as ${status} without an answer: ${error}`, rollsBack);
  log(`${request.LogicalResourceId}: ${answer.Reason}`, rollsBack ? 'WARN' : 'ERROR');
  await deliver(put, request, answer);
}

async function hasNewer(arn: string, { name, status }: Pick<Execution, 'name' | 'status'>, executions: Surroundings['executions']): Promise<boolean> {
  const others = ofSameResource(await executions.newest(), name);
  return isOutdated(others.find((execution) => execution.name === name) ?? { arn, name, status, startedAt: 0 }, others, executions);
}

const answerFor = (request: CloudFormationRequest, arn: string, sentence: string, rollsBack: boolean): Answer => rollsBack
  ? degraded(request, arn, sentence)
  : {
      ...refusal(request, sentence),
      PhysicalResourceId: request.PhysicalResourceId ?? idOfCreate(request.ResourceProperties, request.LogicalResourceId),
    };

function parse(input: string): unknown {
  try {
    return JSON.parse(input);
  } catch {
    return undefined;
  }
}

const AGAIN_SECONDS = 5;
/** The time of the function is two minutes. */
const MOST_SECONDS = 60;
/** A second delivery of the event, a minute after the first has failed, comes to its end later than this. */
const LAST_DELIVERY_SECONDS = 170;

/**
 * Whether the stack rolls back. An execution that was denied its first checkpoint has not recorded it.
 *
 * Throws for another delivery of the event if that cannot be read. The last one takes it for no: silence would fail the resource as well.
 */
async function readRollback(
  request: CloudFormationRequest, { time }: StatusChange, { stacks, now, sleep, log }: Surroundings,
): Promise<boolean> {
  const began = now();
  for (;;) {
    try {
      return await isRollingBack(stacks, request, (await stacks.describe(request.StackId)).status);
    } catch (error) {
      if (now() - began < MOST_SECONDS * 1000) {
        await sleep(AGAIN_SECONDS);
        continue;
      }
      log(`${request.LogicalResourceId}: whether the stack rolls back could not be read: ${(error as Error).message}`, 'WARN');
      if (time !== undefined && (repliedAt(error) ?? now()) - Date.parse(time) < LAST_DELIVERY_SECONDS * 1000) throw error;
      return false;
    }
  }
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
