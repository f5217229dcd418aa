import { createRetryStrategy, type DurableContext } from '@aws/durable-execution-sdk-js';
import { ROLLBACK_STEP } from '../answer';
import type { DaemonResourceType } from '../contract';
import type { Log } from '../log';
import type { CloudFormationRequest } from '../request';
import { distrust, isInOperation } from '../trust';
import { faultOf } from './fault';
import { ANSWER_WITHIN_MINUTES, beginningOf, type Start } from './rollout';
import { isRollingBack, operationBegan, type StackApi, type StackDescription } from './stack';
import { READ_LAG_SECONDS, secondsSince, SETTLING_SECONDS } from './state';

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

const patient = { retryStrategy: createRetryStrategy({ maxAttempts: 7, initialDelay: { seconds: 2 }, maxDelay: { seconds: 60 } }) };

/** The body gives up by itself when the answer is due. */
const untilDue = {
  retryStrategy: (_error: Error, attempt: number) => ({ shouldRetry: attempt < 1000, delay: { seconds: Math.min(2 * attempt, 15) } }),
};

/** The moment and the stack's state are taken once; replay reads them from the steps' results. */
export async function start(
  engine: Pick<DurableContext, 'step'>, request: CloudFormationRequest, around: Surroundings,
): Promise<Start> {
  const { now, logGroup } = around;
  const { startedAt, untrusted } = await engine.step('start', async () => {
    const moment = now();
    return { startedAt: moment, untrusted: distrust(request, moment) };
  }, patient);
  if (untrusted) throw new UntrustedRequest(untrusted);
  const verdict = await engine.step('stack', () => readStack(request, startedAt, around), untilDue);
  if (verdict.untrusted) throw new UntrustedRequest(verdict.untrusted);
  if (verdict.unknown) throw new Error(`whether the stack rolls back could not be read before the answer was due: ${verdict.unknown}`);
  const { rollingBack, operationBeganAt, stackTags } = verdict;
  if (rollingBack) await engine.step(ROLLBACK_STEP, async () => true, patient);
  return { startedAt, rollingBack, operationBeganAt, stackTags, logGroup };
}

/** Throws while another read may tell more, for as long as there is time for it. */
async function readStack(request: CloudFormationRequest, startedAt: number, around: Surroundings): Promise<Verdict> {
  const { now, log } = around;
  const begins = (verdict: Verdict): Verdict => {
    log(`${request.LogicalResourceId}: ${request.RequestType}${verdict.rollingBack ? ' in the rollback of the stack' : ''} begins`);
    return verdict;
  };
  let status = '';
  try {
    const description = await around.stacks.describe(request.StackId);
    ({ status } = description);
    if (isInOperation(status)) {
      return begins({ ...await readRollback(request, status, around.stacks), stackTags: tagsFor(request, description) });
    }
  } catch (error) {
    return begins(bearFault(error, request, startedAt, around));
  }
  const untrusted = `the stack is ${status}, and only an operation of the stack sends requests`;
  // the read may be older than the beginning of the operation
  if (secondsSince(startedAt, now()) < READ_LAG_SECONDS) throw new Error(untrusted);
  return { rollingBack: false, untrusted };
}

const DAEMON_TYPE: DaemonResourceType = 'Custom::ECSManagedDaemon';

/** The tags of a stack that a request may put on its daemon; undefined if CloudFormation does not return them. */
const tagsFor = ({ RequestType, ResourceType }: CloudFormationRequest, { tags }: StackDescription): Start['stackTags'] =>
  RequestType === 'Delete' || ResourceType !== DAEMON_TYPE ? undefined : tags;

async function readRollback(request: CloudFormationRequest, status: string, stacks: StackApi): Promise<Verdict> {
  if (request.RequestType !== 'Update') return { rollingBack: false };
  if (status === '') throw new Error('CloudFormation has returned no status of the stack');
  const rollingBack = await isRollingBack(stacks, request, status);
  return { rollingBack, operationBeganAt: rollingBack ? await operationBegan(stacks, request.StackId).catch(() => undefined) : undefined };
}

/**
 * Only an update may be a part of a rollback, and what is not known of that is read again until the answer is due: a rollback that is
 * taken for an update would be refused by preflight, and leave the stack in UPDATE_ROLLBACK_FAILED.
 *
 * A refusal says that there is no such stack, or that a permission is missing for good: the request is carried out as an ordinary update.
 * Of a create, the tags of the stack are read again for two minutes, which permissions take to spread.
 */
function bearFault(error: unknown, request: CloudFormationRequest, startedAt: number, { now, log }: Surroundings): Verdict {
  const { kind, message } = faultOf(error);
  const isYoung = secondsSince(startedAt, now()) < SETTLING_SECONDS;
  if (request.RequestType === 'Create' && request.ResourceType === DAEMON_TYPE && kind !== 'refused' && isYoung) throw error;
  if (request.RequestType !== 'Update') return { rollingBack: false };
  const isFinal = kind === 'refused' || (kind === 'denied' && !isYoung);
  if (isFinal) {
    log(`${request.LogicalResourceId}: whether the stack rolls back could not be read, so that it is taken not to: ${message}`, 'WARN');
    return { rollingBack: false };
  }
  const dueAt = beginningOf(request, { startedAt }) + ANSWER_WITHIN_MINUTES * 60_000;
  if (now() < dueAt) throw error;
  return { rollingBack: false, unknown: message };
}
