import { READ_LAG_SECONDS, RETRY_SECONDS, secondsSince } from '../../timing';
import type { Result } from '../decision';
import { adoptionRecord, isOnItsWayBack, replacedTags } from '../facts/adoption-record';
import { isOurs, ownerOf } from '../facts/ownership';
import type { Observation, ObservedDaemon } from '../observation';
import { fail, succeed } from '../report/response';
import { type Rollout, showsOlderWrites } from '../rollout';
import { poll, type State, type StateIn } from '../state';
import { isCompleted } from './adoption';
import { afterDeletionOfPrevious, requestWrite } from './transitions';

/**
 * Releases, in place of a deletion, a daemon whose adoption was never completed: it gets its former tags back.
 *
 * Undefined if the daemon is to be deleted.
 */
export function releaseInstead(state: StateIn<'drain'>, daemon: ObservedDaemon, seen: Observation, now: number, rollout: Rollout): State | undefined {
  const { tags = {}, arn } = daemon;
  const record = adoptionRecord(tags);
  if (!isOnItsWayBack(tags, rollout)) {
    if (!record || !isOurs(tags, rollout)) return undefined;
    if (!seen.openOperations) return poll(state, 0, { daemon: { arn, tags: true }, openOperations: rollout.stackId });
    if (isCompleted(record, seen.openOperations)) return undefined;
    if (daemon.status !== 'ACTIVE') return poll(state, RETRY_SECONDS, { daemon: { arn, tags: true } });
  }
  const { deletion } = state.stage;
  const owner = ownerOf(replacedTags(tags));
  const line = `APPLYING: the adoption of the daemon ${deletion.name} is rolled back; releases it to ${owner}`;
  return requestWrite({ ...state, stage: { name: 'release', release: { owner, since: now }, deletion } }, 'give-back-daemon', now, line);
}

/** Judges what the write of the former tags has come to; each of its calls may be made again. */
export function judgeRelease(state: StateIn<'release'>, result: Result, now: number, rollout: Rollout): State {
  if (result.kind === 'accepted') return released(state, now, rollout);
  const trouble = result.kind === 'rejected' ? `${result.fault.name}: ${result.fault.message}`
    : result.kind === 'not-sent' ? result.message : result.kind === 'blocked' ? 'a read returns no adoption' : 'it was interrupted';
  if (result.kind === 'rejected' && result.fault.kind !== 'throttled' && secondsSince(state.stage.release.since, now) >= READ_LAG_SECONDS) {
    return fail(state, rollout, 'FAILED', `the daemon ${state.stage.deletion.name} could not be released: ${trouble}`);
  }
  const blockedOn = `the daemon could not be released: ${trouble.slice(0, 300)}`;
  return readOwner({ ...state, blockedOn }, RETRY_SECONDS, `APPLYING: reads whether the daemon is released: ${trouble}`);
}

const readOwner = (state: StateIn<'release'>, seconds: number, ...logLines: string[]): State =>
  poll(state, seconds, { daemon: { arn: state.stage.deletion.arn, tags: true } }, ...logLines);

/** Once the daemon is released, IAM denies our writes: a read that still shows it as ours leads to a denial, and to another read. */
export function watchRelease(state: StateIn<'release'>, { daemon }: Observation, now: number, rollout: Rollout): State {
  if (!daemon) return readOwner(state, 0);
  if (daemon === 'absent') return released(state, now, rollout);
  const { tags = {} } = daemon;
  const isLeft = (isOurs(tags, rollout) && adoptionRecord(tags) !== undefined) || isOnItsWayBack(tags, rollout);
  if (isLeft) return requestWrite(state, 'give-back-daemon', now);
  // The read may be older than the adoption, and return the tags from before it (A28).
  return showsOlderWrites(rollout, now) ? released(state, now, rollout) : readOwner(state, RETRY_SECONDS);
}

function released(state: StateIn<'release'>, now: number, rollout: Rollout): State {
  const { release, deletion } = state.stage;
  const sentence = `the daemon ${deletion.name} is released to ${release.owner}`;
  return deletion.isOfPrevious ? afterDeletionOfPrevious(state, deletion, rollout, now, `APPLYING: ${sentence}`) : succeed(state, rollout, 'SUCCEEDED', sentence);
}
