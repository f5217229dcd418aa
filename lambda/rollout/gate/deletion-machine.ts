import type { Answer } from '../../answer';
import { oneLine } from '../../reason';
import type { Fault } from '../fault';
import type { Observation, Reads } from '../observation';
import { afterReads, isFinal, type Look, nextLook } from '../onlooking';
import type { Budgeted } from '../state';
import { CONFIRM_SECONDS, READ_LAG_SECONDS, secondsSince } from '../timing';
import { sentenceWithPlaces } from '../verdict';
import type { DeletionGate } from './deletion-gate';

/** Everything that a deletion gate remembers between two looks. */
export interface DeletionGateState extends Budgeted {
  readonly version: 1;
  readonly want: Look | { readonly answer: Answer };
  /** Lines for the log. */
  readonly says: readonly string[];
  readonly told: string;
  /** The daemon was seen while ECS deleted it. */
  readonly deletionSeen?: true;
  /** Since when it is gone, or ACTIVE again. */
  readonly endSeen?: { readonly as: 'gone' | 'active'; readonly at: number };
}

const LOOK_SECONDS = 30;

export const begin = (gate: DeletionGate): DeletionGateState =>
  ({ version: 1, want: { look: 0, reads: gate.request === 'delete' ? readsOf(gate) : {} }, says: [], told: '' });

const readsOf = ({ daemonArn }: DeletionGate): Reads => ({ daemon: { arn: daemonArn } });

/** Like the machine of a rollout, pure; there is nothing that it could write. */
export function advance(before: DeletionGateState, seen: Observation, now: number, gate: DeletionGate): DeletionGateState {
  const state = afterReads(before, seen, now);
  if (gate.request !== 'delete') return succeed(state, 'UNCHANGED: it waits only when its daemon is deleted', gate);
  return withinDeadline(seen.fault ? bearFault(state, seen.fault, now, gate) : judge(state, seen, now, gate), seen, now, gate);
}

function judge(state: DeletionGateState, { daemon }: Observation, now: number, gate: DeletionGate): DeletionGateState {
  if (!daemon) return lookAgain(state, gate, 0);
  if (daemon === 'absent') return state.deletionSeen ? gone(state, now, gate) : succeed(state, `SUCCEEDED: there is no daemon ${gate.daemonName}`, gate);
  switch (daemon.status) {
    case 'DELETE_IN_PROGRESS': {
      const running = daemon.revisions.reduce((sum, revision) => sum + revision.running, 0);
      const told = `${running === 1 ? '1 instance still runs' : `${running} instances still run`} the daemon ${gate.daemonName}, which is being deleted`;
      return lookAgain(tell({ ...state, deletionSeen: true, endSeen: undefined }, told, gate), gate, LOOK_SECONDS);
    }
    case 'ACTIVE':
      return state.deletionSeen ? activeAgain(state, now, gate) : succeed(state, `UNCHANGED: the daemon ${gate.daemonName} is not being deleted`, gate);
    default: // AWS may add a status (A33)
      return lookAgain(tell(state, `the status of the daemon ${gate.daemonName} is ${daemon.status}, which is new to us`, gate), gate, LOOK_SECONDS);
  }
}

/** That the daemon is gone is believed when two reads agree (A16). */
function gone(state: DeletionGateState, now: number, gate: DeletionGate): DeletionGateState {
  if (state.endSeen?.as === 'gone') return succeed(state, `SUCCEEDED: the daemon ${gate.daemonName} is deleted`, gate);
  return lookAgain({ ...state, endSeen: { as: 'gone', at: now } }, gate, CONFIRM_SECONDS);
}

/** The deletion asks ECS once more (A16); a read may also be older than its beginning (A28). */
function activeAgain(state: DeletionGateState, now: number, gate: DeletionGate): DeletionGateState {
  const endSeen = state.endSeen?.as === 'active' ? state.endSeen : { as: 'active' as const, at: now };
  const next = { ...state, endSeen };
  if (secondsSince(endSeen.at, now) < READ_LAG_SECONDS) return lookAgain(next, gate, LOOK_SECONDS);
  return fail(next, `the daemon ${gate.daemonName} is ACTIVE again: ECS has taken its deletion back`, gate);
}

function bearFault(state: DeletionGateState, fault: Fault, now: number, gate: DeletionGate): DeletionGateState {
  if (isFinal(fault, gate, now)) return fail(state, `${fault.name}: ${fault.message}`, gate);
  return lookAgain({ ...state, says: [`${labelOf(gate)}: a read failed and is tried again: ${fault.message}`] }, gate, LOOK_SECONDS);
}

const lookAgain = (state: DeletionGateState, gate: DeletionGate, look: number): DeletionGateState =>
  ({ ...state, want: { look, reads: readsOf(gate) } });

/** When its time is up a gate passes the wait on; the last one has nobody to pass it on to. */
function withinDeadline(state: DeletionGateState, { fault }: Observation, now: number, gate: DeletionGate): DeletionGateState {
  const { want: wanted } = state;
  if ('answer' in wanted) return state;
  const want = nextLook({ ...state, want: wanted }, gate, now);
  if (want) return { ...state, want };
  const last = fault ? `the last read failed: ${fault.message}` : state.told;
  if (gate.number < gate.count) return succeed(state, `CONTINUING: ${last}; passes the wait on to deletion gate ${gate.number + 1} of ${gate.count}`, gate);
  return fail(state, `TIMED_OUT: ${last}, and there is no deletion gate after ${gate.number} of ${gate.count}; ECS goes on with what it has begun`, gate);
}

const labelOf = ({ number, count }: DeletionGate): string => `DELETION GATE ${number} of ${count}`;

function tell(state: DeletionGateState, told: string, gate: DeletionGate): DeletionGateState {
  return told === state.told ? state : { ...state, told, says: [...state.says, `${labelOf(gate)}: ${told}`] };
}

const succeed = (state: DeletionGateState, Reason: string, { physicalId }: DeletionGate): DeletionGateState =>
  answered(state, { Status: 'SUCCESS', Reason, PhysicalResourceId: physicalId });

function fail(state: DeletionGateState, sentence: string, { physicalId, logGroup }: DeletionGate): DeletionGateState {
  const Reason = sentenceWithPlaces(`DRAINING: ${sentence}`, undefined, logGroup);
  return answered(state, { Status: 'FAILED', Reason, PhysicalResourceId: physicalId });
}

function answered(state: DeletionGateState, answer: Answer): DeletionGateState {
  const Reason = oneLine(answer.Reason);
  return { ...state, want: { answer: { ...answer, Reason } }, says: [...state.says, Reason] };
}
