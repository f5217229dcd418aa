import type { Answer } from '../../answer';
import { lastPartOf } from '../../arn';
import type { DaemonAttributes } from '../../contract';
import { hasEnded } from '../../executions';
import { parseGateProperties } from '../../properties';
import { oneLine } from '../../reason';
import type { Report } from '../../report';
import { type CloudFormationRequest, executionNameIn, parseExecutionName } from '../../request';
import { ANSWER_WITHIN_MINUTES, LAST_GATE_MINUTES, POLLER_SECONDS, secondsSince } from '../../timing';
import type { Observation, ObservedExecution } from '../observation';
import { beginningOf, kindOf, type Rollout, type Start } from '../rollout';
import { sentenceWithPlaces } from '../report/response';
import { judgeByEcs } from './judge-by-ecs';
import type { Next, Polled, Poller } from './poller';

/** What is fixed for a gate's whole wait. */
export interface Gate extends Polled {
  readonly request: Rollout['request'];
  /** The first part of the names of the rollouts that it waits for; an empty string if it is not known. */
  readonly resource: string;
  /** The rollout that the request names; it may be an old one. */
  readonly rolloutArn: string;
  readonly number: number;
  readonly count: number;
  /** It never changes: nothing stands behind it that could be replaced. */
  readonly physicalId: string;
  readonly stackId: string;
  readonly rollingBack: boolean;
  readonly logGroup: string;
}

interface Memory {
  /** The rollout that it waits for. */
  readonly followedArn?: string;
  /** Since when there is no report of a rollout, so that the gate judges by ECS (FM29). */
  readonly lostSince?: number;
}

const labelOf = ({ number, count }: Gate): string => `GATE ${number} of ${count}`;

export const rolloutGate: Poller<Gate, Memory> = {
  phase: 'GATE',
  of: gateOf,
  labelOf,
  memory: {},
  unpolled: ({ request, physicalId }) =>
    request === 'delete' ? { Status: 'SUCCESS', Reason: 'UNCHANGED: a gate leaves nothing behind', PhysicalResourceId: physicalId } : undefined,
  readsOf: ({ followedArn, lostSince }, { resource, rolloutArn, daemonArn }) => ({
    execution: { resource, namedArn: rolloutArn, followedArn },
    ...lostSince !== undefined && { daemon: { arn: daemonArn, latest: true, settings: true, tags: true } },
  }),
  pauseSeconds: () => POLLER_SECONDS,
  poll,
  refused: (sentence, gate) => failure(`GATE: ${sentence}`, {}, gate),
  timedOut,
  mistaken: (gate, reason) => failure(reason, {}, gate),
};

export function gateOf(request: CloudFormationRequest, start: Start): Gate {
  const properties = parseGateProperties(request.ResourceProperties);
  const { DaemonArn: daemonArn, RolloutArn: rolloutArn, GateNumber: number, GateCount: count } = properties;
  const daemonName = lastPartOf(daemonArn);
  return {
    request: kindOf(request),
    daemonArn,
    daemonName,
    resource: parseExecutionName(executionNameIn(rolloutArn))?.resource ?? '',
    rolloutArn,
    number,
    count,
    physicalId: request.PhysicalResourceId ?? `${daemonName}-gate-${number}`,
    stackId: request.StackId,
    startedAt: start.startedAt,
    deadline: beginningOf(request, start) + (number < count ? ANSWER_WITHIN_MINUTES : LAST_GATE_MINUTES) * 60_000,
    rollingBack: start.rollingBack,
    logGroup: start.logGroup,
  };
}

function poll(seen: Observation, before: Memory, now: number, gate: Gate): Next<Memory> {
  const { execution } = seen;
  if (!execution) return { retryAfterSeconds: 0, memory: before };
  if (execution === 'gone') return lost(before, seen, 'there is no record of the rollout any more', undefined, now, gate);
  const memory: Memory = { ...before, followedArn: execution.arn };
  if (!hasEnded(execution)) {
    return { line: `waits for the rollout ${execution.arn}${pauseOf(execution)}`, memory: { ...memory, lostSince: undefined } };
  }
  if (execution.report) return judgeReport(execution.arn, execution.report, gate);
  return lost(memory, seen, `the rollout's execution ended as ${execution.status} and reports no outcome`, execution, now, gate);
}

/** Lambda goes on with what is paused only when a person resumes it; ECS goes on meanwhile (EN39). */
function pauseOf({ status, pausedSince = '' }: ObservedExecution): string {
  if (status === 'RUNNING') return '';
  if (status !== 'PAUSING' && status !== 'PAUSED') return `, which is ${status}`;
  return `, which is ${status}${pausedSince && ` since ${pausedSince}`}: resume it, or stop it`;
}

/** What the rollout itself says, in its own words. */
function judgeReport(rolloutArn: string, { answer, outcome, reason, rollout }: Report, gate: Gate): Next<Memory> {
  const attributes = { RolloutArn: rolloutArn, DeploymentArn: rollout?.deploymentArn ?? '', RevisionArn: rollout?.revisionArn ?? '' };
  switch (outcome) {
    case 'SUCCEEDED':
    case 'UNCHANGED':
    case 'DEGRADED':
      return { answer: success(outcome, reason, { ...attributes, ...names(answer) }, gate) };
    default: // what a later version may add is no success
      return { answer: failure(reason, attributes, gate) };
  }
}

/** The names of the daemon may be newer than those that the gate was given. */
const names = ({ Data }: Partial<Answer> = {}): Partial<DaemonAttributes> =>
  Data?.DaemonArn && Data.DaemonName ? { DaemonArn: Data.DaemonArn, DaemonName: Data.DaemonName } : {};

/** A rollout that tells nothing, because it has died or is forgotten: what ECS shows is the truth. */
function lost(
  memory: Memory, { daemon }: Observation, why: string, execution: ObservedExecution | undefined, now: number, gate: Gate,
): Next<Memory> {
  if (memory.lostSince === undefined) return { line: `${why}; reads ECS instead`, retryAfterSeconds: 0, memory: { ...memory, lostSince: now } };
  if (!daemon) return { retryAfterSeconds: 0, memory };
  const truth = judgeByEcs(daemon, execution?.desired, secondsSince(memory.lostSince, now), now, gate);
  if (truth.kind === 'wait') return { line: truth.sentence, memory };
  const attributes = { RolloutArn: execution?.arn ?? gate.rolloutArn, ...truth.attributes };
  if (truth.kind === 'succeeded') return { answer: success('SUCCEEDED', `SUCCEEDED: ${truth.sentence}; ${why}`, attributes, gate) };
  return { answer: failure(sentenceWithPlaces(`${truth.sentence}; ${why}`, truth.attributes.DeploymentArn, gate.logGroup), attributes, gate) };
}

/** When its time is up a gate passes the wait on; the last one has nobody to pass it on to. */
function timedOut(last: string, { followedArn }: Memory, _: number, gate: Gate): Answer {
  const attributes = { RolloutArn: followedArn ?? gate.rolloutArn };
  if (gate.number < gate.count) {
    return success('CONTINUING', `CONTINUING: ${last}; passes the wait on to gate ${gate.number + 1} of ${gate.count}`, attributes, gate);
  }
  const sentence = `TIMED_OUT: the rollout of the daemon ${gate.daemonName} is not over, and there is no gate after ${gate.number} of ${gate.count}; ${last}`;
  return failure(sentenceWithPlaces(sentence, undefined, gate.logGroup), attributes, gate);
}

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
