import type { Answer } from '../../answer';
import { daemonArnOf, parseVerificationProperties } from '../../properties';
import type { CloudFormationRequest } from '../../request';
import {
  ANSWER_WITHIN_MINUTES, CONFIRM_SECONDS, INSTANCE_PATIENCE_SECONDS, POLLER_SECONDS, READ_LAG_SECONDS, secondsSince,
} from '../../timing';
import type { DeploymentStatus, Observation, ObservedDaemon, ObservedDeployment } from '../observation';
import { causeOf } from '../facts/alarm-watch';
import { beginningOf, kindOf, type Start } from '../rollout';
import { sentenceWithPlaces } from '../report/response';
import { type Coverage, coverageOf, coverageSentence } from '../facts/coverage';
import type { Next, Polled, Poller } from './poller';

/** What is fixed for the whole of a verification. */
export interface Verification extends Polled {
  readonly request: 'create' | 'update' | 'delete';
  /** The revision that instances are to run; an empty string for whichever the daemon has. */
  readonly revisionArn: string;
  /** The logical ids of the services that bring the instances. */
  readonly services: readonly string[];
  /** It never changes: nothing stands behind it that could be replaced. */
  readonly physicalId: string;
  readonly rollingBack: boolean;
  readonly logGroup: string;
}

interface Memory {
  /** The best counts so far, and since when they are the best. */
  readonly progress?: Progress;
  /** A terminal failure has to be read twice (A29). */
  readonly endSeen?: string;
}

interface Progress {
  readonly instances: number;
  readonly running: number;
  readonly at: number;
  readonly lacking: number;
}

export const instanceCheck: Poller<Verification, Memory> = {
  phase: 'VERIFYING',
  of: verificationOf,
  labelOf: () => 'VERIFYING',
  memory: {},
  unpolled(verification) {
    if (verification.request === 'delete') return success('UNCHANGED: a verification leaves nothing behind', verification);
    // whatever instances run: a failure would leave the stack in UPDATE_ROLLBACK_FAILED (FM11)
    if (verification.rollingBack) return success('UNCHANGED: nothing is verified while the stack rolls back', verification);
    return undefined;
  },
  readsOf: (_, { daemonArn }) => ({ daemon: { arn: daemonArn, latest: true } }),
  /** The polls of the first minutes lead to the moment from which reads are believed. */
  pauseSeconds({ startedAt }, now) {
    const untilSeen = READ_LAG_SECONDS - secondsSince(startedAt, now);
    return untilSeen > 0 ? Math.min(POLLER_SECONDS, Math.ceil(untilSeen)) : POLLER_SECONDS;
  },
  poll,
  refused: (sentence, verification) => failure(sentence, verification),
  timedOut: (last, _, now, verification) =>
    failure(`TIMED_OUT after ${Math.round(secondsSince(verification.startedAt, now) / 60)} minutes; ${last}`, verification),
};

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

function poll({ daemon }: Observation, before: Memory, now: number, verification: Verification): Next<Memory> {
  const { daemonName } = verification;
  if (daemon === 'absent') {
    return isYoung(verification, now) ? { memory: before } : { answer: failure(`the daemon ${daemonName} does not exist any more`, verification) };
  }
  if (!daemon) return { memory: before };
  if (daemon.status === 'DELETE_IN_PROGRESS') return { answer: failure(`the daemon ${daemonName} is being deleted`, verification) };
  const coverage = coverageOf(daemon, verification.revisionArn);
  const line = `${coverageSentence(coverage, daemonName)}, behind ${verification.services.join(', ')}`;
  return { ...judgeDeployment(before, withProgress(before.progress, coverage, now), daemon, coverage, now, verification), line };
}

function judgeDeployment(
  before: Memory, progress: Progress, { latest }: ObservedDaemon, coverage: Coverage, now: number, verification: Verification,
): Next<Memory> {
  const memory: Memory = { ...before, progress };
  const isAboutRevision = latest?.target !== undefined && [latest.target.revisionArn, ''].includes(verification.revisionArn);
  switch (isAboutRevision ? latest.status as DeploymentStatus : undefined) {
    case 'STOPPED':
    case 'ROLLBACK_SUCCESSFUL':
    case 'ROLLBACK_FAILED':
      return failedDeployment(memory, latest!, coverage, verification);
    case undefined:
    case 'SUCCESSFUL':
      return judgeCoverage(memory, progress, coverage, latest, now, verification);
    case 'PENDING':
    case 'IN_PROGRESS':
    case 'STOP_REQUESTED':
    case 'ROLLBACK_IN_PROGRESS':
    default: // AWS may add a status (A33)
      // a deployment may wait for the first instance (A10); with instances ECS itself judges it
      return coverage.instances === 0 ? judgeCoverage(memory, progress, coverage, latest, now, verification)
        : { memory: { progress: { ...progress, at: now } } };
  }
}

function failedDeployment(memory: Memory, deployment: ObservedDeployment, coverage: Coverage, verification: Verification): Next<Memory> {
  const { status, arn } = deployment;
  if (memory.endSeen !== status) return { retryAfterSeconds: CONFIRM_SECONDS, memory: { ...memory, endSeen: status } };
  const sentence = `the deployment of the daemon ${verification.daemonName} is ${status}: ${causeOf({}, deployment)}`;
  return { answer: failure(`${sentence}; ${coverageSentence(coverage, verification.daemonName)}`, verification, arn) };
}

function judgeCoverage(
  memory: Memory, { at }: Progress, coverage: Coverage, deployment: ObservedDeployment | undefined, now: number, verification: Verification,
): Next<Memory> {
  const { instances, running } = coverage;
  const sentence = coverageSentence(coverage, verification.daemonName);
  const isPatient = secondsSince(at, now) < INSTANCE_PATIENCE_SECONDS;
  const minutes = INSTANCE_PATIENCE_SECONDS / 60;
  if (instances === 0 && !isPatient) {
    return { answer: success(`SUCCEEDED: no instance has come in ${minutes} minutes, so that nothing was there to verify`, verification) };
  }
  // what is seen may be older than the instances that the services have brought (A28)
  if (instances > 0 && running === instances && !isYoung(verification, now)) return { answer: success(`SUCCEEDED: ${sentence}`, verification) };
  if (isPatient) return { memory };
  const { failureCount = 0 } = deployment ?? {};
  const starts = failureCount > 0 ? `; it failed to start ${failureCount} times` : '';
  const events = 'ECS reports why in its events (DAEMON_TASK_START_IMPAIRED)'; // and nowhere else (R56)
  return { answer: failure(`${sentence}, and none has come to run it in ${minutes} minutes${starts}; ${events}`, verification, deployment?.arn) };
}

const isYoung = ({ startedAt }: Verification, now: number): boolean => secondsSince(startedAt, now) < READ_LAG_SECONDS;

/** Progress is another instance, one more that runs the daemon, or one fewer that does not. */
function withProgress(best: Progress | undefined, { instances, running }: Coverage, now: number): Progress {
  const lacking = instances - running;
  if (best && instances <= best.instances && running <= best.running && lacking >= best.lacking) return best;
  const isLarger = best === undefined || instances > best.instances;
  return {
    instances: Math.max(instances, best?.instances ?? 0),
    running: Math.max(running, best?.running ?? 0),
    lacking: isLarger ? lacking : Math.min(lacking, best.lacking),
    at: now,
  };
}

const success = (Reason: string, { physicalId }: Verification): Answer => ({ Status: 'SUCCESS', Reason, PhysicalResourceId: physicalId });

const failure = (sentence: string, { physicalId, logGroup }: Verification, deploymentArn?: string): Answer =>
  ({ Status: 'FAILED', Reason: sentenceWithPlaces(`VERIFYING: ${sentence}`, deploymentArn, logGroup), PhysicalResourceId: physicalId });
