import { ON_THE_WAY_SECONDS, READ_LAG_SECONDS, RETRY_SECONDS, secondsSince } from '../../timing';
import type { Result } from '../decision';
import { adoptionRecord } from '../facts/adoption-record';
import { differ, isOurs, tagChanges } from '../facts/ownership';
import type { Observation } from '../observation';
import { fail, finish } from '../report/response';
import type { Rollout } from '../rollout';
import { lastWriteAt, poll, type State, TAGS_CHANGED, withTagsChanged } from '../state';
import { isCompleted } from './adoption';
import { requestWrite } from './transitions';

/**
 * Holds a success back until reads must return the tags that this request and the one before have written, and then writes those of the
 * stack.
 *
 * A stale read would hide keys that have left the stack since, and the record of the keys would be overwritten without them (A28, R62).
 */
export function confirmTags(state: State, now: number, rollout: Rollout): State {
  const { decision, outcome, tagsConfirmed, sideEffects = [] } = state;
  const isSuccess = decision.kind === 'finish' && decision.response.Status === 'SUCCESS' && outcome !== 'DEGRADED';
  if (!rollout.tagsMayBeOlder || rollout.request !== 'update' || tagsConfirmed || state.recreates || !isSuccess) return state;
  const unseenSeconds = ON_THE_WAY_SECONDS + READ_LAG_SECONDS - secondsSince(rollout.soleExecutionSince, now);
  const ownSeconds = sideEffects.includes(TAGS_CHANGED) ? READ_LAG_SECONDS - secondsSince(lastWriteAt(state), now) : 0;
  const left = Math.max(0, unseenSeconds, ownSeconds);
  if (secondsSince(now, rollout.deadline) <= left) return state;
  const next: State = { ...state, phase: 'APPLYING', logLines: [], tagsConfirmed: true, ended: { answer: decision.response, outcome } };
  return readTags(next, rollout, Math.ceil(left), 'APPLYING: reads the tags again, since an earlier request may have written them');
}

const readTags = (state: State, { daemonArn, stackId }: Rollout, seconds: number, ...lines: string[]): State =>
  poll({ ...state, stage: 'write-stack-tags' }, seconds, { daemon: { arn: daemonArn, tags: true }, openOperations: stackId }, ...lines);

/** Writes the tags of the stack that the daemon does not have yet, and ends with the response that was decided before. */
export function writeStackTags(before: State, { daemon, openOperations = [] }: Observation, now: number, rollout: Rollout): State {
  if (!daemon) return readTags(before, rollout, 0);
  if (daemon === 'absent' || daemon.status === 'DELETE_IN_PROGRESS') return finish(before);
  const { tags = {} } = daemon;
  const record = adoptionRecord(tags);
  const adoptionCompleted = record && isCompleted(record, openOperations);
  const state: State = { ...before, adoptionCompleted };
  if (!isOurs(tags, rollout) || !differ(tagChanges(tags, { ...rollout, adoptionCompleted }, true))) return finish(state);
  return requestWrite(state, 'tag-daemon', now, 'APPLYING: changes the tags');
}

/** Judges the write of these tags; each of its calls may be made again. */
export function judgeStackTags(before: State, result: Result, rollout: Rollout): State {
  const state: State = { ...before, sideEffects: withTagsChanged(before) };
  if (result.kind === 'accepted') return finish(state);
  if (result.kind === 'rejected' && result.fault.kind !== 'throttled') {
    const { name, message } = result.fault;
    return fail({ ...state, ended: undefined }, rollout, 'FAILED', `the tags of the stack could not be written: ${name}: ${message}`);
  }
  return readTags(state, rollout, RETRY_SECONDS, 'APPLYING: the tags of the stack may not be written; reads the tags again');
}
