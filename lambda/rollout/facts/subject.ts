import type { Rollout } from '../rollout';
import { deletionOf, type State } from '../state';

/** The daemon that is deployed or deleted: named by the properties, never by the id (E9). */
export const subjectArn = (state: State, { daemonArn }: Rollout): string => deletionOf(state)?.arn ?? daemonArn;

/** What a request asks for as things stand: an update of a daemon that somebody has deleted creates it. */
export function effectiveRequest(state: State, request: Rollout): Rollout {
  const { adoptionCompleted, recreates, tagsConfirmed } = state;
  // While a read may be older than the tags that the request before has written, those of the stack are left unchanged.
  const rollout = request.tagsMayBeOlder && !tagsConfirmed && !recreates ? { ...request, stackTags: undefined } : request;
  if (recreates) return { ...rollout, request: 'create', previous: undefined, previousDaemonArn: undefined };
  return adoptionCompleted === undefined ? rollout : { ...rollout, adoptionCompleted };
}
