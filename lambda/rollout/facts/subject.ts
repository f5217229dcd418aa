import type { DaemonProperties } from '../../contract';
import type { Rollout } from '../rollout';
import type { State } from '../state';

/** What the request asked for that has adopted the daemon. */
export const adoptingProperties = ({ deletesPrevious }: State, { desired, previous }: Rollout): DaemonProperties =>
  deletesPrevious ? previous! : desired;

/** The daemon that the deletion is about: named by the properties, never by the id (E9). */
export const deletedDaemonArn = ({ deletesPrevious }: Pick<State, 'deletesPrevious'>, { daemonArn, previousDaemonArn }: Rollout): string =>
  deletesPrevious ? previousDaemonArn! : daemonArn;

export const deletedDaemonName = ({ deletesPrevious }: State, { desired, previous }: Rollout): string =>
  deletesPrevious ? previous!.DaemonName : desired.DaemonName;

export const isDeletion = ({ deletesPrevious }: State, { request }: Rollout): boolean => request === 'delete' || deletesPrevious === true;

export const subjectArn = (state: State, rollout: Rollout): string =>
  isDeletion(state, rollout) ? deletedDaemonArn(state, rollout) : rollout.daemonArn;

/** What a request asks for as things stand: an update of a daemon that somebody has deleted creates it. */
export function effectiveRequest(state: State, request: Rollout): Rollout {
  const { adoptionCompleted, recreates, tagsConfirmed } = state;
  // While a read may be older than the tags that the request before has written, those of the stack are left unchanged.
  const rollout = request.tagsMayBeOlder && !tagsConfirmed && !recreates ? { ...request, stackTags: undefined } : request;
  if (recreates) return { ...rollout, request: 'create', previous: undefined, previousDaemonArn: undefined };
  return adoptionCompleted === undefined ? rollout : { ...rollout, adoptionCompleted };
}
