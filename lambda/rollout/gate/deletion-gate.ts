import { lastPartOf } from '../../arn';
import { parseGateProperties } from '../../properties';
import type { CloudFormationRequest } from '../../request';
import { ANSWER_WITHIN_MINUTES, beginningOf, kindOf, type Rollout, type Start } from '../rollout';

/** What is fixed for a deletion gate's whole wait. */
export interface DeletionGate {
  readonly request: Rollout['request'];
  /** Also its id: a replacement of the daemon replaces it too. */
  readonly daemonArn: string;
  readonly daemonName: string;
  readonly number: number;
  readonly count: number;
  readonly physicalId: string;
  /** Epoch milliseconds, like `deadline`. */
  readonly startedAt: number;
  readonly deadline: number;
  readonly logGroup: string;
}

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
