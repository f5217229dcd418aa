import { createRetryStrategy, type DurableContext } from '@aws/durable-execution-sdk-js';
import { ROLLBACK_STEP } from '../answer';
import type { DaemonResourceType } from '../contract';
import type { Log } from '../log';
import type { CloudFormationRequest } from '../request';
import { ANSWER_WITHIN_MINUTES, READ_LAG_SECONDS, secondsSince, SETTLING_SECONDS } from '../timing';
import { distrust, isInOperation } from '../trust';
import { faultOf } from './aws/fault';
import type { StackApi, StackDescription } from './aws/stack-api';
import { isRollingBack, operationBegan } from './observe/stack';
import { beginningOf, type Start } from './rollout';

type Engine = Pick<DurableContext, 'step' | 'waitForCondition'>;

interface Surroundings {
  readonly stacks: StackApi;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly log: Log;
  readonly logGroup: string;
}

/** The request is none of CloudFormation's for our stack: it is dropped, and not answered. */
export class UntrustedRequest extends Error {}

/** What the stack says of a request. */
type Verdict = Pick<Start, 'rollingBack' | 'operationBeganAt' | 'stackTags'> & {
  /** Why the request is dropped. */
  readonly untrusted?: string;
  /** Why it is not known whether the stack rolls back, although the answer is due. */
  readonly unknown?: string;
};

/** What the reads of the stack have shown so far. */
interface Reading {
  /** Absent while another read may tell more. */
  readonly verdict?: Verdict;
  /** The status of the last read that succeeded, if it was none of an operation. */
  readonly idle?: string;
}

const patient = { retryStrategy: createRetryStrategy({ maxAttempts: 7, initialDelay: { seconds: 2 }, maxDelay: { seconds: 60 } }) };

/** Records when the execution started, and what makes its request suspicious by itself; a replay reads both from the step's result. */
export const admit = (
  engine: Pick<Engine, 'step'>, request: CloudFormationRequest, { now }: Pick<Surroundings, 'now'>,
): Promise<{ startedAt: number; untrusted?: string }> => engine.step('start', async () => {
  const startedAt = now();
  return { startedAt, untrusted: distrust(request, startedAt) };
}, patient);

/** Reads what the stack of an admitted request does; a replay takes it from the results of the steps. */
export async function start(engine: Engine, request: CloudFormationRequest, startedAt: number, around: Surroundings): Promise<Start> {
  const { verdict } = await engine.waitForCondition<Reading>('stack', (before) => readStack(request, startedAt, before, around), {
    initialState: {},
    waitStrategy: (reading, attempt) => ({ shouldContinue: !reading.verdict, delay: { seconds: Math.min(2 * attempt, 15) } }),
  });
  const { rollingBack, operationBeganAt, stackTags, untrusted, unknown } = verdict!;
  if (untrusted) throw new UntrustedRequest(untrusted);
  if (unknown) throw new Error(`whether the stack rolls back could not be read before the answer was due: ${unknown}`);
  if (rollingBack) await engine.step(ROLLBACK_STEP, async () => true, patient);
  return { startedAt, rollingBack, operationBeganAt, stackTags, logGroup: around.logGroup };
}

/**
 * One read of the stack.
 *
 * A read may be older than the beginning of the operation. One that fails does not refute an earlier one that showed no operation.
 */
async function readStack(request: CloudFormationRequest, startedAt: number, before: Reading, around: Surroundings): Promise<Reading> {
  const { stacks, now, log } = around;
  let { idle } = before;
  let verdict: Verdict | undefined;
  let believedFrom = startedAt + READ_LAG_SECONDS * 1000;
  try {
    const description = await stacks.describe(request.StackId);
    idle = isInOperation(description.status) ? undefined : description.status;
    const read = idle ? undefined : await readRollback(request, description.status, startedAt, around);
    verdict = read && { ...read, stackTags: tagsFor(request, description) };
  } catch (error) {
    if (!idle) verdict = bearFault(error, request, startedAt, around);
    believedFrom = Math.max(believedFrom, dueAt(request, startedAt));
  }
  if (idle) {
    const untrusted = `the stack is ${idle}, and only an operation of the stack sends requests`;
    return now() < believedFrom ? { idle } : { verdict: { rollingBack: false, untrusted } };
  }
  if (verdict) log(`${request.LogicalResourceId}: ${request.RequestType}${verdict.rollingBack ? ' in the rollback of the stack' : ''} begins`);
  return { verdict };
}

const DAEMON_TYPE: DaemonResourceType = 'Custom::ECSManagedDaemon';

/** The tags of a stack that a request may put on its daemon; undefined if CloudFormation does not return them. */
const tagsFor = ({ RequestType, ResourceType }: CloudFormationRequest, { tags }: StackDescription): Start['stackTags'] =>
  RequestType === 'Delete' || ResourceType !== DAEMON_TYPE ? undefined : tags;

/** Undefined if the stack is to be read again. */
async function readRollback(
  request: CloudFormationRequest, status: string, startedAt: number, { stacks, now }: Surroundings,
): Promise<Verdict | undefined> {
  if (request.RequestType !== 'Update') return { rollingBack: false };
  if (status === '') throw new Error('CloudFormation has returned no status of the stack');
  if (!await isRollingBack(stacks, request, status)) return { rollingBack: false };
  try {
    return { rollingBack: true, operationBeganAt: await operationBegan(stacks, request.StackId) };
  } catch (error) {
    // Without this moment the rollback may drain without need: it is read again for two minutes.
    const isReadAgain = faultOf(error).kind !== 'refused' && secondsSince(startedAt, now()) < SETTLING_SECONDS;
    return isReadAgain ? undefined : { rollingBack: true };
  }
}

/**
 * Only an update may be a part of a rollback, and what is not known of that is read again until the answer is due: a rollback that is
 * taken for an update would be refused by preflight, and leave the stack in UPDATE_ROLLBACK_FAILED.
 *
 * A refusal says that there is no such stack, or that a permission is missing for good: the request is carried out as an ordinary update.
 * Of a create, the tags of the stack are read again for two minutes, which permissions take to spread.
 */
function bearFault(error: unknown, request: CloudFormationRequest, startedAt: number, { now, log }: Surroundings): Verdict | undefined {
  const { kind, message } = faultOf(error);
  const isYoung = secondsSince(startedAt, now()) < SETTLING_SECONDS;
  if (request.RequestType === 'Create' && request.ResourceType === DAEMON_TYPE && kind !== 'refused' && isYoung) return undefined;
  if (request.RequestType !== 'Update') return { rollingBack: false };
  const isFinal = kind === 'refused' || (kind === 'denied' && !isYoung);
  if (isFinal) {
    log(`${request.LogicalResourceId}: whether the stack rolls back could not be read, so that it is taken not to: ${message}`, 'WARN');
    return { rollingBack: false };
  }
  return now() < dueAt(request, startedAt) ? undefined : { rollingBack: false, unknown: message };
}

const dueAt = (request: CloudFormationRequest, startedAt: number): number =>
  beginningOf(request, { startedAt }) + ANSWER_WITHIN_MINUTES * 60_000;
