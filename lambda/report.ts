import type { Answer } from './answer';
import type { CloudFormationRequest } from './request';

/**
 * The result of an execution, as `aws lambda get-durable-execution` prints it: what came of a request, for people and for what waits
 * for it. Times are ISO 8601 in UTC.
 */
export interface Report {
  readonly outcome: string;
  readonly reason: string;
  readonly request: CloudFormationRequest['RequestType'];
  /** The logical id of the custom resource. */
  readonly resource: string;
  readonly startedAt?: string;
  /** Later than the answer if the rollout went on behind it. */
  readonly endedAt?: string;
  /** What CloudFormation was told; one request is never told two things. A request that was dropped is not answered. */
  readonly answer?: Answer;
  readonly answeredAt?: string;
  /** Of a rollout. */
  readonly rollout?: RolloutReport;
}

/** The outcome of a request that CloudFormation has not sent for our stack. */
export const DROPPED = 'DROPPED';

export interface RolloutReport {
  readonly daemonArn: string;
  readonly deploymentArn: string;
  /** The status in which the deployment was seen to end, if it was. */
  readonly deploymentStatus?: string;
  readonly revisionArn: string;
  readonly phases: readonly { readonly phase: string; readonly from: string }[];
  /** As they were observed: whenever more instances ran the new revision, how many, of how many. */
  readonly batches: readonly { readonly moved: number; readonly of: number; readonly at: string }[];
  /** The instances that ran the daemon when they were last looked at, whatever its revision, and those that lacked it. */
  readonly coverage?: { readonly running: number; readonly withoutDaemon: number };
  /** The guard alarms that have fired, with their own reasons. */
  readonly alarms: readonly { readonly name: string; readonly reason: string; readonly at: string }[];
  /** The guard alarms that were in ALARM before, and therefore guarded nothing (R33). */
  readonly unguardingAlarms?: readonly string[];
  /** Whether tags of the daemon were written, or may have been, so that a read may still return those before. */
  readonly tagsWritten?: boolean;
  /** Settings that were changed by hand, and that this rollout has put back. */
  readonly resets?: string;
}

/** The result of an execution, which only a version of ours has written. */
export const parseReport = (result: string): Report => JSON.parse(result) as Report;
