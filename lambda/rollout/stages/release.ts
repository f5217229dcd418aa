import { AGREEMENT_SECONDS, READ_LAG_SECONDS, RETRY_SECONDS, secondsSince } from '../../timing';
import { adoptionRecord, isOnItsWayBack, replacedTags } from '../facts/adoption-record';
import type { Observation, ObservedDaemon } from '../observation';
import { isOurs, ownerOf } from '../facts/ownership';
import { type Rollout, showsOlderWrites } from '../rollout';
import { desiredFleet } from '../facts/fleet-settings';
import { poll, type Result, withLog, type State } from '../state';
import { fail, succeed } from '../report/response';
import { isCompleted } from './adoption';
import { adoptingProperties, deletedDaemonArn, deletedDaemonName, restoreRequest } from '../facts/subject';
import { afterDeletionOfPrevious, readSettings, requestWrite } from './transitions';

/**
 * What a deletion does with a daemon whose adoption was never completed: nothing is deleted, and the daemon is given back.
 *
 * Undefined if it is to go on.
 */
export function releaseInstead(state: State, daemon: ObservedDaemon, seen: Observation, now: number, rollout: Rollout): State | undefined {
  const { tags = {}, arn } = daemon;
  const record = adoptionRecord(tags);
  const owner = ownerOf(replacedTags(tags));
  if (isOnItsWayBack(tags, rollout)) {
    const release = { deploymentId: record?.deploymentId ?? '', owner, since: now };
    return returnOwnership({ ...state, release }, false, 'what became of its settings is in the log of an earlier try', now, rollout);
  }
  if (!record || !isOurs(tags, rollout)) return undefined;
  if (!seen.openOperations) return poll(state, 0, { daemon: { arn, tags: true }, openOperations: rollout.stackId });
  if (isCompleted(record, seen.openOperations)) return undefined;
  if (daemon.status !== 'ACTIVE') return poll(state, RETRY_SECONDS, { daemon: { arn, tags: true } });
  const line = `PREFLIGHT: the adoption of the daemon ${deletedDaemonName(state, rollout)} is rolled back; gives it back to ${owner}`;
  return readFormerSettings({ ...withLog(state, line), release: { deploymentId: record.deploymentId, owner, since: now } }, rollout);
}

/** Looks for the deployment that was the latest before the adoption, and for what that has rolled out. */
function readFormerSettings(state: State, rollout: Rollout, seconds = 0): State {
  const { deploymentId } = state.release!;
  const replacedBy = desiredFleet(adoptingProperties(state, rollout));
  const recorded = { daemonArn: deletedDaemonArn(state, rollout), deploymentId, replacedBy };
  return poll({ ...state, stage: 'giving-back' }, seconds, { recorded });
}

export function release(state: State, { recorded, daemon }: Observation, now: number, rollout: Rollout): State {
  const given = state.release!;
  if (given.ended) return daemon ? watchOwnership(state, daemon, now, rollout) : readOwner(state, rollout, 0);
  if (!recorded) return readFormerSettings(state, rollout);
  if (recorded === 'forgotten') {
    return returnOwnership(state, false, `ECS has forgotten the deployment ${given.deploymentId || 'before the adoption'} or what it left behind`, now, rollout);
  }
  const { settings, isReplaced } = recorded;
  // the former owner's last deployment may not have shown before the adoption; it does where one of the adoption's own shows (A28)
  if (!isReplaced && !showsOlderWrites(rollout, now)) return readFormerSettings(state, rollout, AGREEMENT_SECONDS);
  return readSettings({ ...state, release: { ...given, settings } }, restoreRequest(settings, state, rollout), 0);
}

/** Goes on to the ownership once the settings are back, or cannot be put back. */
export function afterRestore(state: State, now: number, rollout: Rollout): State {
  if (!state.release || state.release.ended || !('answer' in state.decision)) return state;
  const { Data, Reason } = state.decision.answer;
  return returnOwnership(state, Data?.Outcome === 'SUCCEEDED' || Data?.Outcome === 'UNCHANGED', Reason, now, rollout);
}

function returnOwnership(state: State, restored: boolean, reason: string, now: number, rollout: Rollout): State {
  const given = { ...state.release!, since: now, ended: { restored, reason: reason.slice(0, 500) } };
  const line = restored ? 'is as it was before' : `is not put back as it was: ${reason}`;
  const next: State = { ...state, stage: 'giving-back', release: given, watched: undefined };
  return requestWrite(next, 'give-back-daemon', now, `APPLYING: the daemon ${deletedDaemonName(state, rollout)} ${line}; gives its ownership back`);
}

/** Judges what the write of the ownership has come to; each of its calls may be made again. */
export function judgeRelease(state: State, result: Result, now: number, rollout: Rollout): State {
  if (result.kind === 'done') return released(state, rollout);
  const trouble = result.kind === 'refused' ? `${result.fault.name}: ${result.fault.message}`
    : result.kind === 'unsent' ? result.message : result.kind === 'moved' ? 'a read shows no adoption' : 'it was cut off';
  if (result.kind === 'refused' && result.fault.kind !== 'throttled' && secondsSince(state.release!.since, now) >= READ_LAG_SECONDS) {
    return fail(state, rollout, 'FAILED', `the ownership of the daemon ${deletedDaemonName(state, rollout)} could not be given back: ${trouble}`);
  }
  const blockedOn = `the ownership could not be given back: ${trouble.slice(0, 300)}`;
  return readOwner({ ...state, blockedOn }, rollout, RETRY_SECONDS, `APPLYING: looks whether the ownership is given back: ${trouble}`);
}

const readOwner = (state: State, rollout: Rollout, seconds: number, ...logLines: string[]): State =>
  poll({ ...state, stage: 'giving-back' }, seconds, { daemon: { arn: deletedDaemonArn(state, rollout), tags: true } }, ...logLines);

/** Once given back, IAM refuses us: a read that still shows it as ours leads to a refusal, and to another look. */
function watchOwnership(state: State, daemon: NonNullable<Observation['daemon']>, now: number, rollout: Rollout): State {
  if (daemon === 'absent') return released(state, rollout);
  const { tags = {} } = daemon;
  const left = (isOurs(tags, rollout) && adoptionRecord(tags) !== undefined) || isOnItsWayBack(tags, rollout);
  if (left) return requestWrite(state, 'give-back-daemon', now);
  // the read may be older than the adoption, and show the tags that were before it (A28)
  return showsOlderWrites(rollout, now) ? released(state, rollout) : readOwner(state, rollout, RETRY_SECONDS);
}

function released(state: State, rollout: Rollout): State {
  const { owner, ended } = state.release!;
  const name = deletedDaemonName(state, rollout);
  const sentence = ended!.restored ? `the daemon ${name} is given back as it was to ${owner}`
    : `the daemon ${name} is given back to ${owner}, undeleted, but not as it was: ${ended!.reason}`;
  if (state.deletesPrevious) return afterDeletionOfPrevious({ ...state, release: undefined }, rollout, `APPLYING: ${sentence}`);
  return succeed(state, rollout, ended!.restored ? 'SUCCEEDED' : 'DEGRADED', sentence);
}
