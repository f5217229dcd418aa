import {
  AGREEMENT_SECONDS, BATCH_PATIENCE_SECONDS, CLOCK_MARGIN_SECONDS, CONFIRM_SECONDS, DELETE_RETRY_SECONDS, DRAINING_SECONDS,
  ON_THE_WAY_SECONDS, READ_LAG_SECONDS, secondsSince, SETTLING_SECONDS,
} from '../../timing';
import type { Fault } from '../aws/fault';
import type { Observation } from '../observation';
import { isOurs, ownerOf } from '../facts/ownership';
import { type Rollout, showsOlderWrites } from '../rollout';
import { lookAgain, type State } from '../state';
import { fail, succeed } from '../report/response';
import { giveBackInstead } from './release';
import { waitForRefusing } from './refusal';
import { doomedArn, nameOf } from '../facts/subject';
import { afterLeftover, furtherProviders, lookForDaemon, want } from './transitions';

/** A deletion that ECS has rolled back is asked for once more (A16). */
const MOST_DELETE_REQUESTS = 2;
const REFUSED = 'ECS refused the deletion';

export function watchDeletion(state: State, seen: Observation, now: number, rollout: Rollout): State {
  const { daemon } = seen;
  if (!daemon) return lookForDaemon(state, rollout);
  if (daemon === 'absent') return absent(state, now, rollout);
  const ownedCreatedAt = state.ownedCreatedAt || daemon.createdAt; // 0 is unknown, and tells no daemon from another
  if (ownedCreatedAt > 0 && daemon.createdAt > ownedCreatedAt) return replaced(state, daemon.createdAt, rollout);
  const present: State = { ...state, agreedSince: undefined };
  const { tags } = daemon;
  if (tags) {
    // those of one that was made since may be those of one before it that had its name (A28)
    const isNew = daemon.createdAt > rollout.startedAt && secondsSince(daemon.createdAt, now) < READ_LAG_SECONDS;
    if (isNew) return again(present, rollout, AGREEMENT_SECONDS);
    const instead = giveBackInstead(present, daemon, seen, now, rollout);
    if (instead) return instead;
    if (!isOurs(tags, rollout)) return notOurs(state, tags, now, rollout);
  }
  const owned: State = { ...present, ownedCreatedAt, latestArn: daemon.latestArn, furtherProviderArns: furtherProviders(daemon, rollout) };
  switch (daemon.status) {
    case 'ACTIVE': return active(owned, daemon.tags !== undefined, now, rollout);
    case 'DELETE_IN_PROGRESS': return draining(owned, daemon.revisions.reduce((sum, { running }) => sum + running, 0), now, rollout);
    default: return again(owned, rollout, DRAINING_SECONDS, `DRAINING: ECS reports the status ${daemon.status}, which is new to us; waits on`);
  }
}

/** Another daemon has the name. A rollout before this one may have made it, by what it has sent last (FM24). */
function replaced(state: State, createdAt: number, rollout: Rollout): State {
  if (secondsSince(rollout.aloneSince, createdAt) > ON_THE_WAY_SECONDS + CLOCK_MARGIN_SECONDS) return gone(state, rollout);
  const anew: State = {
    ...state, ownedCreatedAt: undefined, deleteRequests: 0, deletionSeen: undefined, deletionKnownAt: undefined, deletionCutOff: undefined,
  };
  return lookForDaemon(anew, rollout);
}

function active(state: State, ownerIsFresh: boolean, now: number, rollout: Rollout): State {
  const { deleteRequests = 0, deletionKnownAt } = state;
  // the read may be older than the deletion, be that one that has shown already (A28)
  const mayBeOlder = deletionKnownAt !== undefined && secondsSince(deletionKnownAt, now) < READ_LAG_SECONDS;
  if (mayBeOlder) return again(state, rollout, DRAINING_SECONDS);
  // somebody may have adopted it meanwhile, be it before the first request
  if (!ownerIsFresh) return lookForDaemon(state, rollout);
  if (deleteRequests === 0) return request(state, now, rollout);
  if (state.deletionCutOff && !state.deletionSeen) {
    const begun = state.begun === 'perhaps' ? undefined : state.begun;
    const unasked = { ...state, begun, deleteRequests: deleteRequests - 1 };
    return request(unasked, now, rollout, 'DRAINING: the request that was cut off has had no effect; deletes the daemon once more');
  }
  if (deleteRequests < MOST_DELETE_REQUESTS) {
    // what stood still because of this daemon may have moved since it was asked for (R28)
    return request({ ...state, passedArns: undefined }, now, rollout, 'DRAINING: the daemon is ACTIVE again; deletes it once more');
  }
  return fail({ ...state, phase: 'DRAINING' }, rollout, 'FAILED', `ECS has rolled the deletion of the daemon ${nameOf(state, rollout)} back twice`);
}

function request(state: State, now: number, rollout: Rollout, ...says: string[]): State {
  const counted = {
    ...state, deletionKnownAt: undefined, deletionSeen: false, deletionCutOff: undefined, deleteRequests: (state.deleteRequests ?? 0) + 1,
  };
  const told = state.obstacle?.startsWith(REFUSED) ? [] : [...says, `DRAINING: deletes the daemon ${nameOf(state, rollout)}`];
  return { ...want(counted, 'delete-daemon', now, ...told), phase: 'DRAINING' };
}

/** The request was accepted, or nobody knows. */
export const deletionBegun = (state: State, now: number, rollout: Rollout, ...says: string[]): State =>
  again({ ...state, stage: 'deletion', phase: 'DRAINING', obstacle: undefined, deletionKnownAt: now }, rollout, CONFIRM_SECONDS, ...says);

/** Decides what a rejected DeleteDaemon means: the deletion runs already, is gone, or is requested again (R38, A3, A16). */
export function deletionRefused(state: State, fault: Fault, now: number, rollout: Rollout): State {
  const obstacle = `${REFUSED}: ${fault.message.slice(0, 200)}`;
  const unasked: State = { ...state, phase: 'DRAINING', deleteRequests: (state.deleteRequests ?? 1) - 1, obstacle };
  // whose it is as well, since somebody may adopt it meanwhile
  const retry = (what: string): State =>
    lookForDaemon(unasked, rollout, DELETE_RETRY_SECONDS, ...(state.obstacle === obstacle ? [] : [`DRAINING: ${what}, tried again: ${fault.message}`]));
  switch (fault.kind) {
    case 'not-found':
    case 'not-active':
    case 'deleting':
      return deletionBegun({ ...state, begun: 'certainly' }, now, rollout);
    case 'denied':
      if (secondsSince(rollout.startedAt, now) >= SETTLING_SECONDS) return fail(state, rollout, 'FAILED', `${fault.name}: ${fault.message}`);
      return retry('not allowed yet');
    case 'throttled':
    case 'transient':
    case 'not-ready':
      return retry('ECS refuses for now');
    case 'refused':
      return waitForRefusing(unasked, fault, now) ?? retry('ECS refuses for now');
  }
}

function draining(before: State, running: number, now: number, rollout: Rollout): State {
  const deletionKnownAt = before.deletionKnownAt ?? now;
  const state: State = { ...before, phase: 'DRAINING', deletionSeen: true, deletionKnownAt, begun: 'certainly' };
  const sentence = `${running === 1 ? '1 instance still runs' : `${running} instances still run`} the daemon ${nameOf(state, rollout)}`;
  const told = state.drainingTold;
  if (told?.running !== running) {
    return again({ ...state, drainingTold: { running, at: now } }, rollout, DRAINING_SECONDS, ...(running > 0 ? [`DRAINING: ${sentence}`] : []));
  }
  if (told.standstillTold || secondsSince(told.at, now) < BATCH_PATIENCE_SECONDS) return again(state, rollout, DRAINING_SECONDS);
  const standstill = `no progress for ${Math.floor(secondsSince(told.at, now) / 60)} minutes: ${sentence}`;
  return again({ ...state, drainingTold: { ...told, standstillTold: true }, obstacle: sentence }, rollout, DRAINING_SECONDS, `DRAINING: ${standstill}`);
}

/** That the daemon is gone is believed when two reads agree (A16). */
function absent(state: State, now: number, rollout: Rollout): State {
  const agreedSince = state.agreedSince ?? now;
  const waiting = { ...state, agreedSince };
  // a daemon that was made a moment ago may not be visible yet, and the write of a Create that was cut short be on its way (E9, A28);
  // what was seen to be deleted by somebody else may be one before it that had its name (A28)
  const settled = showsOlderWrites(rollout, now);
  const isKnown = state.ownedCreatedAt !== undefined && (settled || (state.deleteRequests ?? 0) > 0);
  // the reads may be from before a daemon that we have seen, be that two of them
  const mayShowAgain = secondsSince(state.ownedCreatedAt ?? 0, now) < READ_LAG_SECONDS;
  const spacing = isKnown && !mayShowAgain ? CONFIRM_SECONDS : AGREEMENT_SECONDS;
  if (secondsSince(agreedSince, now) >= spacing && (isKnown || settled) && !mayShowAgain) return gone(waiting, rollout);
  const told = !isKnown && state.agreedSince === undefined
    ? [`DRAINING: there is no daemon ${nameOf(state, rollout)}; looks whether one that was made lately is still to be seen`] : [];
  return again(waiting, rollout, spacing, ...told);
}

function gone(state: State, rollout: Rollout): State {
  const name = nameOf(state, rollout);
  if (!state.leftover) {
    return state.ownedCreatedAt !== undefined ? succeed(state, rollout, 'SUCCEEDED', `the daemon ${name} is deleted`)
      : succeed(state, rollout, 'UNCHANGED', `there is no daemon ${name}`);
  }
  return afterLeftover(state, rollout, ...(state.ownedCreatedAt !== undefined ? [`DRAINING: the daemon ${name} that the failed update had made is deleted`] : []));
}

function notOurs(state: State, tags: Readonly<Record<string, string>>, now: number, rollout: Rollout): State {
  // the tags of one that was made or adopted a moment ago may not be visible yet, or be those of one before it that had the name
  if (!showsOlderWrites(rollout, now)) return lookForDaemon(state, rollout, AGREEMENT_SECONDS);
  const sentence = `the daemon ${nameOf(state, rollout)} belongs to ${ownerOf(tags)}; it was left alone`;
  return state.leftover ? afterLeftover(state, rollout, `DRAINING: ${sentence}`) : succeed(state, rollout, 'UNCHANGED', sentence);
}

function again(state: State, rollout: Rollout, seconds: number, ...says: string[]): State {
  const arn = doomedArn(state, rollout);
  return lookAgain({ ...state, stage: 'deletion' }, seconds, { daemon: state.ownedCreatedAt === undefined ? { arn, tags: true } : { arn } }, ...says);
}
