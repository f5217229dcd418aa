import type { Answer } from '../../answer';
import { oneLine } from '../../reason';
import type { CloudFormationRequest } from '../../request';
import { secondsSince, SETTLING_SECONDS } from '../../timing';
import type { Fault } from '../aws/fault';
import type { Observation, Reads } from '../observation';
import { secondsWithoutReads, withReads } from '../facts/pace';
import type { Start } from '../rollout';
import type { Budgeted } from '../state';

/** What every poller knows of the request that it answers. */
export interface Polled {
  readonly daemonArn: string;
  readonly daemonName: string;
  /** Epoch milliseconds, like `deadline`. */
  readonly startedAt: number;
  readonly deadline: number;
}

/** What follows a poll, and the line that is logged if it differs from the last one. */
export type Next<Memory> = { readonly line?: string } & (
  /** @default - the poller's usual pause */
  | { readonly retryAfterSeconds?: number; readonly memory: Memory }
  | { readonly answer: Answer }
);

/** Polls AWS until it can answer a request of CloudFormation; it never writes. */
export interface Poller<Request extends Polled, Memory> {
  /** What it is about, as the reason of a mistake of ours names it. */
  readonly phase: string;
  of(request: CloudFormationRequest, start: Start): Request;
  /** Begins its lines in the log. */
  labelOf(request: Request): string;
  /** What it remembers before the first poll. */
  readonly memory: Memory;
  /** The answer to a request that needs no poll. */
  unpolled(request: Request): Answer | undefined;
  readsOf(memory: Memory, request: Request): Reads;
  pauseSeconds(request: Request, now: number): number;
  poll(seen: Observation, memory: Memory, now: number, request: Request): Next<Memory>;
  /** AWS refuses the reads for good. */
  refused(sentence: string, request: Request): Answer;
  /** `last` is what the last poll has shown, in words. */
  timedOut(last: string, memory: Memory, now: number, request: Request): Answer;
  /** What a mistake of our own comes to. @default - a failure */
  mistaken?(request: Request, reason: string): Answer;
}

/** Everything that a poller remembers between two polls. */
export interface PollerState<Memory> extends Budgeted {
  readonly decision: Decision;
  /** Lines for the log. */
  readonly logLines: readonly string[];
  /** The line that was logged last. */
  readonly lastLogged: string;
  readonly memory: Memory;
}

type Decision =
  | { readonly kind: 'poll'; readonly afterSeconds: number; readonly reads: Reads }
  | { readonly kind: 'finish'; readonly response: Answer };

export function begin<R extends Polled, M>(poller: Poller<R, M>, request: R): PollerState<M> {
  const { memory } = poller;
  return { decision: { kind: 'poll', afterSeconds: 0, reads: poller.unpolled(request) ? {} : poller.readsOf(memory, request) }, logLines: [], lastLogged: '', memory };
}

/** Like the machine of a rollout, pure. */
export function advance<R extends Polled, M>(
  poller: Poller<R, M>, before: PollerState<M>, seen: Observation, now: number, request: R,
): PollerState<M> {
  const state = withReads({ ...before, logLines: [] }, seen.reads ?? 0, now);
  const unpolled = poller.unpolled(request);
  if (unpolled) return answered(state, unpolled);
  const next = seen.fault ? afterFault(poller, state, seen.fault, now, request)
    : follow(poller, state, poller.poll(seen, state.memory, now, request), now, request);
  return withinDeadline(poller, next, seen, now, request);
}

function follow<R extends Polled, M>(poller: Poller<R, M>, before: PollerState<M>, next: Next<M>, now: number, request: R): PollerState<M> {
  const { line = before.lastLogged } = next;
  const logLines = line === before.lastLogged ? before.logLines : [...before.logLines, `${poller.labelOf(request)}: ${line}`];
  const state: PollerState<M> = { ...before, lastLogged: line, logLines };
  return 'answer' in next ? answered(state, next.answer)
    : again(poller, { ...state, memory: next.memory }, next.retryAfterSeconds ?? poller.pauseSeconds(request, now), request);
}

const again = <R extends Polled, M>(poller: Poller<R, M>, state: PollerState<M>, seconds: number, request: R): PollerState<M> =>
  ({ ...state, decision: { kind: 'poll', afterSeconds: seconds, reads: poller.readsOf(state.memory, request) } });

/** What may pass is read again. A denial is final once permissions have had the time to spread. */
function afterFault<R extends Polled, M>(
  poller: Poller<R, M>, state: PollerState<M>, { kind, name, message }: Fault, now: number, request: R,
): PollerState<M> {
  const isFinal = kind === 'refused' || (kind === 'denied' && secondsSince(request.startedAt, now) >= SETTLING_SECONDS);
  if (isFinal) return answered(state, poller.refused(`${name}: ${message}`, request));
  const logLines = [`${poller.labelOf(request)}: a read failed and is tried again: ${message}`];
  return again(poller, { ...state, logLines }, poller.pauseSeconds(request, now), request);
}

/** No poll comes before the budget of reads allows it, or reaches beyond the deadline. */
function withinDeadline<R extends Polled, M>(
  poller: Poller<R, M>, state: PollerState<M>, { fault }: Observation, now: number, request: R,
): PollerState<M> {
  const { decision } = state;
  if (decision.kind === 'finish') return state;
  const left = secondsSince(now, request.deadline);
  if (left <= 0) return answered(state, poller.timedOut(fault ? `the last read failed: ${fault.message}` : state.lastLogged, state.memory, now, request));
  const pause = Math.max(decision.afterSeconds, secondsWithoutReads(state, now));
  return { ...state, decision: { ...decision, afterSeconds: decision.afterSeconds && Math.max(1, Math.ceil(Math.min(pause, left))) } };
}

function answered<M>(state: PollerState<M>, answer: Answer): PollerState<M> {
  const Reason = oneLine(answer.Reason);
  return { ...state, decision: { kind: 'finish', response: { ...answer, Reason } }, logLines: [...state.logLines, Reason] };
}
