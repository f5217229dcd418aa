import type { Answer } from '../../answer';
import { lastPartOf } from '../../arn';
import { parseGateProperties } from '../../properties';
import type { CloudFormationRequest } from '../../request';
import { ANSWER_WITHIN_MINUTES, CONFIRM_SECONDS, POLLER_SECONDS, READ_LAG_SECONDS, secondsSince } from '../../timing';
import type { Observation } from '../observation';
import { beginningOf, kindOf, type Rollout, type Start } from '../rollout';
import { sentenceWithPlaces } from '../report/response';
import type { Next, Polled, Poller } from './poller';

/** What is fixed for a deletion gate's whole wait. */
export interface DeletionGate extends Polled {
  readonly request: Rollout['request'];
  readonly number: number;
  readonly count: number;
  /** While the daemon is not deleted its ARN, so that a replacement of the daemon replaces the gate too. */
  readonly physicalId: string;
  readonly logGroup: string;
}

interface Memory {
  /** The daemon was seen while ECS deleted it. */
  readonly deletionSeen?: true;
  /** Since when it is gone, or ACTIVE again. */
  readonly endSeen?: { readonly as: 'gone' | 'active'; readonly at: number };
}

export const deletionGate: Poller<DeletionGate, Memory> = {
  phase: 'DRAINING',
  of: deletionGateOf,
  labelOf: ({ number, count }) => `DELETION GATE ${number} of ${count}`,
  memory: {},
  unpolled: (gate) => gate.request === 'delete' ? undefined : success('UNCHANGED: it waits only when its daemon is deleted', gate),
  readsOf: (_, { daemonArn }) => ({ daemon: { arn: daemonArn } }),
  pauseSeconds: () => POLLER_SECONDS,
  poll,
  refused: failure,
  /** When its time is up a gate passes the wait on; the last one has nobody to pass it on to. */
  timedOut: (last, _memory, _now, gate) => gate.number < gate.count
    ? success(`CONTINUING: ${last}; passes the wait on to deletion gate ${gate.number + 1} of ${gate.count}`, gate)
    : failure(`TIMED_OUT: ${last}, and there is no deletion gate after ${gate.number} of ${gate.count}; ECS continues what it has started`, gate),
};

export function deletionGateOf(request: CloudFormationRequest, start: Start): DeletionGate {
  const { DaemonArn: daemonArn, GateNumber: number, GateCount: count } = parseGateProperties(request.ResourceProperties);
  return {
    request: kindOf(request),
    daemonArn,
    daemonName: lastPartOf(daemonArn),
    number,
    count,
    physicalId: request.RequestType === 'Delete' ? request.PhysicalResourceId ?? daemonArn : daemonArn,
    startedAt: start.startedAt,
    deadline: beginningOf(request, start) + ANSWER_WITHIN_MINUTES * 60_000,
    logGroup: start.logGroup,
  };
}

function poll({ daemon }: Observation, memory: Memory, now: number, gate: DeletionGate): Next<Memory> {
  if (!daemon) return { retryAfterSeconds: 0, memory };
  if (daemon === 'absent') return memory.deletionSeen ? gone(memory, now, gate) : { answer: success(`SUCCEEDED: there is no daemon ${gate.daemonName}`, gate) };
  switch (daemon.status) {
    case 'DELETE_IN_PROGRESS': {
      const running = daemon.revisions.reduce((sum, revision) => sum + revision.running, 0);
      const line = `${running === 1 ? '1 instance still runs' : `${running} instances still run`} the daemon ${gate.daemonName}, which is being deleted`;
      return { line, memory: { deletionSeen: true } };
    }
    case 'ACTIVE':
      return memory.deletionSeen ? activeAgain(memory, now, gate) : { answer: success(`UNCHANGED: the daemon ${gate.daemonName} is not being deleted`, gate) };
    default: // AWS may add a status (A33)
      return { line: `the status of the daemon ${gate.daemonName} is ${daemon.status}, which is unknown`, memory };
  }
}

/** That the daemon is gone is believed when two reads agree (A16). */
function gone(memory: Memory, now: number, gate: DeletionGate): Next<Memory> {
  if (memory.endSeen?.as === 'gone') return { answer: success(`SUCCEEDED: the daemon ${gate.daemonName} is deleted`, gate) };
  return { retryAfterSeconds: CONFIRM_SECONDS, memory: { ...memory, endSeen: { as: 'gone', at: now } } };
}

/** The deletion asks ECS once more (A16); a read may also be older than its beginning (A28). */
function activeAgain(memory: Memory, now: number, gate: DeletionGate): Next<Memory> {
  const endSeen = memory.endSeen?.as === 'active' ? memory.endSeen : { as: 'active' as const, at: now };
  if (secondsSince(endSeen.at, now) < READ_LAG_SECONDS) return { memory: { ...memory, endSeen } };
  return { answer: failure(`the daemon ${gate.daemonName} is ACTIVE again: ECS has rolled its deletion back`, gate) };
}

function success(Reason: string, { physicalId }: DeletionGate): Answer {
  return { Status: 'SUCCESS', Reason, PhysicalResourceId: physicalId };
}

function failure(sentence: string, { physicalId, logGroup }: DeletionGate): Answer {
  return { Status: 'FAILED', Reason: sentenceWithPlaces(`DRAINING: ${sentence}`, undefined, logGroup), PhysicalResourceId: physicalId };
}
