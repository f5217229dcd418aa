import { daemonArnOf, parseVerificationProperties } from '../../properties';
import type { CloudFormationRequest } from '../../request';
import { ANSWER_WITHIN_MINUTES, beginningOf, kindOf, type Start } from '../rollout';

/** What is fixed for the whole of a verification. */
export interface Verification {
  readonly request: 'create' | 'update' | 'delete';
  readonly daemonArn: string;
  readonly daemonName: string;
  /** The revision that instances are to run; an empty string for whichever the daemon has. */
  readonly revisionArn: string;
  /** The logical ids of the services that bring the instances. */
  readonly services: readonly string[];
  /** It never changes: nothing stands behind it that could be replaced. */
  readonly physicalId: string;
  /** Epoch milliseconds, like `deadline`. */
  readonly startedAt: number;
  readonly deadline: number;
  readonly rollingBack: boolean;
  readonly logGroup: string;
}

export function verificationOf(request: CloudFormationRequest, start: Start): Verification {
  const properties = parseVerificationProperties(request.ResourceProperties);
  const daemonArn = daemonArnOf(properties);
  return {
    request: kindOf(request),
    daemonArn,
    daemonName: properties.DaemonName,
    revisionArn: properties.RevisionArn,
    services: properties.Services,
    physicalId: request.PhysicalResourceId ?? daemonArn,
    startedAt: start.startedAt,
    deadline: beginningOf(request, start) + ANSWER_WITHIN_MINUTES * 60_000,
    rollingBack: start.rollingBack,
    logGroup: start.logGroup,
  };
}
