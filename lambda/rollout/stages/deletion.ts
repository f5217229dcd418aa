import {
  AGREEMENT_SECONDS, BATCH_PATIENCE_SECONDS, CONFIRM_SECONDS, DELETE_RETRY_SECONDS, DRAINING_SECONDS, secondsSince, SETTLING_SECONDS,
} from '../../timing';
import { DRAIN_RULES } from '../consistency/drain';
import type { Fault } from '../aws/fault';
import type { Observation } from '../observation';
import { isOurs, ownerOf } from '../facts/ownership';
import type { Rollout } from '../rollout';
import type { Deletion } from '../stage';
import { poll, type State, type StateIn, withSighting } from '../state';
import { fail, succeed } from '../report/response';
import { releaseInstead } from './release';
import { waitForRejectingDeployment } from './refusal';
import { afterDeletionOfPrevious, furtherProviders, readDaemonToDelete, requestWrite } from './transitions';

/** DeleteDaemon is sent once more if ECS has rolled the deletion back (A16). */
const MOST_DELETE_REQUESTS = 2;
const REFUSED = 'ECS refused the deletion';

type Draining = StateIn<'drain'>;

const withDeletion = (state: State, deletion: Deletion): Draining => ({ ...state, stage: { name: 'drain', deletion } });

export function watchDeletion(before: Draining, seen: Observation, now: number, rollout: Rollout): State {
  const { daemon } = seen;
  if (!daemon) return readDaemonToDelete(before, before.stage.deletion);
  if (daemon === 'absent') return daemonAbsent(before, now, rollout);
  const state = withSighting(before, 'daemon-gone', false, now);
  const { deletion } = state.stage;
  const { tags } = daemon;
  if (tags) {
    if (DRAIN_RULES['tags-of-earlier-daemon'].applies({ deletion, daemon, now, rollout })) return keepDraining(state, AGREEMENT_SECONDS);
    const instead = releaseInstead(state, daemon, seen, now, rollout);
    if (instead) return instead;
    // somebody has created a daemon of that name after ours was gone
    if (!isOurs(tags, rollout) && deletion.isSeen && daemon.createdAt > rollout.startedAt) return gone(state, now, rollout);
    if (!isOurs(tags, rollout)) return notOurs(before, tags, now, rollout);
  }
  const owned: Draining = {
    ...withDeletion(state, { ...deletion, createdAt: Math.max(deletion.createdAt ?? 0, daemon.createdAt) }),
    latestArn: daemon.latestArn, furtherProviderArns: furtherProviders(daemon, rollout),
  };
  switch (daemon.status) {
    case 'ACTIVE': return active(owned, daemon.tags !== undefined, now, rollout);
    case 'DELETE_IN_PROGRESS': return draining(owned, daemon.revisions.reduce((sum, { running }) => sum + running, 0), now);
    default: return keepDraining(owned, DRAINING_SECONDS, `DRAINING: ECS reports the status ${daemon.status}, which is unknown; keeps polling`);
  }
}

function active(state: Draining, ownerIsFresh: boolean, now: number, rollout: Rollout): State {
  const { deletion } = state.stage;
  const { requests, isInterrupted, isSeen } = deletion;
  if (DRAIN_RULES['deletion-not-visible'].applies({ deletion, now, rollout })) return keepDraining(state, DRAINING_SECONDS);
  // somebody may have adopted it meanwhile, be it before the first request
  if (!ownerIsFresh) return readDaemonToDelete(state, deletion);
  if (requests === 0) return request(state, deletion, now);
  if (isInterrupted && !isSeen) {
    const ecsStarted = state.ecsStarted === 'perhaps' ? undefined : state.ecsStarted;
    return request({ ...state, ecsStarted }, unrequested(deletion), now, 'DRAINING: the interrupted request has had no effect; requests the deletion again');
  }
  if (requests < MOST_DELETE_REQUESTS) return request(state, deletion, now, 'DRAINING: the daemon is ACTIVE again; requests the deletion again');
  return fail({ ...state, phase: 'DRAINING' }, rollout, 'FAILED', `ECS has rolled the deletion of the daemon ${deletion.name} back twice`);
}

/** Returns the deletion without its newest request, which was not sent or had no effect. */
export const unrequested = (deletion: Deletion): Deletion => ({ ...deletion, requests: deletion.requests - 1 });

function request(state: State, before: Deletion, now: number, ...logLines: string[]): State {
  const deletion: Deletion = { ...before, requests: before.requests + 1, isSeen: false, knownAt: undefined, isInterrupted: undefined };
  const lines = state.blockedOn?.startsWith(REFUSED) ? [] : [...logLines, `DRAINING: deletes the daemon ${deletion.name}`];
  return { ...requestWrite({ ...state, stage: { name: 'write', plan: { kind: 'delete-daemon', deletion } } }, 'delete-daemon', now, ...lines), phase: 'DRAINING' };
}

/** The request was accepted, or it is unknown whether it was. */
export const deletionBegun = (state: State, deletion: Deletion, now: number, ...logLines: string[]): State =>
  keepDraining({ ...withDeletion(state, { ...deletion, knownAt: now }), phase: 'DRAINING', blockedOn: undefined }, CONFIRM_SECONDS, ...logLines);

/** Decides what a rejected DeleteDaemon means: the deletion runs already, is gone, or is requested again (R38, A3, A16). */
export function deletionRefused(state: State, deletion: Deletion, fault: Fault, now: number, rollout: Rollout): State {
  const blockedOn = `${REFUSED}: ${fault.message.slice(0, 200)}`;
  const unasked: Draining = { ...withDeletion(state, unrequested(deletion)), phase: 'DRAINING', blockedOn };
  // whose it is as well, since somebody may adopt it meanwhile
  const retry = (what: string): State =>
    readDaemonToDelete(unasked, unasked.stage.deletion, DELETE_RETRY_SECONDS, ...(state.blockedOn === blockedOn ? [] : [`DRAINING: ${what}, tried again: ${fault.message}`]));
  switch (fault.kind) {
    case 'not-found':
    case 'not-active':
    case 'deleting':
      return deletionBegun({ ...state, ecsStarted: 'certainly' }, deletion, now);
    case 'denied':
      if (secondsSince(rollout.startedAt, now) >= SETTLING_SECONDS) return fail(state, rollout, 'FAILED', `${fault.name}: ${fault.message}`);
      return retry('not allowed yet');
    case 'throttled':
    case 'transient':
    case 'not-ready':
      return retry('ECS refuses for now');
    case 'refused':
      return waitForRejectingDeployment(unasked, fault, now) ?? retry('ECS refuses for now');
  }
}

function draining(before: Draining, running: number, now: number): State {
  const { deletion } = before.stage;
  const { knownAt = now, logged } = deletion;
  const state = withDeletion({ ...before, phase: 'DRAINING', ecsStarted: 'certainly' }, { ...deletion, isSeen: true, knownAt });
  const sentence = `${running === 1 ? '1 instance still runs' : `${running} instances still run`} the daemon ${deletion.name}`;
  const withLogged = (changed: Deletion['logged']): Draining => withDeletion(state, { ...state.stage.deletion, logged: changed });
  if (logged?.running !== running) {
    return keepDraining(withLogged({ running, at: now }), DRAINING_SECONDS, ...(running > 0 ? [`DRAINING: ${sentence}`] : []));
  }
  if (logged.isStallLogged || secondsSince(logged.at, now) < BATCH_PATIENCE_SECONDS) return keepDraining(state, DRAINING_SECONDS);
  const stall = `no progress for ${Math.floor(secondsSince(logged.at, now) / 60)} minutes: ${sentence}`;
  return keepDraining({ ...withLogged({ ...logged, isStallLogged: true }), blockedOn: sentence }, DRAINING_SECONDS, `DRAINING: ${stall}`);
}

/** That the daemon is gone is believed when two reads agree (A16). */
function daemonAbsent(before: Draining, now: number, rollout: Rollout): State {
  const isFirst = before.sightings['daemon-gone'] === undefined;
  const state = withSighting(before, 'daemon-gone', true, now);
  const { deletion } = state.stage;
  const { name, createdAt, requests } = deletion;
  // what was seen to be deleted by somebody else may be a daemon before it that had its name (A28)
  const settled = !DRAIN_RULES['older-writes-not-visible'].applies({ deletion, now, rollout });
  const isKnown = createdAt !== undefined && (settled || requests > 0);
  const mayShowAgain = DRAIN_RULES['seen-a-moment-ago'].applies({ deletion, now, rollout });
  const spacing = isKnown && !mayShowAgain ? CONFIRM_SECONDS : AGREEMENT_SECONDS;
  const isAgreed = secondsSince(state.sightings['daemon-gone'] ?? now, now) >= spacing;
  if (isAgreed && (isKnown || settled) && !mayShowAgain) return gone(state, now, rollout);
  const lines = !isKnown && isFirst
    ? [`DRAINING: there is no daemon ${name}; reads again, since a new one may not be visible yet`] : [];
  return keepDraining(state, spacing, ...lines);
}

function gone(state: Draining, now: number, rollout: Rollout): State {
  const { deletion } = state.stage;
  const { name, createdAt, isOfPrevious } = deletion;
  if (!isOfPrevious) {
    return createdAt === undefined ? succeed(state, rollout, 'UNCHANGED', `there is no daemon ${name}`) : succeed(state, rollout, 'SUCCEEDED', `the daemon ${name} is deleted`);
  }
  const lines = createdAt === undefined ? [] : [`DRAINING: the daemon ${name} that the failed update had created is deleted`];
  return afterDeletionOfPrevious(state, deletion, rollout, now, ...lines);
}

function notOurs(state: Draining, tags: Readonly<Record<string, string>>, now: number, rollout: Rollout): State {
  const { deletion } = state.stage;
  if (DRAIN_RULES['older-writes-not-visible'].applies({ deletion, now, rollout })) return readDaemonToDelete(state, deletion, AGREEMENT_SECONDS);
  const sentence = `the daemon ${deletion.name} belongs to ${ownerOf(tags)}; it was left alone`;
  return deletion.isOfPrevious ? afterDeletionOfPrevious(state, deletion, rollout, now, `DRAINING: ${sentence}`) : succeed(state, rollout, 'UNCHANGED', sentence);
}

function keepDraining(state: Draining, seconds: number, ...logLines: string[]): State {
  const { arn, createdAt } = state.stage.deletion;
  return poll(state, seconds, { daemon: createdAt === undefined ? { arn, tags: true } : { arn } }, ...logLines);
}
