import { type Answer, ANSWER_STEP, deliver, type Put } from '../answer';
import type { Execution } from '../execution';
import { isOutdated, ofSameResource } from '../execution-order';
import { hasEnded } from '../executions';
import type { Log } from '../log';
import { oneLine } from '../reason';
import { parseReport } from '../report';
import { type CloudFormationRequest, executionName, isRequest } from '../request';
import type { StackApi } from '../rollout/aws/stack-api';
import { LIST_LAG_SECONDS } from '../timing';
import { distrust, isInOperation } from '../trust';
import type { Executions } from './executions';
import { isDenied, mayPass } from './settling';

export interface Surroundings {
  readonly executions: Executions;
  readonly stacks: StackApi;
  readonly put: Put;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly sleep: (seconds: number) => Promise<void>;
  readonly log: Log;
}

const LIST_AGAIN_SECONDS = 2;

const STATUS_AGAIN_SECONDS = 5;
/** Lambda delivers the event again one and three minutes later: with those, a status is read again for 200 s. */
const STATUS_SECONDS = 20;

/**
 * Hands a request over to its execution, and sees to it that no older one of the same resource goes on.
 *
 * A request that is older than one that is known is not even started. Others start, then list until the list shows them, and with
 * them all that was started before, and then stop what is older: of two deliveries at once, the later to start sees both. It never
 * touches ECS, and answers only when nobody else will.
 */
export async function dispatch(request: CloudFormationRequest, around: Surroundings): Promise<void> {
  const { log, now } = around;
  if (!isRequest(request)) return log('an event that is no request of CloudFormation is dropped', 'ERROR');
  const suspicion = distrust(request, now());
  if (suspicion) return log(`${request.LogicalResourceId}: the ${request.RequestType} is dropped, and not answered: ${suspicion}`, 'ERROR');
  await untilInOperation(request, around);
  try {
    await handOver(request, around);
  } catch (error) {
    if (!(error instanceof ListDenied)) throw error; // Lambda delivers the event again, which is harmless
    await refuseUnlisted(error.cause, request, around);
  }
}

async function handOver(request: CloudFormationRequest, around: Surroundings): Promise<void> {
  const { executions } = around;
  const name = executionName(request);
  const isOwn = (execution: Execution): boolean => execution.name === name;
  const known = await knownExecutions(name, executions);
  if (known && await isOutdated(arriving('', name), known, executions)) return dropOutdated(known.find(isOwn), request, around);
  const arn = await startExecution(request, known?.find(isOwn), around);
  if (arn === undefined) return;
  const { alive, newest } = await unlessDenied(listedWith(name, around));
  const all = [...alive, ...newest];
  const own = all.find(isOwn) ?? arriving(arn, name);
  if (await isOutdated(own, all, executions)) return dropStarted(own, arn, request, around);
  await stopOlder(alive, request, around);
  // An execution that this delivery has started sends its own answer. Without the first list nobody knows who has started it, and an
  // answer that is sent twice does less harm than one that is missing.
  if (!known || known.some(isOwn)) await answerAgain(request, arn, alive, around);
}

/** The permission to list executions is missing: without it no rollout starts. */
class ListDenied extends Error {}

const unlessDenied = <T>(list: Promise<T>): Promise<T> => list.catch((error: unknown) => {
  throw isDenied(error) ? new ListDenied((error as Error).message, { cause: error }) : error;
});

/** The executions before this delivery; undefined if they cannot be read, since the list after the start returns them too. */
async function knownExecutions(name: string, executions: Executions): Promise<Execution[] | undefined> {
  try {
    return ofSameResource(await unlessDenied(executions.newest()), name);
  } catch (error) {
    if (error instanceof ListDenied) throw error;
    return undefined;
  }
}

/** Starts the execution of a request, and returns its ARN; undefined if nothing is left to do. */
async function startExecution(
  request: CloudFormationRequest, known: Execution | undefined, { executions, put, log, now }: Surroundings,
): Promise<string | undefined> {
  const name = executionName(request);
  try {
    return await executions.start(name, JSON.stringify(request));
  } catch (error) {
    if (isAtWork(error)) {
      log(`${request.LogicalResourceId}: the request is being carried out already`);
      return undefined;
    }
    const started = known ?? await find(executions, name).catch(() => undefined);
    if (started) return started.arn; // only the reply was lost, or an earlier delivery has started it
    if (mayPass(error, request, now())) throw leftToNextDelivery(error, request, log);
    const refused = refusal(request, `the rollout could not be started: ${(error as Error).message}`);
    log(`${request.LogicalResourceId}: ${refused.Reason}`, 'ERROR');
    await deliver(put, request, refused);
    return undefined;
  }
}

async function dropStarted(own: Execution, arn: string, request: CloudFormationRequest, { executions, log }: Surroundings): Promise<void> {
  log(`${request.LogicalResourceId}: a newer request of the same resource is known; this one is dropped`);
  if (!hasEnded(own)) await stop(executions, arn, 'by a newer request');
}

async function stopOlder(alive: readonly Execution[], request: CloudFormationRequest, { executions, log }: Surroundings): Promise<void> {
  const name = executionName(request);
  const older = new Map(alive.filter((execution) => execution.name !== name).map((execution) => [execution.arn, execution]));
  for (const execution of older.values()) {
    log(`${request.LogicalResourceId}: stops the rollout of the request before this one`);
    await stop(executions, execution.arn, `by ${name}`);
  }
}

/** Throws if the stack is in no operation: CloudFormation sends no request then. A status that cannot be read never refuses. */
async function untilInOperation(request: CloudFormationRequest, { stacks, log, now, sleep }: Surroundings): Promise<void> {
  const began = now();
  let lastStatus = '';
  for (;;) {
    // a read that fails does not refute an earlier one
    const { status } = await stacks.describe(request.StackId).catch(() => ({ status: lastStatus }));
    if (isInOperation(status)) return;
    lastStatus = status;
    if (now() - began >= STATUS_SECONDS * 1000) {
      const message = `the stack is ${status}, and only an operation of the stack sends requests`;
      log(`${request.LogicalResourceId}: the ${request.RequestType} is dropped unless a later delivery meets an operation: ${message}`, 'ERROR');
      throw new Error(message);
    }
    await sleep(STATUS_AGAIN_SECONDS);
  }
}

/** Older executions that cannot be listed cannot be stopped either. The execution of an earlier delivery may have answered. */
async function refuseUnlisted(error: unknown, request: CloudFormationRequest, around: Surroundings): Promise<void> {
  const { executions, put, log, now } = around;
  if (mayPass(error, request, now())) throw leftToNextDelivery(error, request, log);
  const sentence = `older rollouts of this resource could not be listed: ${(error as Error).message}`;
  if (await hasAnswered(request, executions)) return log(`${request.LogicalResourceId}: ${sentence}; the request is answered already`, 'WARN');
  const refused = refusal(request, sentence);
  log(`${request.LogicalResourceId}: ${refused.Reason}`, 'ERROR');
  await deliver(put, request, refused);
}

/** Stops the execution of a request, and returns whether it has answered. One is known without a list by starting it again (EN10). */
async function hasAnswered(request: CloudFormationRequest, executions: Executions): Promise<boolean> {
  try {
    const arn = await executions.start(executionName(request), JSON.stringify(request));
    await executions.stop(arn, 'older rollouts could not be listed').catch(() => undefined);
    return await executions.hasSucceeded(arn, ANSWER_STEP);
  } catch (error) {
    return isAtWork(error); // else a second answer does less harm than none
  }
}

/** One that is not listed yet is the latest to arrive. */
const arriving = (arn: string, name: string): Execution => ({ arn, name, status: 'RUNNING', startedAt: Number.POSITIVE_INFINITY });

/** An earlier delivery of the request may have begun it, before the newer one was listed, and have died right after. */
async function dropOutdated(
  begun: Execution | undefined, { LogicalResourceId }: CloudFormationRequest, { executions, log }: Surroundings,
): Promise<void> {
  if (!begun || hasEnded(begun)) return log(`${LogicalResourceId}: a newer request of the same resource is known; this one is not started`);
  log(`${LogicalResourceId}: a newer request of the same resource is known; this one, which was started before, is dropped`);
  await stop(executions, begun.arn, 'by a newer request');
}

/**
 * The executions of the same resource, once its own is among them, or should be.
 *
 * Those that are alive are listed after it was found, so that none is missing that was started before. The filter of that list knows
 * no status that is new to us: what the other list shows alive counts too.
 */
async function listedWith(name: string, { executions, now, sleep }: Surroundings): Promise<{ alive: Execution[]; newest: Execution[] }> {
  const began = now();
  for (;;) {
    const newest = ofSameResource(await executions.newest(), name);
    const listed = ofSameResource(await executions.alive(), name);
    const isListed = [...newest, ...listed].some((execution) => execution.name === name);
    if (isListed || now() - began >= LIST_LAG_SECONDS * 1000) {
      return { alive: [...listed, ...newest.filter((execution) => !hasEnded(execution))], newest };
    }
    await sleep(LIST_AGAIN_SECONDS);
  }
}

/** Whether an execution of this name is at work on the request, which is never answered with FAILED then (FM2). */
const isAtWork = (error: unknown): boolean => (error as Error).name === 'DurableExecutionAlreadyStartedException';

async function find(executions: Executions, name: string): Promise<Execution | undefined> {
  const isIt = (execution: Execution): boolean => execution.name === name;
  return (await executions.alive()).find(isIt) ?? (await executions.newest()).find(isIt);
}

/** The handler fails, and Lambda delivers the event again. */
function leftToNextDelivery(error: unknown, request: CloudFormationRequest, log: Surroundings['log']): unknown {
  log(`${request.LogicalResourceId}: not possible yet, left to the next delivery: ${(error as Error).message}`, 'WARN');
  return error;
}

/** The closed execution of a request that is delivered once more tells what was answered (FM2). */
async function answerAgain(
  request: CloudFormationRequest, arn: string, alive: readonly Execution[], around: Surroundings,
): Promise<void> {
  const { executions, put, log } = around;
  if (!arn || alive.some((execution) => execution.arn === arn)) return;
  const { result } = await executions.get(arn);
  const answer = result && parseReport(result).answer;
  if (!answer) return;
  log(`${request.LogicalResourceId}: delivered again after its end; its answer is sent again`);
  await deliver(put, request, answer);
}

/** An execution that has ended in the meantime cannot be stopped, and need not be. */
async function stop(executions: Executions, arn: string, reason: string): Promise<void> {
  try {
    await executions.stop(arn, reason);
  } catch (error) {
    if (!hasEnded(await executions.get(arn).catch(() => ({ status: 'RUNNING' })))) throw error;
  }
}

export const refusal = (request: CloudFormationRequest, sentence: string): Answer => ({
  Status: 'FAILED',
  Reason: oneLine(sentence),
  PhysicalResourceId: request.PhysicalResourceId ?? `${request.LogicalResourceId}-not-started`,
});
