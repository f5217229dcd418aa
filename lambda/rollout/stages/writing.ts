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
import { poll, type State, withLog, withTagsChanged } from '../state';
import { withoutAdoption } from './adoption';
import { deletionBegun, deletionRefused } from './deletion';
import { isRejectedForDeployment, waitForRejectingDeployment } from './refusal';
import { judgeRelease } from './release';
import { judgeStackTags } from './stack-tags';
import { carryOutPlan, readAlarms, readDaemonToDelete, readPeers, readSettings, watch } from './transitions';

/** Judges what a write has come to. */
export function judgeWrite(before: State, result: Result, now: number, rollout: Rollout): State {
  const { command } = before.write!;
  const known = withResult(before, command, result, now);
  if (known.ended) return judgeStackTags(known, result, rollout);
  if (command === 'give-back-daemon') return judgeRelease(known, result, now, rollout);
  const state = command === 'adopt-daemon' && !mayHaveArrived(result) ? withoutAdoption(known) : known;
  switch (result.kind) {
    case 'accepted': return accepted(state, command, result.deploymentArn, now, rollout);
    case 'interrupted': return interrupted(state, command, result.message, now, rollout);
    case 'rejected': return rejected(state, command, result.fault, now, rollout);
    case 'not-sent': return notSent(state, command, result.message, rollout);
    case 'blocked': return blocked(state, command, result.by, now, rollout);
  }
}

/** Checks again what blocks the write. */
function blocked(state: State, command: Command, by: Extract<Result, { kind: 'blocked' }>['by'], now: number, rollout: Rollout): State {
  switch (by) {
    case 'daemon': return readSettings(state, rollout, CONFIRM_SECONDS, 'APPLYING: the daemon has changed meanwhile; reads again before the write');
    case 'peer': return readPeers(withoutDeleteRequest(state, command), CONFIRM_SECONDS, now, rollout);
    case 'alarms': return readAlarms(state, CONFIRM_SECONDS, 'PREFLIGHT: the deployment alarms have changed meanwhile; reads again before the write');
  }
}

const mayHaveArrived = ({ kind }: Result): boolean => kind === 'accepted' || kind === 'interrupted';

/** Counts refusals, and records when a write that may have arrived did so at the latest. */
function withResult(before: State, command: Command, result: Result, now: number): State {
  const { throttles = 0, slowChecks = 0, adoption } = before;
  const isPutOff = result.kind === 'not-sent' || result.kind === 'rejected';
  const state: State = {
    ...before,
    result: undefined,
    throttles: isPutOff ? throttles + 1 : undefined,
    slowChecks: result.kind === 'not-sent' && result.isLate ? slowChecks + 1 : before.slowChecks,
    rejectedSince: result.kind === 'rejected' && result.fault.kind !== 'throttled' ? before.rejectedSince ?? now : undefined,
  };
  if (!mayHaveArrived(result)) return state;
  const arrived: State = { ...state, write: { ...before.write!, settledAt: now } };
  return adoption && command === 'adopt-daemon' ? { ...arrived, adoption: { ...adoption, since: now } } : arrived;
}

/** Each try costs as many reads as the one before, and they are throttled too (A24): the pause doubles. */
const pauseOf = ({ throttles = 1 }: State): number => Math.min(MOST_RETRY_SECONDS, RETRY_SECONDS * 2 ** (throttles - 1));

/** A request to delete that was not sent does not count. */
const withoutDeleteRequest = (state: State, command: Command): State =>
  command === 'delete-daemon' ? { ...state, deleteRequests: (state.deleteRequests ?? 1) - 1 } : state;

type Judged = Exclude<Command, 'give-back-daemon'>;

function accepted(state: State, command: Judged, deploymentArn: string, now: number, rollout: Rollout): State {
  const hasDeployment = command === 'create-daemon' || command === 'update-daemon';
  if (hasDeployment && deploymentArn === '') return interrupted(state, command, 'ECS named no deployment', now, rollout);
  switch (command) {
    case 'tag-daemon': {
      const tagged: State = { ...state, tagsDiffer: false, tagsWritten: true, sideEffects: withTagsChanged(state) };
      const isBlocked = rollout.rollingBack && state.blockedOn !== undefined; // its tags came before its turn
      return isBlocked ? readPeers(tagged, CONFIRM_SECONDS, now, rollout) : carryOutPlan(tagged, now, rollout);
    }
    case 'delete-daemon': return deletionBegun({ ...state, ecsStarted: 'certainly' }, now, rollout);
    case 'adopt-daemon': return readSettings({ ...state, sideEffects: withTagsChanged(state) }, rollout, 0, `APPLYING: the daemon ${rollout.desired.DaemonName} is adopted`);
    case 'create-daemon': return watch({ ...state, createdDaemon: true, ownerUnconfirmed: true }, deploymentArn, 'forward', now, rollout);
    case 'update-daemon': return watch(state, deploymentArn, 'forward', now, rollout);
  }
}

function interrupted(before: State, command: Judged, message: string, now: number, rollout: Rollout): State {
  const isOfTags = command === 'tag-daemon' || command === 'adopt-daemon';
  const state: State = isOfTags ? { ...before, sideEffects: withTagsChanged(before) } : { ...before, ecsStarted: before.ecsStarted ?? 'perhaps' };
  const line = `APPLYING: ${command} was interrupted (${message}); reads whether it took effect`;
  switch (command) {
    case 'tag-daemon': return readSettings(state, rollout, RETRY_SECONDS, line);
    case 'adopt-daemon': return readSettings({ ...state, adoption: { ...state.adoption!, interrupted: true } }, rollout, RETRY_SECONDS, line);
    case 'delete-daemon': return deletionBegun({ ...state, deletionCutOff: true }, now, rollout, line);
    // a client token makes a second request harmless (A17), and the daemon's name tells whether the first one landed
    case 'create-daemon': return readSettings({ ...state, createdDaemon: true }, rollout, RETRY_SECONDS, line);
    case 'update-daemon': {
      const write = { ...state.write!, interruptedAt: now, absentSince: undefined };
      return readNewerDeployments({ ...state, write }, 0, line);
    }
  }
}

function notSent(before: State, command: Judged, message: string, rollout: Rollout): State {
  const line = `${command} was not sent: ${message.slice(0, 300)}`;
  const state: State = { ...withoutDeleteRequest(before, command), blockedOn: line };
  return command === 'delete-daemon' ? readDaemonToDelete(state, rollout, pauseOf(state), `DRAINING: ${line}; reads again`)
    : readSettings(state, rollout, pauseOf(state), `APPLYING: ${line}; reads again`);
}

function rejected(state: State, command: Judged, fault: Fault, now: number, rollout: Rollout): State {
  if (command === 'delete-daemon') return deletionRefused(state, fault, now, rollout);
  const hindered: State = { ...state, blockedOn: `ECS refused: ${fault.message.slice(0, 300)}` };
  const refusedFor = secondsSince(state.rejectedSince ?? now, now);
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

function readNewerDeployments(state: State, seconds: number, ...logLines: string[]): State {
  return poll({ ...state, stage: 'confirm-write' }, seconds, { newerThan: state.write!.notBefore }, ...logLines);
}

/**
 * Whether an UpdateDaemon that was cut off has taken effect.
 *
 * A deployment that is newer than the attempt and targets what we want is that of the attempt. That there is none is believed
 * only when two reads at least 30 s apart, the last one 130 s after the attempt, agree (A28): no blind retry (R7).
 */
export function confirmWrite(state: State, { newer = [] }: Observation, now: number, rollout: Rollout): State {
  const write = state.write!;
  const later = newer.filter(({ arn }) => arn !== write.latestArn);
  const desired = desiredSettings(rollout.desired);
  const own = later.find(({ settings }) => settings && isSameRevision(settings, desired));
  if (own) return watch(withLog(state, 'APPLYING: the interrupted update has taken effect'), own.arn, 'forward', now, rollout);
  // a deployment whose revision is not visible yet (R41) may be ours
  const absentSince = later.some(({ settings }) => !settings) ? undefined : write.absentSince ?? now;
  const waiting: State = { ...state, write: { ...write, absentSince } };
  const agreed = absentSince !== undefined && secondsSince(absentSince, now) >= AGREEMENT_SECONDS;
  if (agreed && secondsSince(write.interruptedAt!, now) >= READ_LAG_SECONDS) {
    return readSettings({ ...waiting, ecsStarted: state.ecsStarted === 'perhaps' ? undefined : state.ecsStarted }, rollout, 0, 'APPLYING: the interrupted update has had no effect; plans it again');
  }
  return readNewerDeployments(waiting, RESOLVE_SECONDS);
}
