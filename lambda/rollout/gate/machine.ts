import type { Answer } from '../../answer';
import type { DaemonAttributes } from '../../contract';
import { hasEnded } from '../../executions';
import { oneLine } from '../../reason';
import type { Report } from '../../report';
import type { Fault } from '../fault';
import type { Observation, ObservedExecution, Reads } from '../observation';
import { afterReads, isFinal, type Look, nextLook } from '../onlooking';
import type { Budgeted } from '../state';
import { secondsSince } from '../timing';
import { sentenceWithPlaces } from '../verdict';
import type { Gate } from './gate';
import { judgeByEcs } from './truth';

/** Everything that a gate remembers between two looks. */
export interface GateState extends Budgeted {
  readonly version: 1;
  readonly want: Look | { readonly answer: Answer };
  /** Lines for the log. */
  readonly says: readonly string[];
  /** What the gate waits for, in words. */
  readonly told: string;
  /** The rollout that it waits for. */
  readonly followedArn?: string;
  /** Since when no rollout tells what it has come to, so that ECS has to tell (FM29). */
  readonly lostSince?: number;
}

/** The list of executions is limited to 15 calls a second and account, and a gate is one of many. */
const LOOK_SECONDS = 30;

export const begin = (gate: Gate): GateState =>
  ({ version: 1, want: { look: 0, reads: gate.request === 'delete' ? {} : readsOf({}, gate) }, says: [], told: '' });

/** Like the machine of a rollout, pure; there is nothing that it could write. */
export function advance(before: GateState, seen: Observation, now: number, gate: Gate): GateState {
  const state = afterReads(before, seen, now);
  if (gate.request === 'delete') return answered(state, { Status: 'SUCCESS', Reason: 'UNCHANGED: a gate leaves nothing behind', PhysicalResourceId: gate.physicalId });
  const next = seen.fault ? bearFault(state, seen.fault, now, gate) : judge(state, seen, now, gate);
  return withinDeadline(next, seen, now, gate);
}

function readsOf({ followedArn, lostSince }: Pick<GateState, 'followedArn' | 'lostSince'>, { resource, rolloutArn, daemonArn }: Gate): Reads {
  const execution = { resource, namedArn: rolloutArn, followedArn };
  return lostSince === undefined ? { execution } : { execution, daemon: { arn: daemonArn, latest: true, settings: true, tags: true } };
}

function judge(state: GateState, seen: Observation, now: number, gate: Gate): GateState {
  const { execution } = seen;
  if (!execution) return lookAgain(state, gate, 0);
  if (execution === 'gone') return lost(state, seen, 'there is no record of the rollout any more', undefined, now, gate);
  const followed: GateState = { ...state, followedArn: execution.arn };
  if (!hasEnded(execution)) {
    return lookAgain(tell({ ...followed, lostSince: undefined }, `waits for the rollout ${execution.arn}${pauseOf(execution)}`, gate), gate, LOOK_SECONDS);
  }
  if (execution.report) return judgeReport(followed, execution.arn, execution.report, gate);
  return lost(followed, seen, `the rollout's execution ended as ${execution.status} and tells no outcome`, execution, now, gate);
}

/** Lambda goes on with what is paused only when a person resumes it; ECS goes on meanwhile (EN39). */
function pauseOf({ status, pausedSince = '' }: ObservedExecution): string {
  if (status === 'RUNNING') return '';
  if (status !== 'PAUSING' && status !== 'PAUSED') return `, which is ${status}`;
  return `, which is ${status}${pausedSince && ` since ${pausedSince}`}: resume it, or stop it`;
}

/** What the rollout itself says, in its own words. */
function judgeReport(state: GateState, rolloutArn: string, { answer, outcome, reason, rollout }: Report, gate: Gate): GateState {
  const attributes = { RolloutArn: rolloutArn, DeploymentArn: rollout?.deploymentArn ?? '', RevisionArn: rollout?.revisionArn ?? '' };
  switch (outcome) {
    case 'SUCCEEDED':
    case 'UNCHANGED':
    case 'DEGRADED':
      return succeed(state, outcome, reason, { ...attributes, ...names(answer) }, gate);
    default: // what a later version may add is no success
      return fail(state, reason, attributes, gate);
  }
}

/** The names of the daemon may be newer than those that the gate was given. */
const names = ({ Data }: Partial<Answer> = {}): Partial<DaemonAttributes> =>
  Data?.DaemonArn && Data.DaemonName ? { DaemonArn: Data.DaemonArn, DaemonName: Data.DaemonName } : {};

/** A rollout that tells nothing, because it has died or is forgotten: what ECS shows is the truth. */
function lost(
  before: GateState, seen: Observation, why: string, execution: ObservedExecution | undefined, now: number, gate: Gate,
): GateState {
  const state = before.lostSince === undefined ? tell({ ...before, lostSince: now }, `${why}; looks at ECS instead`, gate) : before;
  if (!seen.daemon) return lookAgain(state, gate, 0);
  const truth = judgeByEcs(seen.daemon, execution?.desired, secondsSince(state.lostSince!, now), now, gate);
  if (truth.kind === 'wait') return lookAgain(tell(state, truth.sentence, gate), gate, LOOK_SECONDS);
  const attributes = { RolloutArn: execution?.arn ?? gate.rolloutArn, ...truth.attributes };
  if (truth.kind === 'succeeded') return succeed(state, 'SUCCEEDED', `SUCCEEDED: ${truth.sentence}; ${why}`, attributes, gate);
  const places = sentenceWithPlaces(`${truth.sentence}; ${why}`, truth.attributes.DeploymentArn, gate.logGroup);
  return fail(state, places, attributes, gate);
}

function bearFault(state: GateState, fault: Fault, now: number, gate: Gate): GateState {
  if (isFinal(fault, gate, now)) return fail(state, `GATE: ${fault.name}: ${fault.message}`, {}, gate);
  return lookAgain({ ...state, says: [`${labelOf(gate)}: a read failed and is tried again: ${fault.message}`] }, gate, LOOK_SECONDS);
}

const lookAgain = (state: GateState, gate: Gate, look: number): GateState => ({ ...state, want: { look, reads: readsOf(state, gate) } });

/** When its time is up a gate passes the wait on; the last one has nobody to pass it on to. */
function withinDeadline(state: GateState, { fault }: Observation, now: number, gate: Gate): GateState {
  const { want: wanted } = state;
  if ('answer' in wanted) return state;
  const want = nextLook({ ...state, want: wanted }, gate, now);
  if (want) return { ...state, want };
  const attributes = { RolloutArn: state.followedArn ?? gate.rolloutArn };
  const last = fault ? `the last read failed: ${fault.message}` : state.told;
  if (gate.number < gate.count) {
    return succeed(state, 'CONTINUING', `CONTINUING: ${last}; passes the wait on to gate ${gate.number + 1} of ${gate.count}`, attributes, gate);
  }
  const sentence = `TIMED_OUT: the rollout of the daemon ${gate.daemonName} is not over, and there is no gate after ${gate.number} of ${gate.count}; ${last}`;
  return fail(state, sentenceWithPlaces(sentence, undefined, gate.logGroup), attributes, gate);
}

const labelOf = ({ number, count }: Gate): string => `GATE ${number} of ${count}`;

function tell(state: GateState, told: string, gate: Gate): GateState {
  return told === state.told ? state : { ...state, told, says: [...state.says, `${labelOf(gate)}: ${told}`] };
}

const succeed = (state: GateState, Outcome: string, Reason: string, attributes: Partial<DaemonAttributes>, gate: Gate): GateState =>
  answered(state, success(Outcome, Reason, attributes, gate));

const fail = (state: GateState, reason: string, attributes: Partial<DaemonAttributes>, gate: Gate): GateState =>
  answered(state, failure(reason, attributes, gate));

/** What our own mistakes come to. */
export const mistaken = (gate: Gate, reason: string): Answer => failure(reason, {}, gate);

function success(Outcome: string, reason: string, attributes: Partial<DaemonAttributes>, gate: Gate): Answer {
  const Data: DaemonAttributes = {
    DaemonArn: gate.daemonArn, DaemonName: gate.daemonName, DeploymentArn: '', RevisionArn: '', RolloutArn: gate.rolloutArn, ...attributes, Outcome,
  };
  return { Status: 'SUCCESS', Reason: oneLine(reason), PhysicalResourceId: gate.physicalId, Data: { ...Data } };
}

/** A failure in the rollback of a stack would leave it in UPDATE_ROLLBACK_FAILED: so it is a loud success (FM11). */
function failure(reason: string, attributes: Partial<DaemonAttributes>, gate: Gate): Answer {
  if (gate.rollingBack) return success('DEGRADED', `DEGRADED: the stack's rollback was not completed: ${reason}`, attributes, gate);
  return { Status: 'FAILED', Reason: oneLine(reason), PhysicalResourceId: gate.physicalId };
}

const answered = (state: GateState, answer: Answer): GateState => ({ ...state, want: { answer }, says: [...state.says, answer.Reason] });
