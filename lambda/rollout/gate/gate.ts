import { lastPartOf } from '../../arn';
import { parseGateProperties } from '../../properties';
import { executionNameIn, parseExecutionName, type CloudFormationRequest } from '../../request';
import { ANSWER_WITHIN_MINUTES, beginningOf, kindOf, type Rollout, type Start } from '../rollout';

/** What is fixed for a gate's whole wait. */
export interface Gate {
  readonly request: Rollout['request'];
  readonly daemonArn: string;
  readonly daemonName: string;
  /** The first part of the names of the rollouts that it waits for; an empty string if it is not known. */
  readonly resource: string;
  /** The rollout that the request names; it may be an old one. */
  readonly rolloutArn: string;
  readonly number: number;
  readonly count: number;
  /** It never changes: nothing stands behind it that could be replaced. */
  readonly physicalId: string;
  readonly stackId: string;
  /** Epoch milliseconds, like `deadline`. */
  readonly startedAt: number;
  readonly deadline: number;
  readonly rollingBack: boolean;
  readonly logGroup: string;
}

/** So that the last gate still sees how a rollout ends whose time is up at the same moment; less than CloudFormation waits (EN6). */
const LAST_GATE_MINUTES = ANSWER_WITHIN_MINUTES + 2;

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
