import { AGREEMENT_SECONDS, VISIBLE_SECONDS, WAIT_SECONDS } from '../../timing';
import { PLAN_RULES, type PlanRead } from '../consistency/plan';
import { adoptionRecord } from '../facts/adoption-record';
import { isOver, lacksInstances } from '../facts/deployment-status';
import { actualFleet, desiredFleet, differences, isSameFleet } from '../facts/fleet-settings';
import { withNewest } from '../facts/newest';
import { hasOwner, isOurs, ownerOf, STACK_KEY, type Tags } from '../facts/ownership';
import type { Observation, ObservedDaemon, ObservedDeployment } from '../observation';
import { fail } from '../report/response';
import type { Rollout } from '../rollout';
import { type State, type StateIn, withLog, withSighting } from '../state';
import { adopt, alreadyAdopted, finishAdoption, isCompleted, mayBeCompleted, withoutAdoption } from './adoption';
import { planChange, tokenDiffers, withObserved } from './plan-change';
import { preflight } from './preflight';
import { stillRejects } from './refusal';
import { carryOutPlan, keepWaiting, readDaemonToDelete, readSettings, readSettingsAndOperations, waitFor } from './transitions';

export function planCreate(state: State, seen: Observation, now: number, rollout: Rollout): State {
  const { daemon } = seen;
  const { DaemonName } = rollout.desired;
  if (!daemon) return readSettings(state, rollout, 0);
  if (daemon === 'absent') return preflight({ ...state, latestArn: '', tagsDiffer: false }, { kind: 'create-daemon' }, now, rollout);
  if (daemon.status === 'DELETE_IN_PROGRESS') {
    return waitFor(state, { daemon: { arn: daemon.arn } }, `a daemon named ${DaemonName}, which is being deleted, to be gone`, now, rollout);
  }
  const { tags = {} } = daemon;
  if (!isOurs(tags, rollout)) return planForeign(state, daemon, seen, now, rollout);
  const record = adoptionRecord(tags);
  if (PLAN_RULES['adoption-rolled-back-before'].applies({ state, daemon, now, rollout })) return readSettings(state, rollout, VISIBLE_SECONDS);
  const own: State = { ...state, createdDaemon: true };
  return record ? finishAdoption(alreadyAdopted(own, record, now), daemon, now, rollout) : planChange(own, daemon, now, rollout);
}

/** Adopts or refuses a daemon of another owner that has the name of the one to create. */
function planForeign(state: State, daemon: ObservedDaemon, seen: Observation, now: number, rollout: Rollout): State {
  const { tags = {} } = daemon;
  const { ClusterArn, DaemonName, AdoptExisting } = rollout.desired;
  const read: PlanRead = { state, daemon, now, rollout };
  const isEarly = PLAN_RULES['own-create-untagged'].applies(read) || PLAN_RULES['adoption-not-visible'].applies(read);
  if (isEarly) return readSettings(state, rollout, VISIBLE_SECONDS);
  if (state.adoption?.interrupted) return readSettings(withoutAdoption(state), rollout, 0);
  if (AdoptExisting && !rollout.rollingBack && !state.adoption) return adopt(state, daemon, seen, now, rollout);
  return fail({ ...state, createdDaemon: false }, rollout, 'FAILED',
    `a daemon named ${DaemonName} exists already in the cluster ${ClusterArn} and belongs to ${ownerOf(tags)}; it was left alone`
    + `; ${adviceOn(tags, rollout)}`);
}

/** What to do about a daemon of another owner that has the name. */
function adviceOn(tags: Tags, { stackId }: Rollout): string {
  if (tags[STACK_KEY] === stackId) return 'give one of the two resources another daemonName, or remove one';
  return hasOwner(tags) ? 'change the daemonName; only if that stack releases the daemon, set adoptExisting to take it over'
    : 'change the daemonName, or set adoptExisting to take it over';
}

/** The same in an update, which adopts nothing: the other owner may have adopted the daemon from this resource. */
function adviceInUpdate(tags: Tags, { stackId }: Rollout): string {
  if (tags[STACK_KEY] === stackId) return 'give one of the two resources another daemonName, or remove one';
  return `change the daemonName${hasOwner(tags) ? '; only if that stack releases the daemon,' : ', or'} remove the resource from its stack and add it again`
    + ' with adoptExisting, which takes over a daemon only when its resource is created';
}

export function planUpdate(before: State, seen: Observation, now: number, rollout: Rollout): State {
  const { daemon } = seen;
  const { DaemonName } = rollout.desired;
  if (!daemon) return readSettings(before, rollout, 0);
  if (daemon === 'absent') return planAbsent(before, now, rollout);
  const state = withSighting(before, 'daemon-absent', false, now);
  if (daemon.status === 'DELETE_IN_PROGRESS') {
    return waitFor(state, { daemon: { arn: daemon.arn } }, `the daemon ${DaemonName}, which is being deleted, to be gone`, now, rollout);
  }
  if (!isOurs(daemon.tags ?? {}, rollout)) {
    return fail(state, rollout, 'FAILED',
      `the daemon ${DaemonName} does not carry the tags of this stack and resource but belongs to ${ownerOf(daemon.tags ?? {})}; it was left alone`
      + `; ${adviceInUpdate(daemon.tags ?? {}, rollout)}`);
  }
  if (mayBeCompleted(state, daemon, rollout)) {
    if (!seen.openOperations) return readSettingsAndOperations(state, rollout);
    const adoptionCompleted = isCompleted(adoptionRecord(daemon.tags!)!, seen.openOperations);
    return planUpdate({ ...state, adoptionCompleted }, seen, now, { ...rollout, adoptionCompleted });
  }
  if (!asksForRollout(rollout)) return unchanged(state, daemon, now, rollout);
  return planChange(state, daemon, now, rollout);
}

/** Creates a daemon again that somebody has deleted. Reads may also be older than the daemon, be that two of them (A28). */
function planAbsent(before: State, now: number, rollout: Rollout): State {
  const isFirst = before.sightings['daemon-absent'] === undefined;
  const state = withSighting(before, 'daemon-absent', true, now);
  const lines = isFirst ? [`PREFLIGHT: ECS returns no daemon ${rollout.desired.DaemonName}; reads again, since a read may be older`] : [];
  if (PLAN_RULES['absent-once'].applies({ state, now, rollout })) return readSettings(state, rollout, AGREEMENT_SECONDS, ...lines);
  const missing = `the daemon ${rollout.desired.DaemonName} does not exist any more: it was deleted outside of CloudFormation`;
  return readSettings({ ...withSighting(state, 'daemon-absent', false, now), recreates: true }, rollout, 0, `PREFLIGHT: ${missing}; creates it again`);
}

/**
 * Whether the request changes what instances run; if it does not, it never drains. A rollback from a new token does
 * not either, but it waits for the deployment that the token has begun.
 */
const asksForRollout = (rollout: Rollout): boolean =>
  rollout.previous === undefined || tokenDiffers(rollout) || !isSameFleet(desiredFleet(rollout.previous), desiredFleet(rollout.desired));

/** The request changes nothing that instances run: no drain, whatever was changed manually. */
function unchanged(before: State, daemon: ObservedDaemon, now: number, rollout: Rollout): State {
  const state = withObserved(before, daemon, rollout);
  const actual = actualFleet(daemon);
  const drift = typeof actual === 'string' ? [] : differences(actual, desiredFleet(rollout.desired));
  const lines = drift.map((difference) => `PREFLIGHT: changed outside CloudFormation, until the next rollout reverts it: ${difference}`);
  return carryOutPlan(withLog(state, ...lines), { kind: 'none' }, now, rollout);
}

/** Plans again once the blocking deployment or deletion has ended. */
export function watchBlocker(before: StateIn<'await-deployment'>, { daemon, deployment }: Observation, now: number, rollout: Rollout): State {
  const state = deployment && deployment !== 'missing' ? withNewest(before, deployment, now) : before;
  const isBlocked = deployment ? blocks(deployment, state, now)
    : daemon && daemon !== 'absent' && daemon.status === 'DELETE_IN_PROGRESS';
  if (isBlocked && state.decision.kind === 'poll') return keepWaiting(state, WAIT_SECONDS, state.decision.reads, now, rollout);
  const { deletion } = before.stage;
  return deletion ? readDaemonToDelete(state, deletion) : readSettings(state, rollout, 0);
}

const blocks = (deployment: ObservedDeployment | 'missing', { rejection }: State, now: number): boolean => rejection
  ? stillRejects(deployment, rejection.at, now) : deployment !== 'missing' && !isOver(deployment) && !lacksInstances(deployment, now);
