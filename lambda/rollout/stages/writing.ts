import {
  AGREEMENT_SECONDS, CONFIRM_SECONDS, MOST_RETRY_SECONDS, READ_LAG_SECONDS, RESOLVE_SECONDS, RETRY_SECONDS, secondsSince,
  SETTLING_SECONDS,
} from '../../timing';
import type { Fault } from '../aws/fault';
import type { Command, Result } from '../decision';
import { desiredSettings, isSameRevision } from '../facts/fleet-settings';
import type { Observation } from '../observation';
import { fail } from '../report/response';
import type { Rollout } from '../rollout';
import type { AdoptPlan, DeletePlan, DeployPlan, InterruptedWrite } from '../stage';
import { poll, type State, type StateIn, withLog, withSighting, withTagsChanged } from '../state';
import { deletionBegun, deletionRefused, unrequested } from './deletion';
import { isRejectedForDeployment, waitForRejectingDeployment } from './refusal';
import { carryOutPlan, readAlarms, readDaemonToDelete, readPeers, readSettings, watch } from './transitions';

type Writing = StateIn<'write'>;

/** Counts refusals, and records when a write that may have arrived did so at the latest. */
export function withOutcome(before: State, result: Result, now: number): State {
  const { throttles = 0, slowChecks = 0, write } = before;
  const isPutOff = result.kind === 'not-sent' || result.kind === 'rejected';
  const state: State = {
    ...withSighting(before, 'write-rejected', result.kind === 'rejected' && result.fault.kind !== 'throttled', now),
    throttles: isPutOff ? throttles + 1 : undefined,
    slowChecks: result.kind === 'not-sent' && result.isLate ? slowChecks + 1 : before.slowChecks,
  };
  return mayHaveArrived(result) ? { ...state, write: write && { ...write, settledAt: now } } : state;
}

const mayHaveArrived = ({ kind }: Result): boolean => kind === 'accepted' || kind === 'interrupted';

/** Judges what the write of a plan has come to, by the plan. */
export function judgeWrite(state: Writing, result: Result, now: number, rollout: Rollout): State {
  const { plan } = state.stage;
  switch (plan.kind) {
    case 'delete-daemon': return judgeDeletion(state, plan, result, now, rollout);
    case 'adopt-daemon': return judgeAdoption(state, plan, result, now, rollout);
    default: return state.tagsDiffer ? judgeTags(state, plan, result, now, rollout) : judgeDeployment(state, plan, result, now, rollout);
  }
}

function judgeDeletion(state: State, { deletion }: DeletePlan, result: Result, now: number, rollout: Rollout): State {
  switch (result.kind) {
    case 'accepted': return deletionBegun({ ...state, ecsStarted: 'certainly' }, deletion, now);
    case 'interrupted': {
      const started: State = { ...state, ecsStarted: state.ecsStarted ?? 'perhaps' };
      return deletionBegun(started, { ...deletion, isInterrupted: true }, now, interruptedLine('delete-daemon', result.message));
    }
    case 'rejected': return deletionRefused(state, deletion, result.fault, now, rollout);
    case 'not-sent': {
      const line = notSentLine('delete-daemon', result.message);
      return readDaemonToDelete({ ...state, blockedOn: line }, unrequested(deletion), pauseOf(state), `DRAINING: ${line}; reads again`);
    }
    case 'blocked': return readPeers(state, { kind: 'delete-daemon', deletion: unrequested(deletion) }, CONFIRM_SECONDS, now, rollout);
  }
}

function judgeAdoption(before: State, { adoption }: AdoptPlan, result: Result, now: number, rollout: Rollout): State {
  const arrived: Partial<State> = { createdDaemon: true, adoption: { ...adoption, since: now }, sideEffects: withTagsChanged(before) };
  const state: State = { ...before, ...mayHaveArrived(result) ? arrived : { createdDaemon: false } };
  switch (result.kind) {
    case 'accepted': return readSettings(state, rollout, 0, `APPLYING: the daemon ${rollout.desired.DaemonName} is adopted`);
    case 'interrupted': {
      const interrupted: State = { ...state, adoption: { ...adoption, since: now, interrupted: true } };
      return readSettings(interrupted, rollout, RETRY_SECONDS, interruptedLine('adopt-daemon', result.message));
    }
    case 'rejected': return rejected(state, 'adopt-daemon', result.fault, now, rollout);
    case 'not-sent': return notSent(state, 'adopt-daemon', result.message, rollout);
    case 'blocked': return daemonChanged(state, rollout);
  }
}

function judgeTags(state: State, plan: DeployPlan, result: Result, now: number, rollout: Rollout): State {
  switch (result.kind) {
    case 'accepted': {
      const tagged: State = { ...state, tagsDiffer: false, tagsWritten: true, sideEffects: withTagsChanged(state) };
      const isBlocked = rollout.rollingBack && state.blockedOn !== undefined; // its tags came before its turn
      return isBlocked ? readPeers(tagged, plan, CONFIRM_SECONDS, now, rollout) : carryOutPlan(tagged, plan, now, rollout);
    }
    case 'interrupted':
      return readSettings({ ...state, sideEffects: withTagsChanged(state) }, rollout, RETRY_SECONDS, interruptedLine('tag-daemon', result.message));
    case 'rejected': return rejected(state, 'tag-daemon', result.fault, now, rollout);
    case 'not-sent': return notSent(state, 'tag-daemon', result.message, rollout);
    case 'blocked': return daemonChanged(state, rollout);
  }
}

function judgeDeployment(state: State, plan: DeployPlan, result: Result, now: number, rollout: Rollout): State {
  const command = plan.kind === 'create-daemon' ? 'create-daemon' : 'update-daemon';
  switch (result.kind) {
    case 'accepted': {
      if (result.deploymentArn === '') return interrupted(state, command, 'ECS named no deployment', now, rollout);
      const created = command === 'create-daemon' && { createdDaemon: true, ownerUnconfirmed: true as const };
      return watch({ ...state, ...created }, result.deploymentArn, plan.kind, now, rollout);
    }
    case 'interrupted': return interrupted(state, command, result.message, now, rollout);
    case 'rejected': return rejected(state, command, result.fault, now, rollout);
    case 'not-sent': return notSent(state, command, result.message, rollout);
    case 'blocked':
      switch (result.by) {
        case 'daemon': return daemonChanged(state, rollout);
        case 'peer': return readPeers(state, plan, CONFIRM_SECONDS, now, rollout);
        case 'alarms': return readAlarms(state, plan, CONFIRM_SECONDS, 'PREFLIGHT: the deployment alarms have changed meanwhile; reads again before the write');
      }
  }
}

const daemonChanged = (state: State, rollout: Rollout): State =>
  readSettings(state, rollout, CONFIRM_SECONDS, 'APPLYING: the daemon has changed meanwhile; reads again before the write');

/** Each try costs as many reads as the one before, and they are throttled too (A24): the pause doubles. */
const pauseOf = ({ throttles = 1 }: State): number => Math.min(MOST_RETRY_SECONDS, RETRY_SECONDS * 2 ** (throttles - 1));

const interruptedLine = (command: Command, message: string): string => `APPLYING: ${command} was interrupted (${message}); reads whether it took effect`;

const notSentLine = (command: Command, message: string): string => `${command} was not sent: ${message.slice(0, 300)}`;

function interrupted(
  before: State, command: 'create-daemon' | 'update-daemon', message: string, now: number, rollout: Rollout,
): State {
  const state: State = { ...before, ecsStarted: before.ecsStarted ?? 'perhaps' };
  const line = interruptedLine(command, message);
  // a client token makes a second request harmless (A17), and the daemon's name tells whether the first one landed
  if (command === 'create-daemon') return readSettings({ ...state, createdDaemon: true }, rollout, RETRY_SECONDS, line);
  if (!state.write) throw new Error('no write is under way');
  const write: InterruptedWrite = { ...state.write, interruptedAt: now };
  return readNewerDeployments({ ...state, write, stage: { name: 'confirm-write', write } }, 0, line);
}

function notSent(state: State, command: Command, message: string, rollout: Rollout): State {
  const line = notSentLine(command, message);
  return readSettings({ ...state, blockedOn: line }, rollout, pauseOf(state), `APPLYING: ${line}; reads again`);
}

function rejected(state: State, command: Command, fault: Fault, now: number, rollout: Rollout): State {
  const hindered: State = { ...state, blockedOn: `ECS refused: ${fault.message.slice(0, 300)}` };
  const refusedFor = secondsSince(state.sightings['write-rejected'] ?? now, now);
  const why = temporaryCause(fault, secondsSince(rollout.startedAt, now), refusedFor);
  if (why) return readSettings(hindered, rollout, pauseOf(state), `APPLYING: ${why}; tries again: ${fault.message}`);
  if (fault.kind === 'deleting' || fault.kind === 'not-active' || isRejectedForDeployment(fault, state)) {
    const waiting: State = { ...hindered, phase: 'WAITING_TURN' };
    return (fault.kind === 'refused' ? waitForRejectingDeployment(waiting, fault, now) : undefined)
      ?? readSettings(waiting, rollout, pauseOf(state), `WAITING_TURN: ECS refuses for now: ${fault.message}`);
  }
  // AWS documents no error for a name that exists (A17); the next read shows who owns that daemon
  if (command === 'create-daemon' && /exist/i.test(fault.message) && !/does not exist/i.test(fault.message) && refusedFor < READ_LAG_SECONDS) {
    return readSettings(state, rollout, RETRY_SECONDS, `APPLYING: ECS says that the daemon exists: ${fault.message}`);
  }
  return fail(state, rollout, 'FAILED', `${fault.name}: ${fault.message}`);
}

/** Why the same write may be accepted soon; undefined if nothing says so. */
function temporaryCause({ kind }: Fault, age: number, refusedFor: number): string | undefined {
  switch (kind) {
    case 'throttled': return 'throttled';
    case 'denied': return age < SETTLING_SECONDS ? 'not allowed yet' : undefined;
    case 'not-ready': return refusedFor < SETTLING_SECONDS ? 'not ready yet' : undefined;
    default: return undefined;
  }
}

type Confirming = StateIn<'confirm-write'>;

const readNewerDeployments = (state: Confirming, seconds: number, ...logLines: string[]): State =>
  poll(state, seconds, { newerThan: state.stage.write.notBefore }, ...logLines);

/**
 * Whether an interrupted UpdateDaemon has taken effect.
 *
 * A deployment that is newer than the attempt and targets the desired settings is that of the attempt. That there is none is believed
 * only when two reads at least 30 s apart, the last one 130 s after the attempt, agree (A28): no blind retry (R7).
 */
export function confirmWrite(state: Confirming, { newer = [] }: Observation, now: number, rollout: Rollout): State {
  const { write } = state.stage;
  const later = newer.filter(({ arn }) => arn !== write.latestArn);
  const desired = desiredSettings(rollout.desired);
  const own = later.find(({ settings }) => settings && isSameRevision(settings, desired));
  if (own) return watch(withLog(state, 'APPLYING: the interrupted update has taken effect'), own.arn, 'update-daemon', now, rollout);
  // a deployment whose revision is not visible yet (R41) may be ours
  const absentSince = later.some(({ settings }) => !settings) ? undefined : state.stage.absentSince ?? now;
  const agreed = absentSince !== undefined && secondsSince(absentSince, now) >= AGREEMENT_SECONDS;
  if (agreed && secondsSince(write.interruptedAt, now) >= READ_LAG_SECONDS) {
    const ecsStarted = state.ecsStarted === 'perhaps' ? undefined : state.ecsStarted;
    return readSettings({ ...state, ecsStarted }, rollout, 0, 'APPLYING: the interrupted update has had no effect; plans it again');
  }
  return readNewerDeployments({ ...state, stage: { ...state.stage, absentSince } }, RESOLVE_SECONDS);
}
