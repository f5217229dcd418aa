import { READ_LAG_SECONDS, secondsSince, VISIBLE_SECONDS } from '../../timing';
import { adoptingTags, adoptionObstacle, adoptionRecord, type AdoptionRecord } from '../facts/adoption-record';
import type { Observation, ObservedDaemon } from '../observation';
import { hasOwner, ownerOf } from '../facts/ownership';
import type { Rollout } from '../rollout';
import type { State } from '../state';
import { fail } from '../report/response';
import { isOver, lacksInstances } from '../facts/deployment-status';
import { mayShowLater, withUnreadable } from '../facts/newest';
import { readSettings, readSettingsAndOperations, waitFor, requestWrite } from './transitions';

/**
 * Takes over a daemon that is not ours: its tags first, then a change like any other.
 *
 * At rest only, since what a deployment in progress leads to could not be put back; and not from a resource that the stack makes or
 * updates beside this one, since each would go on to undo what the other has done.
 */
export function adopt(before: State, daemon: ObservedDaemon, seen: Observation, now: number, rollout: Rollout): State {
  const state = withUnreadable(before, daemon, now);
  const { latest, latestArn, tags = {} } = daemon;
  const { openOperations, requests } = seen;
  const { DaemonName } = rollout.desired;
  const isYoung = secondsSince(rollout.startedAt, now) < READ_LAG_SECONDS;
  if (mayShowLater(state, now)) return readSettings(state, rollout, VISIBLE_SECONDS);
  const isMoving = latest && !isOver(latest) && !lacksInstances(latest, now);
  // what is read may be the tags that an adoption before this one had, and would be written down as the former owner's (A28)
  if (!isMoving && isYoung && hasOwner(tags)) return readSettings(state, rollout, VISIBLE_SECONDS);
  if (!openOperations || !requests) return readSettingsAndOperations(state, rollout, { requests: rollout.stackId });
  const rival = requests.find(({ logicalId, daemonArns }) => logicalId !== rollout.logicalId && daemonArns.includes(rollout.daemonArn));
  if (rival) {
    return fail({ ...state, createdDaemon: false }, rollout, 'FAILED',
      `the daemon ${DaemonName} is not adopted, because the resource ${rival.logicalId} of this stack asks for it in the same deployment; it was left alone`);
  }
  if (isMoving) {
    return waitFor(state, { deployment: latestArn }, `the deployment ${latestArn} of the daemon ${DaemonName}, which is to be adopted, to end`, now, rollout);
  }
  const [operation = 'unknown'] = openOperations;
  const obstacle = adoptionObstacle(tags, adoptingTags(tags, operation, latestArn, rollout));
  if (obstacle) {
    return fail({ ...state, createdDaemon: false }, rollout, 'FAILED', `the daemon ${DaemonName} cannot be adopted, because ${obstacle}; it was left alone`);
  }
  const adoption = { operation, takenFromOwner: hasOwner(tags), since: now };
  const line = `APPLYING: adopts the daemon ${DaemonName}, which belongs to ${ownerOf(tags)}`;
  return requestWrite({ ...state, latestArn, createdDaemon: true, adoption }, 'adopt-daemon', now, line);
}

/** Notes that an earlier try of this Create has adopted the daemon. */
export function alreadyAdopted(state: State, { tags = {} }: ObservedDaemon, now: number): State {
  const record = adoptionRecord(tags);
  return record ? { ...state, adoption: { operation: record.operation, takenFromOwner: true, since: now } } : state;
}

/** Whether the tags of an adoption may only not be visible yet (A28). */
export const isAdoptionLate = ({ adoption }: State, now: number): boolean =>
  adoption !== undefined && secondsSince(adoption.since, now) < READ_LAG_SECONDS;

/** What an adoption has come to if it was not written, or nobody knows. */
export const withoutAdoption = (state: State): State => ({ ...state, adoption: undefined, createdDaemon: false });

/** Whether it is to be asked, once in an ordinary Update, if the record of an adoption has served. */
export const mayBeCompleted = (state: State, { tags = {} }: ObservedDaemon, rollout: Rollout): boolean =>
  !rollout.rollingBack && !state.adoption && state.adoptionCompleted === undefined && adoptionRecord(tags) !== undefined;

/** An adoption is completed with the operation of the stack that it was a part of. */
export const isCompleted = ({ operation }: AdoptionRecord, openOperations: readonly string[]): boolean =>
  !openOperations.includes(operation);

/**
 * Holds the success of an adoption back until its former owner must see it.
 *
 * The deletion that follows a change of logical id would else read tags that still name the old one (A28).
 */
export function awaitOwnershipVisible(state: State, now: number, rollout: Rollout): State {
  const { adoption, decision } = state;
  if (!adoption?.takenFromOwner || !('answer' in decision) || decision.answer.Status !== 'SUCCESS') return state;
  const left = READ_LAG_SECONDS - secondsSince(adoption.since, now);
  if (left <= 0 || secondsSince(now, rollout.deadline) <= left) return state;
  const line = 'APPLYING: waits until the former owner must see that the daemon is adopted';
  return readSettings({ ...state, phase: 'APPLYING', logLines: [] }, rollout, Math.ceil(left), line);
}
