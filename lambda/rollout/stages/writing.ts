import {
  AGREEMENT_SECONDS, CONFIRM_SECONDS, MOST_RETRY_SECONDS, READ_LAG_SECONDS, RESOLVE_SECONDS, RETRY_SECONDS, secondsSince,
  SETTLING_SECONDS,
} from '../../timing';
import type { Fault } from '../aws/fault';
import type { Observation } from '../observation';
import type { Rollout } from '../rollout';
import { desiredSettings, isSameRevision } from '../facts/fleet-settings';
import { type Command, lookAgain, type Result, saying, type State } from '../state';
import { fail } from '../report/response';
import { withoutAdoption } from './adoption';
import { deletionBegun, deletionRefused } from './deletion';
import { takeReturn } from './release';
import { isRefusedForDeployment, waitForRefusing } from './refusal';
import { apply, follow, lookAtAlarms, lookAtSettings, lookForDaemon, takeTurn } from './transitions';

/** Judges what a write has come to. */
export function takeResult(before: State, result: Result, now: number, rollout: Rollout): State {
  const { command } = before.attempt!;
  const isPutOff = result.kind === 'unsent' || result.kind === 'refused';
  const mayHaveArrived = result.kind === 'done' || result.kind === 'cut-off';
  const taken: State = {
    ...before,
    result: undefined,
    throttles: isPutOff ? (before.throttles ?? 0) + 1 : undefined,
    lateChecks: result.kind === 'unsent' && result.isLate ? (before.lateChecks ?? 0) + 1 : before.lateChecks,
    refusedSince: result.kind === 'refused' && result.fault.kind !== 'throttled' ? before.refusedSince ?? now : undefined,
    ...mayHaveArrived && { attempt: { ...before.attempt!, knownAt: now } },
    ...mayHaveArrived && before.adoption && command === 'adopt-daemon' && { adoption: { ...before.adoption, since: now } },
  };
  if (command === 'give-back-daemon') return takeReturn(taken, result, now, rollout);
  const unwritten = command === 'adopt-daemon' && result.kind !== 'done' && result.kind !== 'cut-off';
  const state = unwritten ? withoutAdoption(taken) : taken;
  switch (result.kind) {
    case 'done': return done(state, command, result.deploymentArn, now, rollout);
    case 'cut-off': return cutOff(state, command, result.message, now, rollout);
    case 'refused': return refused(state, command, result.fault, now, rollout);
    case 'unsent': return unsent(state, command, result.message, rollout);
    case 'moved': return lookAtSettings(state, rollout, CONFIRM_SECONDS, 'APPLYING: the daemon has changed meanwhile; looks again before writing');
    case 'taken': return takeTurn(unrequested(state, command), CONFIRM_SECONDS, now, rollout);
    case 'unsafe': return lookAtAlarms(state, CONFIRM_SECONDS, 'PREFLIGHT: the guard alarms have changed meanwhile; looks again before writing');
  }
}

/** Each try costs as many reads as the one before, and they are throttled too (A24): the pause doubles. */
const pauseOf = ({ throttles = 1 }: State): number => Math.min(MOST_RETRY_SECONDS, RETRY_SECONDS * 2 ** (throttles - 1));

/** A request to delete that was not sent does not count. */
const unrequested = (state: State, command: Command): State =>
  command === 'delete-daemon' ? { ...state, deleteRequests: (state.deleteRequests ?? 1) - 1 } : state;

const withTags = ({ changed = [] }: State): readonly string[] => [...new Set([...changed, 'the tags were changed'])];

type Judged = Exclude<Command, 'give-back-daemon'>;

function done(state: State, command: Judged, deploymentArn: string, now: number, rollout: Rollout): State {
  const hasDeployment = command === 'create-daemon' || command === 'update-daemon';
  if (hasDeployment && deploymentArn === '') return cutOff(state, command, 'ECS named no deployment', now, rollout);
  switch (command) {
    case 'tag-daemon': return apply({ ...state, tagsDiffer: false, tagsWritten: true, changed: withTags(state) }, now, rollout);
    case 'delete-daemon': return deletionBegun({ ...state, begun: 'certainly' }, now, rollout);
    case 'adopt-daemon': return lookAtSettings({ ...state, changed: withTags(state) }, rollout, 0, `APPLYING: the daemon ${rollout.desired.DaemonName} is adopted`);
    case 'create-daemon': return follow({ ...state, made: true, unclaimed: true }, deploymentArn, 'forward', now, rollout);
    case 'update-daemon': return follow(state, deploymentArn, 'forward', now, rollout);
  }
}

function cutOff(before: State, command: Judged, message: string, now: number, rollout: Rollout): State {
  const isOfTags = command === 'tag-daemon' || command === 'adopt-daemon';
  const state: State = isOfTags ? { ...before, changed: withTags(before) } : { ...before, begun: before.begun ?? 'perhaps' };
  const told = `APPLYING: ${command} was cut off (${message}); looks whether it took effect`;
  switch (command) {
    case 'tag-daemon': return lookAtSettings(state, rollout, RETRY_SECONDS, told);
    case 'adopt-daemon': return lookAtSettings({ ...state, adoption: { ...state.adoption!, cutOff: true } }, rollout, RETRY_SECONDS, told);
    case 'delete-daemon': return deletionBegun({ ...state, deletionCutOff: true }, now, rollout, told);
    // a client token makes a second request harmless (A17), and the daemon's name tells whether the first one landed
    case 'create-daemon': return lookAtSettings({ ...state, made: true }, rollout, RETRY_SECONDS, told);
    case 'update-daemon': {
      const attempt = { ...state.attempt!, cutOffAt: now, absentSince: undefined };
      return resolve({ ...state, attempt }, 0, told);
    }
  }
}

function unsent(before: State, command: Judged, message: string, rollout: Rollout): State {
  const told = `${command} was not sent: ${message.slice(0, 300)}`;
  const state: State = { ...unrequested(before, command), obstacle: told };
  return command === 'delete-daemon' ? lookForDaemon(state, rollout, pauseOf(state), `DRAINING: ${told}; looks again`)
    : lookAtSettings(state, rollout, pauseOf(state), `APPLYING: ${told}; looks again`);
}

function refused(state: State, command: Judged, fault: Fault, now: number, rollout: Rollout): State {
  if (command === 'delete-daemon') return deletionRefused(state, fault, now, rollout);
  // an adopted daemon is ours to IAM once it sees the tags
  const age = secondsSince(state.adoption?.since ?? rollout.startedAt, now);
  const hindered: State = { ...state, obstacle: `ECS refused: ${fault.message.slice(0, 300)}` };
  const again = (why: string) => lookAtSettings(hindered, rollout, pauseOf(state), `APPLYING: ${why}; tries again: ${fault.message}`);
  if (fault.kind === 'throttled') return again('throttled');
  if (fault.kind === 'denied' && age < SETTLING_SECONDS) return again('not allowed yet');
  const refusedFor = secondsSince(state.refusedSince ?? now, now);
  if (fault.kind === 'not-ready' && refusedFor < SETTLING_SECONDS) return again('not ready yet');
  if (fault.kind === 'deleting' || fault.kind === 'not-active' || isRefusedForDeployment(fault, state)) {
    const waiting: State = { ...hindered, phase: 'WAITING_TURN' };
    return (fault.kind === 'refused' ? waitForRefusing(waiting, fault, now) : undefined)
      ?? lookAtSettings(waiting, rollout, pauseOf(state), `WAITING_TURN: ECS refuses for now: ${fault.message}`);
  }
  // AWS documents no error for a name that exists (A17); the next read shows who owns that daemon
  if (command === 'create-daemon' && /exist/i.test(fault.message) && !/does not exist/i.test(fault.message) && refusedFor < READ_LAG_SECONDS) {
    return lookAtSettings(state, rollout, RETRY_SECONDS, `APPLYING: ECS says that the daemon exists: ${fault.message}`);
  }
  return fail(state, rollout, 'FAILED', `${fault.name}: ${fault.message}`);
}

function resolve(state: State, seconds: number, ...says: string[]): State {
  return lookAgain({ ...state, stage: 'resolving' }, seconds, { newerThan: state.attempt!.notBefore }, ...says);
}

/**
 * Whether an UpdateDaemon that was cut off has taken effect.
 *
 * A deployment that is newer than the attempt and targets what we want is that of the attempt. That there is none is believed
 * only when two reads at least 30 s apart, the last one 130 s after the attempt, agree (A28): no blind retry (R7).
 */
export function resolveAttempt(state: State, { newer = [] }: Observation, now: number, rollout: Rollout): State {
  const attempt = state.attempt!;
  const later = newer.filter(({ arn }) => arn !== attempt.latestArn);
  const desired = desiredSettings(rollout.desired);
  const own = later.find(({ settings }) => settings && isSameRevision(settings, desired));
  if (own) return follow(saying(state, 'APPLYING: the update that was cut off has taken effect'), own.arn, 'forward', now, rollout);
  // a deployment whose revision is not visible yet (R41) may be ours
  const absentSince = later.some(({ settings }) => !settings) ? undefined : attempt.absentSince ?? now;
  const waiting = { ...state, attempt: { ...attempt, absentSince } };
  const agreed = absentSince !== undefined && secondsSince(absentSince, now) >= AGREEMENT_SECONDS;
  if (agreed && secondsSince(attempt.cutOffAt!, now) >= READ_LAG_SECONDS) {
    return lookAtSettings({ ...waiting, begun: state.begun === 'perhaps' ? undefined : state.begun }, rollout, 0, 'APPLYING: the update that was cut off has had no effect; plans it again');
  }
  return resolve(waiting, RESOLVE_SECONDS);
}
