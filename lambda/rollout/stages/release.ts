import { AGREEMENT_SECONDS, READ_LAG_SECONDS, RETRY_SECONDS, secondsSince } from '../../timing';
import { adoptionRecord, isOnItsWayBack, replacedTags } from '../facts/adoption-record';
import type { Observation, ObservedDaemon } from '../observation';
import { isOurs, ownerOf } from '../facts/ownership';
import { type Rollout, showsOlderWrites } from '../rollout';
import { desiredFleet } from '../facts/fleet-settings';
import { lookAgain, type Result, saying, type State } from '../state';
import { fail, succeed } from '../report/response';
import { isCompleted } from './adoption';
import { adoptingProperties, doomedArn, nameOf, restoring } from '../facts/subject';
import { afterLeftover, lookAtSettings, want } from './transitions';

/**
 * What a deletion does with a daemon whose adoption was never completed: nothing is deleted, and the daemon is given back.
 *
 * Undefined if it is to go on.
 */
export function giveBackInstead(state: State, daemon: ObservedDaemon, seen: Observation, now: number, rollout: Rollout): State | undefined {
  const { tags = {}, arn } = daemon;
  const record = adoptionRecord(tags);
  const owner = ownerOf(replacedTags(tags));
  if (isOnItsWayBack(tags, rollout)) {
    const giveBack = { deploymentId: record?.deploymentId ?? '', owner, since: now };
    return returnOwnership({ ...state, giveBack }, false, 'what became of its settings is in the log of an earlier try', now, rollout);
  }
  if (!record || !isOurs(tags, rollout)) return undefined;
  if (!seen.openOperations) return lookAgain(state, 0, { daemon: { arn, tags: true }, openOperations: rollout.stackId });
  if (isCompleted(record, seen.openOperations)) return undefined;
  if (daemon.status !== 'ACTIVE') return lookAgain(state, RETRY_SECONDS, { daemon: { arn, tags: true } });
  const says = `PREFLIGHT: the adoption of the daemon ${nameOf(state, rollout)} is rolled back; gives it back to ${owner}`;
  return lookAtRecorded({ ...saying(state, says), giveBack: { deploymentId: record.deploymentId, owner, since: now } }, rollout);
}

/** Looks for the deployment that was the latest before the adoption, and for what that has rolled out. */
function lookAtRecorded(state: State, rollout: Rollout, seconds = 0): State {
  const { deploymentId } = state.giveBack!;
  const recorded = { daemonArn: doomedArn(state, rollout), deploymentId, replacedBy: desiredFleet(adoptingProperties(state, rollout)) };
  return lookAgain({ ...state, stage: 'giving-back' }, seconds, { recorded });
}

export function giveBack(state: State, { recorded, daemon }: Observation, now: number, rollout: Rollout): State {
  const given = state.giveBack!;
  if (given.ended) return daemon ? watchOwnership(state, daemon, now, rollout) : lookAtOwner(state, rollout, 0);
  if (!recorded) return lookAtRecorded(state, rollout);
  if (recorded === 'forgotten') {
    return returnOwnership(state, false, `ECS has forgotten the deployment ${given.deploymentId || 'before the adoption'} or what it left behind`, now, rollout);
  }
  const { settings, isReplaced } = recorded;
  // the former owner's last deployment may not have shown before the adoption; it does where one of the adoption's own shows (A28)
  if (!isReplaced && !showsOlderWrites(rollout, now)) return lookAtRecorded(state, rollout, AGREEMENT_SECONDS);
  return lookAtSettings({ ...state, giveBack: { ...given, settings } }, restoring(settings, state, rollout), 0);
}

/** Goes on to the ownership once the settings are back, or cannot be put back. */
export function settleGiveBack(state: State, now: number, rollout: Rollout): State {
  if (!state.giveBack || state.giveBack.ended || !('answer' in state.want)) return state;
  const { Data, Reason } = state.want.answer;
  return returnOwnership(state, Data?.Outcome === 'SUCCEEDED' || Data?.Outcome === 'UNCHANGED', Reason, now, rollout);
}

function returnOwnership(state: State, restored: boolean, reason: string, now: number, rollout: Rollout): State {
  const given = { ...state.giveBack!, since: now, ended: { restored, reason: reason.slice(0, 500) } };
  const told = restored ? 'is as it was before' : `is not put back as it was: ${reason}`;
  const next: State = { ...state, stage: 'giving-back', giveBack: given, followed: undefined };
  return want(next, 'give-back-daemon', now, `APPLYING: the daemon ${nameOf(state, rollout)} ${told}; gives its ownership back`);
}

/** Judges what the write of the ownership has come to; each of its calls may be made again. */
export function takeReturn(state: State, result: Result, now: number, rollout: Rollout): State {
  if (result.kind === 'done') return handedBack(state, rollout);
  const trouble = result.kind === 'refused' ? `${result.fault.name}: ${result.fault.message}`
    : result.kind === 'unsent' ? result.message : result.kind === 'moved' ? 'a read shows no adoption' : 'it was cut off';
  if (result.kind === 'refused' && result.fault.kind !== 'throttled' && secondsSince(state.giveBack!.since, now) >= READ_LAG_SECONDS) {
    return fail(state, rollout, 'FAILED', `the ownership of the daemon ${nameOf(state, rollout)} could not be given back: ${trouble}`);
  }
  const obstacle = `the ownership could not be given back: ${trouble.slice(0, 300)}`;
  return lookAtOwner({ ...state, obstacle }, rollout, RETRY_SECONDS, `APPLYING: looks whether the ownership is given back: ${trouble}`);
}

const lookAtOwner = (state: State, rollout: Rollout, seconds: number, ...says: string[]): State =>
  lookAgain({ ...state, stage: 'giving-back' }, seconds, { daemon: { arn: doomedArn(state, rollout), tags: true } }, ...says);

/** Once given back, IAM refuses us: a read that still shows it as ours leads to a refusal, and to another look. */
function watchOwnership(state: State, daemon: NonNullable<Observation['daemon']>, now: number, rollout: Rollout): State {
  if (daemon === 'absent') return handedBack(state, rollout);
  const { tags = {} } = daemon;
  const left = (isOurs(tags, rollout) && adoptionRecord(tags) !== undefined) || isOnItsWayBack(tags, rollout);
  if (left) return want(state, 'give-back-daemon', now);
  // the read may be older than the adoption, and show the tags that were before it (A28)
  return showsOlderWrites(rollout, now) ? handedBack(state, rollout) : lookAtOwner(state, rollout, RETRY_SECONDS);
}

function handedBack(state: State, rollout: Rollout): State {
  const { owner, ended } = state.giveBack!;
  const name = nameOf(state, rollout);
  const sentence = ended!.restored ? `the daemon ${name} is given back as it was to ${owner}`
    : `the daemon ${name} is given back to ${owner}, undeleted, but not as it was: ${ended!.reason}`;
  if (state.leftover) return afterLeftover({ ...state, giveBack: undefined }, rollout, `APPLYING: ${sentence}`);
  return succeed(state, rollout, ended!.restored ? 'SUCCEEDED' : 'DEGRADED', sentence);
}
