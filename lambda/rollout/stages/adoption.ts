import { READ_LAG_SECONDS, secondsSince, VISIBLE_SECONDS } from '../../timing';
import { PLAN_RULES } from '../consistency/plan';
import { adoptingTags, adoptionObstacle, adoptionRecord, type AdoptionRecord } from '../facts/adoption-record';
import { isOver, lacksInstances } from '../facts/deployment-status';
import { desiredFleet, differences, targetFleet, WHY_UNKNOWN } from '../facts/fleet-settings';
import { mayShowLater, withUnreadable } from '../facts/newest';
import { hasOwner, ownerOf } from '../facts/ownership';
import type { Observation, ObservedDaemon } from '../observation';
import { fail } from '../report/response';
import type { Rollout } from '../rollout';
import type { State } from '../state';
import { fleetAtRest, withObserved } from './plan-change';
import { carryOutPlan, readSettings, readSettingsAndOperations, requestWrite, waitFor } from './transitions';

/**
 * Adopts a daemon that belongs to somebody else by its tags alone: its settings must be those of the template.
 *
 * A resource that the stack creates or updates in the same operation must not request the daemon too, since each would revert the other.
 */
export function adopt(before: State, daemon: ObservedDaemon, seen: Observation, now: number, rollout: Rollout): State {
  const { latestArn, tags = {} } = daemon;
  const { openOperations, requests } = seen;
  const state = withUnreadable(before, daemon, now);
  const refuse = (why: string): State => fail({ ...state, createdDaemon: false }, rollout, 'FAILED', `the daemon ${rollout.desired.DaemonName} ${why}`);
  const differs = isMoving(daemon, now) ? undefined : settingsObstacle(state, daemon, now, rollout);
  // The tags read may be those that an earlier adoption has replaced, and would be recorded as the former owner's (A28).
  const isYoung = secondsSince(rollout.startedAt, now) < READ_LAG_SECONDS;
  if (mayShowLater(state, now) || differs === 'unknown' || (!isMoving(daemon, now) && isYoung && hasOwner(tags))) {
    return readSettings(state, rollout, VISIBLE_SECONDS);
  }
  if (!openOperations || !requests) return readSettingsAndOperations(state, rollout, { requests: rollout.stackId });
  const rival = requests.find(({ logicalId, daemonArns }) => logicalId !== rollout.logicalId && daemonArns.includes(rollout.daemonArn));
  if (rival) return refuse(`is not adopted, because the resource ${rival.logicalId} of this stack requests it in the same deployment; it was left alone`);
  if (isMoving(daemon, now)) return awaitDeployment(state, daemon, now, rollout);
  if (differs !== undefined) {
    const advice = 'let the template have its settings, and change them in the next deployment';
    return refuse(`cannot be adopted, because ${differs}; it was left alone; ${advice}`);
  }
  const [operation = 'unknown'] = openOperations;
  const obstacle = adoptionObstacle(tags, adoptingTags(tags, operation, rollout));
  if (obstacle) return refuse(`cannot be adopted, because ${obstacle}; it was left alone`);
  const adoption = { operation, takenFromOwner: hasOwner(tags), since: now };
  const line = `APPLYING: adopts the daemon ${rollout.desired.DaemonName}, which belongs to ${ownerOf(tags)}`;
  return requestWrite({ ...state, latestArn, stage: { name: 'write', plan: { kind: 'adopt-daemon', adoption } } }, 'adopt-daemon', now, line);
}

/** Ends the adoption of a daemon whose tags name this resource. */
export function finishAdoption(before: State, daemon: ObservedDaemon, now: number, rollout: Rollout): State {
  const state = withUnreadable(withObserved(before, daemon, rollout), daemon, now);
  if (mayShowLater(state, now)) return readSettings(state, rollout, VISIBLE_SECONDS);
  if (isMoving(daemon, now)) return awaitDeployment(state, daemon, now, rollout);
  const differs = settingsObstacle(state, daemon, now, rollout);
  if (differs === 'unknown') return readSettings(state, rollout, VISIBLE_SECONDS);
  if (differs === undefined) return carryOutPlan(state, { kind: 'none' }, now, rollout);
  return fail(state, rollout, 'FAILED', `the daemon ${rollout.desired.DaemonName} was changed during its adoption: ${differs}`);
}

const isMoving = ({ latest }: ObservedDaemon, now: number): boolean =>
  latest !== undefined && !isOver(latest) && !lacksInstances(latest, now);

const awaitDeployment = (state: State, { latestArn }: ObservedDaemon, now: number, rollout: Rollout): State =>
  waitFor(state, { deployment: latestArn }, `the deployment ${latestArn} of the daemon ${rollout.desired.DaemonName}, which is to be adopted, to end`, now, rollout);

/** Why the daemon does not have the settings of the template; `unknown` while a read may not show them (A28), undefined if it has them. */
function settingsObstacle(state: State, daemon: ObservedDaemon, now: number, rollout: Rollout): string | undefined {
  const { latest } = daemon;
  const fleet = latest && lacksInstances(latest, now) ? targetFleet(daemon, latest) ?? 'invisible'
    : fleetAtRest(daemon, now, { ...rollout, previous: undefined });
  if (typeof fleet === 'string') return PLAN_RULES['fleet-unreadable'].applies({ state, daemon, now, rollout }) ? 'unknown' : WHY_UNKNOWN[fleet];
  const differs = differences(fleet, desiredFleet(rollout.desired));
  return differs.length > 0 ? differs.join('; ').slice(0, 500) : undefined;
}

/** Notes that an earlier try of this Create has adopted the daemon. */
export const alreadyAdopted = (state: State, { operation }: AdoptionRecord, now: number): State =>
  ({ ...state, adoption: state.adoption ?? { operation, takenFromOwner: true, since: now } });

/** The state after an adoption that was not written, or may not have been. */
export const withoutAdoption = (state: State): State => ({ ...state, adoption: undefined, createdDaemon: false });

/** Whether an ordinary Update must find out, once, that the record of an adoption has served. */
export const mayBeCompleted = (state: State, { tags = {} }: ObservedDaemon, rollout: Rollout): boolean =>
  !rollout.rollingBack && state.adoptionCompleted === undefined && adoptionRecord(tags) !== undefined;

/** An adoption is completed with the operation of the stack that it was a part of. */
export const isCompleted = ({ operation }: AdoptionRecord, openOperations: readonly string[]): boolean =>
  !openOperations.includes(operation);

/**
 * Holds the success of an adoption back until reads of the former owner must return the new one.
 *
 * The deletion that follows a change of logical id would otherwise read tags that still name the old owner (A28).
 */
export function awaitOwnershipVisible(state: State, now: number, rollout: Rollout): State {
  const { adoption, decision } = state;
  if (!adoption?.takenFromOwner || decision.kind !== 'finish' || decision.response.Status !== 'SUCCESS') return state;
  const left = READ_LAG_SECONDS - secondsSince(adoption.since, now);
  if (left <= 0 || secondsSince(now, rollout.deadline) <= left) return state;
  const line = 'APPLYING: waits until reads of the former owner must return the adoption';
  return readSettings({ ...state, phase: 'APPLYING', logLines: [] }, rollout, Math.ceil(left), line);
}
