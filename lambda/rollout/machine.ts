import type { Observation } from './observation';
import { followDeployment, judgeEnd } from './phases/deploying';
import { watchDeletion, lookForDaemon } from './phases/deletion';
import { settleAdoption } from './phases/adoption';
import { giveBack, settleGiveBack } from './phases/giving-back';
import { inEffect } from './phases/in-effect';
import { checkPreflight } from './phases/preflight';
import { lookAtSettings, planCreate, planUpdate, watchObstacle } from './phases/planning';
import { resolveAttempt, takeResult } from './phases/applying';
import type { Rollout } from './rollout';
import { type Result, type State, secondsSince, SETTLING_SECONDS } from './state';
import { fail } from './verdict';

/** Where every rollout starts: with a look at what there is. */
export function begin(rollout: Rollout): State {
  const state: State = { version: 1, phase: 'PREFLIGHT', stage: 'planning', want: { look: 0, reads: {} }, says: [] };
  if (rollout.request === 'delete') return lookForDaemon(state, rollout);
  // the incoming id is that of the daemon we want, yet the old properties name another: a failed change has left that one (E28)
  const leftover = rollout.previousDaemonArn !== undefined && rollout.incomingId === rollout.daemonArn;
  return leftover ? lookForDaemon({ ...state, leftover }, rollout) : lookAtSettings(state, rollout, 0);
}

/** Takes down what a write has come to; the next `advance` judges it. */
export const noted = (state: State, result: Result): State => ({ ...state, result, want: { look: 0, reads: {} }, says: [] });

/**
 * One step of the rollout: what was seen changes what we know, and what we know says what we want next.
 *
 * Pure: the same state, observation and time give the same state, whatever replays it.
 */
export function advance(before: State, seen: Observation, now: number, request: Rollout): State {
  const state = { ...before, says: [] };
  const rollout = inEffect(state, request);
  const next = state.result ? takeResult(state, state.result, now, rollout)
    : seen.fault ? bearFault(state, seen.fault, now, rollout)
      : look(state, seen, now, rollout);
  const due = withinDeadline(next, seen, now, rollout);
  return settleGiveBack(settleAdoption(due, now, request), now, request);
}

function look(state: State, seen: Observation, now: number, rollout: Rollout): State {
  switch (state.stage) {
    case 'planning': return (mustCreate(rollout) ? planCreate : planUpdate)(state, seen, now, rollout);
    case 'waiting': return watchObstacle(state, seen, now, rollout);
    case 'preflight': return checkPreflight(state, seen, now, rollout);
    case 'resolving': return resolveAttempt(state, seen, now, rollout);
    case 'deployment': return followDeployment(state, seen, now, rollout);
    case 'verdict': return judgeEnd(state, seen, now, rollout);
    case 'deletion': return watchDeletion(state, seen, now, rollout);
    case 'giving-back': return giveBack(state, seen, now, rollout);
  }
}

/** A change of name or cluster is a new daemon; CloudFormation deletes the old one in its cleanup (FM13). */
const mustCreate = ({ request, previousDaemonArn, incomingId, daemonArn }: Rollout): boolean =>
  request === 'create' || (previousDaemonArn !== undefined && incomingId !== daemonArn);

const FAULT_PAUSE_SECONDS = 15;

/** A look that failed. What may pass is tried again; a refusal is final once rights have had the time to spread. */
function bearFault(state: State, fault: NonNullable<Observation['fault']>, now: number, rollout: Rollout): State {
  const { want } = state;
  const reads = 'look' in want ? want.reads : {};
  switch (fault.kind) {
    case 'transient':
    case 'throttled':
    case 'not-ready':
    case 'not-found':
    case 'not-active':
    case 'deleting':
      return { ...state, want: { look: FAULT_PAUSE_SECONDS, reads }, says: [`${state.phase}: a read failed and is tried again: ${fault.message}`] };
    case 'denied':
    case 'refused':
      if (fault.kind === 'denied' && secondsSince(rollout.startedAt, now) < SETTLING_SECONDS) {
        return { ...state, want: { look: FAULT_PAUSE_SECONDS, reads }, says: [`${state.phase}: not allowed yet, tried again: ${fault.message}`] };
      }
      return fail(state, rollout, 'FAILED', `${fault.name}: ${fault.message}`);
  }
}

/** No look reaches beyond the deadline, and nothing but an answer is given after it. */
function withinDeadline(state: State, { fault }: Observation, now: number, rollout: Rollout): State {
  const { want } = state;
  if ('answer' in want) return state;
  const left = (rollout.deadline - now) / 1000;
  if (left <= 0 && !state.result) return timedOut(state, fault, now, rollout);
  return 'look' in want && want.look > 0 ? { ...state, want: { ...want, look: Math.max(1, Math.ceil(Math.min(want.look, left))) } } : state;
}

function timedOut(state: State, fault: Observation['fault'], now: number, rollout: Rollout): State {
  const minutes = Math.round(secondsSince(rollout.startedAt, now) / 60);
  const counts = state.followed && state.followed.total > 0 ? ` with ${state.followed.moved} of ${state.followed.total} instances moved` : '';
  const trouble = fault ? `the last read failed: ${fault.message}` : state.obstacle;
  const begun = state.followed !== undefined || ((state.deleteRequests ?? 0) > 0 && !state.obstacle);
  const end = begun ? 'ECS goes on with what it has begun'
    : state.made || state.stage === 'resolving' ? 'it is not known whether ECS has begun anything' : 'nothing was begun';
  return fail(state, rollout, 'TIMED_OUT', [`TIMED_OUT after ${minutes} minutes${counts}`, trouble, end].filter(Boolean).join('; '));
}
