import { MOST_READ_RETRY_SECONDS, READ_RETRY_SECONDS, REFUSED_READS_SECONDS, secondsSince, SETTLING_SECONDS } from '../timing';
import type { Fault } from './aws/fault';
import type { Event, WriteOutcome } from './decision';
import { secondsWithoutReads, unhurried, withReads } from './facts/pace';
import { lastObstacle, progressSoFar } from './facts/progress';
import { effectiveRequest } from './facts/subject';
import type { Observation, Reads } from './observation';
import { respondEarly } from './report/early-response';
import { fail, leftBehind } from './report/response';
import { withTimeline } from './report/timeline';
import { createsDaemon, type Rollout } from './rollout';
import { awaitOwnershipVisible } from './stages/adoption';
import { watchDeletion } from './stages/deletion';
import { planCreate, planUpdate, watchBlocker } from './stages/planning';
import { checkPreflight } from './stages/preflight';
import { judgeRelease, watchRelease } from './stages/release';
import { confirmTags, judgeStackTags, writeStackTags } from './stages/stack-tags';
import { readDaemonToDelete, readSettings } from './stages/transitions';
import { awaitTurn } from './stages/turn';
import { verify } from './stages/verifying';
import { watchDeployment } from './stages/watching';
import { confirmWrite, judgeWrite, withOutcome } from './stages/writing';
import { poll, type State } from './state';

/** Returns the state before the first poll, which reads the daemon. */
export function begin(rollout: Rollout): State {
  const { predecessorDeployment: ended } = rollout;
  // a read that returns it in progress again is older
  const newest = ended && { arn: ended.arn, createdAt: 0, since: ended.endedAt, backSince: ended.endedAt };
  const state: State = { phase: 'PREFLIGHT', stage: { name: 'plan' }, decision: { kind: 'poll', afterSeconds: 0, reads: {} }, logLines: [], sightings: {}, newest };
  const { request, desired, previous, daemonArn, previousDaemonArn, incomingId } = rollout;
  if (request === 'delete') return readDaemonToDelete(state, { arn: daemonArn, name: desired.DaemonName, requests: 0 });
  // the physical id is that of the desired daemon, but the old properties name another one: a failed rename has left it (E28)
  const isLeft = previous !== undefined && previousDaemonArn !== undefined && incomingId === daemonArn;
  return isLeft ? readDaemonToDelete(state, { arn: previousDaemonArn, name: previous.DaemonName, isOfPrevious: true, requests: 0 })
    : readSettings(state, rollout, 0);
}

/** Goes on once CloudFormation has its answer. */
export const responded = (state: State): State =>
  state.decision.kind === 'respond' ? { ...state, answered: true, decision: state.decision.then, logLines: [] } : state;

/**
 * Computes the next state from the state, what has happened since, and the time.
 *
 * Pure: the same state, event and time give the same state, whatever replays it.
 */
export function step(before: State, event: Event, now: number, request: Rollout): State {
  const seen: Observation = event.kind === 'observed' ? event.seen : { reads: event.outcome.reads };
  const state = withReads({ ...before, logLines: [] }, seen.reads ?? 0, now);
  const rollout = effectiveRequest(state, request);
  const next = event.kind === 'written' ? judge(state, event.outcome, now, rollout)
    : seen.fault ? retryRead(state, seen.fault, now, rollout)
      : enter({ ...state, failedReads: undefined }, seen, now, rollout);
  const due = withinDeadline(next, seen, now, rollout);
  return withTimeline(confirmTags(awaitOwnershipVisible(due, now, request), now, request), seen, now, request);
}

function enter(state: State, seen: Observation, now: number, rollout: Rollout): State {
  const { stage } = state;
  switch (stage.name) {
    case 'plan': return (createsDaemon(rollout) ? planCreate : planUpdate)(state, seen, now, rollout);
    case 'await-deployment': return watchBlocker({ ...state, stage }, seen, now, rollout);
    case 'preflight': return checkPreflight({ ...state, stage }, seen, now, rollout);
    case 'turn': return awaitTurn({ ...state, stage }, seen, now, rollout);
    case 'confirm-write': return confirmWrite({ ...state, stage }, seen, now, rollout);
    case 'watch': return watchDeployment({ ...state, stage }, seen, now, rollout);
    case 'verify': return verify({ ...state, stage }, seen, now, rollout);
    case 'drain': return watchDeletion({ ...state, stage }, seen, now, rollout);
    case 'release': return watchRelease({ ...state, stage }, seen, now, rollout);
    case 'write-stack-tags': return writeStackTags({ ...state, stage }, seen, now, rollout);
    case 'write': throw new Error('a write is under way');
  }
}

/** Judges what a write has come to. */
function judge(before: State, outcome: WriteOutcome, now: number, rollout: Rollout): State {
  const state = withOutcome(before, outcome, now);
  const { stage } = state;
  switch (stage.name) {
    case 'write': return judgeWrite({ ...state, stage }, outcome, now, rollout);
    case 'release': return judgeRelease({ ...state, stage }, outcome, now, rollout);
    case 'write-stack-tags': return judgeStackTags({ ...state, stage }, outcome, rollout);
    default: throw new Error(`nothing is written in the stage ${stage.name}`);
  }
}

/**
 * Handles a failed read. A transient fault is retried, a denied read until permissions are effective. A rollout that ECS may be
 * carrying out is not given up for reads that are refused for a while.
 */
function retryRead(before: State, fault: Fault, now: number, rollout: Rollout): State {
  const message = fault.message.slice(0, 100);
  const { since, count, message: lastMessage } = before.failedReads ?? { since: now, count: 0 };
  const failedReads = { since, count: count + 1, message };
  const state: State = { ...before, failedReads };
  const again = (seconds: number, what: string) =>
    poll(state, seconds, readsAfter(state), ...(message === lastMessage ? [] : [`${state.phase}: ${what}: ${fault.message}`]));
  switch (fault.kind) {
    case 'transient':
    case 'throttled':
    case 'not-ready':
    case 'not-found':
    case 'not-active':
    case 'deleting':
      return again(Math.min(MOST_READ_RETRY_SECONDS, READ_RETRY_SECONDS * 2 ** (failedReads.count - 1)), 'a read failed and is tried again');
    case 'denied':
    case 'refused':
      if (fault.kind === 'denied' && secondsSince(rollout.startedAt, now) < SETTLING_SECONDS) return again(READ_RETRY_SECONDS, 'not allowed yet, tried again');
      if (mayEndFor(state, failedReads.since, now)) return fail(state, rollout, 'FAILED', `${fault.name}: ${fault.message}; ${leftBehind(state)}`);
      return again(count === 0 ? READ_RETRY_SECONDS : MOST_READ_RETRY_SECONDS, 'a read is refused and tried again, since ECS has started');
  }
}

/** Whether refused reads may end the rollout: one that ECS may be carrying out continues for a while. */
const mayEndFor = ({ ecsStarted }: State, since: number, now: number): boolean =>
  ecsStarted === undefined || secondsSince(since, now) >= REFUSED_READS_SECONDS;

/** The reads after a failure: a deployment is still followed if its alarms or its daemon cannot be read. */
const readsAfter = ({ stage, decision }: State): Reads => {
  const reads = decision.kind === 'poll' ? decision.reads : {};
  return stage.name === 'watch' ? { ...reads, alarms: undefined, daemon: undefined } : reads;
};

/** Cuts a pause at the next deadline: that of the answer, or after it that of the rollout. At the deadline it answers. */
function withinDeadline(state: State, { fault }: Observation, now: number, rollout: Rollout): State {
  const { decision } = state;
  if (decision.kind === 'finish' || decision.kind === 'respond') return state;
  const left = secondsSince(now, state.answered ? rollout.deadline : rollout.answerBy);
  if (left <= 0) {
    const ended = timedOut(state, fault, now, rollout);
    return state.answered ? ended : respondEarly(state, decision, ended, fault, now, rollout);
  }
  if (decision.kind !== 'poll' || decision.afterSeconds === 0) return state;
  const pause = Math.max(unhurried(decision.afterSeconds, rollout.startedAt, now), secondsWithoutReads(state, now));
  return { ...state, decision: { ...decision, afterSeconds: Math.max(1, Math.ceil(Math.min(pause, left))) } };
}

const timedOut = (state: State, fault: Observation['fault'], now: number, rollout: Rollout): State =>
  fail(state, rollout, 'TIMED_OUT', [`TIMED_OUT ${progressSoFar(state, now, rollout)}`, lastObstacle(state, fault, now), leftBehind(state)].filter(Boolean).join('; '));
