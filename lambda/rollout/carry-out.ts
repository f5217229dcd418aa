import { createRetryStrategy, StepSemantics } from '@aws/durable-execution-sdk-js';
import { type Answer, ANSWER_STEP, deliver, deliverable } from '../answer';
import { idOfCreate, PropertiesError } from '../properties';
import { oneLine } from '../reason';
import { DROPPED, type Report } from '../report';
import type { CloudFormationRequest } from '../request';
import { forType, type ResourceType } from '../resource-type';
import { type Engine, logLevelOf, type PolledMachine, pollUntilDecided, type Surroundings } from './engine';
import type { Command, Event, WriteOutcome } from './decision';
import { effectiveRequest } from './facts/subject';
import { begin, responded, step } from './machine';
import { predecessorOf } from './observe/predecessor';
import { aloneSince } from './observe/sole-execution';
import { check, isCheckedApart, perform } from './perform';
import { deletionGate } from './pollers/deletion-gate';
import { instanceCheck } from './pollers/instance-check';
import { advance as advancePoller, begin as beginPoller, type Polled, type Poller, type PollerState } from './pollers/poller';
import { rolloutGate } from './pollers/rollout-gate';
import { type End, type Given, reportedEnd, reportOf } from './report/report';
import { fail } from './report/response';
import { createsDaemon, type Rollout, rolloutOf, type Start } from './rollout';
import { admit, start, UntrustedRequest } from './start';
import type { State } from './state';

/** For a body that gives up by itself, unless it is mistaken. */
const persevering = {
  retryStrategy: (_error: Error, attempt: number) => ({ shouldRetry: attempt < 100, delay: { seconds: Math.min(2 * attempt, 10) } }),
};

/**
 * For as long as CloudFormation listens (EN6): a watchdog would have to tell of a success as of a failure. A stopped execution does not
 * answer (FM9), and whoever asks finds in the history that it has begun to (FM7).
 */
const persistent = {
  semantics: StepSemantics.AtMostOncePerRetry,
  retryStrategy: createRetryStrategy({ maxAttempts: 60, initialDelay: { seconds: 2 }, maxDelay: { seconds: 60 } }),
};

/** Its start is checkpointed before its body runs, so that a stopped execution never writes (EN4). The machine makes it again, or not. */
const fenced = { semantics: StepSemantics.AtMostOncePerRetry, retryStrategy: () => ({ shouldRetry: false }) };

/** What a carrier needs of who carries out the request. */
interface Desk {
  /** What the request comes to should our own code fail. */
  inCase(end: (error: Error) => End): void;
  /** Answers before the end. */
  answer(answer: Answer): Promise<void>;
}

/** Brings a request of its type to an end. */
type Carrier = (request: CloudFormationRequest, started: Start, engine: Engine, around: Surroundings, desk: Desk) => Promise<End>;

const CARRIERS: Readonly<Record<ResourceType, Carrier>> = {
  'Custom::ECSManagedDaemon': rollOut,
  'Custom::ECSManagedDaemonVerification': polling(instanceCheck),
  'Custom::ECSManagedDaemonGate': polling(rolloutGate),
  'Custom::ECSManagedDaemonDeletionGate': polling(deletionGate),
};

/** Carries one request of CloudFormation from its start to its end, and answers it on the way. */
export async function carryOut(request: CloudFormationRequest, engine: Engine, around: Surroundings): Promise<Report> {
  let failing = (error: Error): End => ({ answer: unreadable(request, 'PREFLIGHT', error) });
  let given: Given | undefined;
  let answering = false;
  const give = async (wanted: Answer, ...lines: string[]): Promise<Given> => {
    const answer = deliverable(request, wanted);
    if (answer.Status !== wanted.Status) lines.push(`${request.LogicalResourceId} ${answer.Reason}`);
    answering = true; // it cannot be answered in another way: if this fails, the execution fails, and the watchdog tries once more (FM7)
    const { at } = await engine.step(ANSWER_STEP, () => deliverAnswer(request, answer, lines, around), persistent);
    answering = false;
    return given = { answer, at };
  };
  // its error fails the execution unanswered: nothing is sent to a URL that was not judged. The watchdog judges it by itself
  const { startedAt, untrusted } = await admit(engine, request, around);
  if (untrusted) return dropped(request, untrusted, around);
  try {
    const started = await start(engine, request, startedAt, around);
    const end = await forType(CARRIERS, request)(request, started, engine, around, {
      inCase: (end) => { failing = end; },
      answer: async (answer) => void await give(answer),
    });
    return reportOf(request, end, given ?? await give(end.answer)); // the machine logs its answers
  } catch (error) {
    if (answering) throw error;
    if (error instanceof UntrustedRequest) return dropped(request, error.message, around);
    const end = failing(error as Error);
    const line = `${request.LogicalResourceId} ${end.answer.Reason}`;
    if (given) around.log(line, logLevelOf(end.answer));
    return reportOf(request, end, given ?? await give(end.answer, line));
  }
}

function dropped({ RequestType, LogicalResourceId }: CloudFormationRequest, reason: string, { log, now }: Surroundings): Report {
  log(`${LogicalResourceId}: the ${RequestType} is dropped, and not answered: ${reason}`, 'ERROR');
  return { outcome: DROPPED, reason, request: RequestType, resource: LogicalResourceId, endedAt: new Date(now()).toISOString() };
}

async function deliverAnswer(request: CloudFormationRequest, answer: Answer, lines: readonly string[], { put, log, now }: Surroundings) {
  for (const line of lines) log(line, logLevelOf(answer));
  try {
    return { status: await deliver(put, request, answer), at: now() };
  } catch (error) {
    log(`${request.LogicalResourceId}: the answer could not be put, and is put again: ${(error as Error).message}`, 'WARN');
    throw error;
  }
}

async function rollOut(...[request, started, engine, around, desk]: Parameters<Carrier>): Promise<End> {
  const { durableExecutionArn } = engine.executionContext;
  const asked = rolloutOf(request, started, durableExecutionArn);
  let state = begin(asked);
  // like any other failure: it names what was made (FM12), and is a loud success in a stack that rolls back (FM11)
  desk.inCase((error) => reportedEnd(fail(state, asked, 'FAILED', error.message), asked));
  // CloudFormation cuts short only what it deletes or rolls back next
  const mayMeetOlder = asked.request === 'delete' || asked.rollingBack;
  const needsPredecessor = mayMeetOlder || (asked.request === 'update' && asked.stackTags !== undefined && !createsDaemon(asked));
  const rollout = needsPredecessor ? { ...asked, ...await readOlder(engine, asked, mayMeetOlder, around) } : asked;
  state = begin(rollout);
  const machine: PolledMachine<State> = {
    name: rollout.desired.DaemonName,
    watched: (state) => effectiveRequest(state, rollout),
    advance: (state, event, now) => step(state, event, now, rollout),
  };
  for (let event: Event | undefined; ;) {
    state = await pollUntilDecided(engine, machine, { state, event }, around);
    const { decision } = state;
    if (decision.kind === 'finish') return reportedEnd(state, rollout);
    if (decision.kind === 'respond') {
      await desk.answer(decision.response);
      state = responded(state);
    }
    event = state.decision.kind === 'write' ? { kind: 'written', outcome: await write(engine, rollout, state, state.decision.command, around) } : undefined;
  }
}

/** What older rollouts of the same resource have left behind, once none of them runs any more. */
async function readOlder(
  engine: Engine, asked: Rollout, mayMeetOlder: boolean, around: Surroundings,
): Promise<Pick<Rollout, 'soleExecutionSince' | 'predecessorDeployment' | 'tagsMayBeOlder'>> {
  const { startedAt, rolloutArn } = asked;
  const soleExecutionSince = mayMeetOlder ? await engine.step('alone', () => aloneSince(rolloutArn, startedAt, around), persevering) : startedAt;
  const { deployment, ...predecessor } =
    await engine.step('predecessor', () => predecessorOf(rolloutArn, around.executions, around.now()), persevering);
  const tagsMayBeOlder = predecessor.tagsMayBeOlder && !createsDaemon(asked);
  return { soleExecutionSince, predecessorDeployment: mayMeetOlder ? deployment : undefined, tagsMayBeOlder };
}

function polling<R extends Polled, M>(poller: Poller<R, M>): Carrier {
  return async (request, started, engine, around, desk) => {
    desk.inCase((error) => ({ answer: unreadable(request, poller.phase, error) }));
    const polled = poller.of(request, started);
    const { daemonArn, daemonName, startedAt } = polled;
    const { mistaken } = poller;
    if (mistaken) desk.inCase((error) => ({ answer: mistaken(polled, `${poller.phase}: ${error.message}`), startedAt }));
    const machine: PolledMachine<PollerState<M>> = {
      name: daemonName,
      watched: () => ({ daemonArn, desired: { AlarmNames: [] } }),
      advance: (state, event, now) => advancePoller(poller, state, event.kind === 'observed' ? event.seen : {}, now, polled),
    };
    const { decision } = await pollUntilDecided(engine, machine, { state: beginPoller(poller, polled) }, around);
    if (decision.kind === 'finish') return { answer: decision.response, startedAt };
    throw new Error('it ended without an answer');
  };
}

async function write(engine: Engine, rollout: Rollout, state: State, command: Command, around: Surroundings): Promise<WriteOutcome> {
  const counted = async <T extends object>(work: () => Promise<T>): Promise<T & { reads: number }> => {
    const before = around.readsMade();
    const result = await work();
    return { ...result, reads: around.readsMade() - before };
  };
  const checked = isCheckedApart(state)
    ? await engine.step('check', () => counted(() => check(around, rollout, state, command, around.now)), persevering) : undefined;
  const { reads = 0 } = checked ?? {};
  if (checked?.result) return { ...checked.result, reads };
  try {
    const result = await engine.step(command, () => counted(() => perform(around, rollout, state, command, around.now, checked)), fenced);
    return { ...result, reads: result.reads + reads };
  } catch (error) {
    if (((error as Error).cause as Error | undefined)?.name !== 'StepInterruptedError') throw error;
    return { kind: 'interrupted', message: 'the function was interrupted', reads };
  }
}

/** A request that cannot be read, or a mistake of our own: CloudFormation gets its answer at once. */
function unreadable(request: CloudFormationRequest, phase: string, error: Error): Answer {
  const id = request.PhysicalResourceId ?? idOfCreate(request.ResourceProperties, request.LogicalResourceId);
  if (request.RequestType === 'Delete' && error instanceof PropertiesError) {
    return { Status: 'SUCCESS', Reason: oneLine(`UNCHANGED: nothing was ever made: ${error.message}`), PhysicalResourceId: id };
  }
  return { Status: 'FAILED', Reason: oneLine(`${phase}: ${error.message}`), PhysicalResourceId: id };
}
