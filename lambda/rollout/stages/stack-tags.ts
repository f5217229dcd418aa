import { ON_THE_WAY_SECONDS, READ_LAG_SECONDS, RETRY_SECONDS, secondsSince } from '../../timing';
import type { Result } from '../decision';
import { adoptionRecord } from '../facts/adoption-record';
import { differ, isOurs, tagChanges } from '../facts/ownership';
import type { Observation } from '../observation';
import { fail, finish } from '../report/response';
import type { Rollout } from '../rollout';
import { lastWriteAt, poll, type State, type StateIn, TAGS_CHANGED, watchedOf, withTagsChanged } from '../state';
import { isCompleted } from './adoption';
import { requestWrite } from './transitions';

/**
 * Holds a success back until reads must return the tags that this request and the one before have written, and then writes those of the
 * stack.
 *
 * A stale read would hide keys that have left the stack since, and the record of the keys would be overwritten without them (A28, R62).
 */
export function confirmTags(state: State, now: number, rollout: Rollout): State {
  const { decision, tagsConfirmed, sideEffects = [] } = state;
  if (decision.kind !== 'finish' || decision.response.Status !== 'SUCCESS' || decision.outcome === 'DEGRADED') return state;
  if (!rollout.tagsMayBeOlder || rollout.request !== 'update' || tagsConfirmed || state.recreates) return state;
  const unseenSeconds = ON_THE_WAY_SECONDS + READ_LAG_SECONDS - secondsSince(rollout.soleExecutionSince, now);
  const ownSeconds = sideEffects.includes(TAGS_CHANGED) ? READ_LAG_SECONDS - secondsSince(lastWriteAt(state), now) : 0;
  const left = Math.max(0, unseenSeconds, ownSeconds);
  if (secondsSince(now, rollout.deadline) <= left) return state;
  const { response: answer, outcome } = decision;
  const stage = { name: 'write-stack-tags', ended: { answer, outcome }, watched: watchedOf(state) } as const;
  const next: WritingTags = { ...state, phase: 'APPLYING', logLines: [], tagsConfirmed: true, stage };
  return readTags(next, rollout, Math.ceil(left), 'APPLYING: reads the tags again, since an earlier request may have written them');
}

type WritingTags = StateIn<'write-stack-tags'>;

const readTags = (state: WritingTags, { daemonArn, stackId }: Rollout, seconds: number, ...lines: string[]): State =>
  poll(state, seconds, { daemon: { arn: daemonArn, tags: true }, openOperations: stackId }, ...lines);

/** Writes the tags of the stack that the daemon does not have yet, and ends with the response that was decided before. */
export function writeStackTags(before: WritingTags, { daemon, openOperations = [] }: Observation, now: number, rollout: Rollout): State {
  if (!daemon) return readTags(before, rollout, 0);
  if (daemon === 'absent' || daemon.status === 'DELETE_IN_PROGRESS') return finish(before, before.stage.ended);
  const { tags = {} } = daemon;
  const record = adoptionRecord(tags);
  const adoptionCompleted = record && isCompleted(record, openOperations);
  const state: WritingTags = { ...before, adoptionCompleted };
  if (!isOurs(tags, rollout) || !differ(tagChanges(tags, { ...rollout, adoptionCompleted }, true))) return finish(state, state.stage.ended);
  return requestWrite(state, 'tag-daemon', now, 'APPLYING: changes the tags');
}

/** Judges the write of these tags; each of its calls may be made again. */
export function judgeStackTags(before: WritingTags, result: Result, rollout: Rollout): State {
  const state: WritingTags = { ...before, sideEffects: withTagsChanged(before) };
  if (result.kind === 'accepted') return finish(state, state.stage.ended);
  if (result.kind === 'rejected' && result.fault.kind !== 'throttled') {
    const { name, message } = result.fault;
    return fail(state, rollout, 'FAILED', `the tags of the stack could not be written: ${name}: ${message}`);
  }
  return readTags(state, rollout, RETRY_SECONDS, 'APPLYING: the tags of the stack may not be written; reads the tags again');
}
