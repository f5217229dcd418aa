import type { Answer } from '../../answer';
import { oneLine } from '../../reason';
import type { Fault } from '../fault';
import type { DeploymentStatus, Observation, ObservedDaemon, ObservedDeployment, Reads } from '../observation';
import { afterReads, isFinal, type Look, nextLook } from '../onlooking';
import { causeOf } from '../phases/guarding';
import type { Budgeted } from '../state';
import { CONFIRM_SECONDS, READ_LAG_SECONDS, secondsSince } from '../timing';
import { sentenceWithPlaces } from '../verdict';
import { type Coverage, coverageOf, coverageSentence } from './coverage';
import type { Verification } from './verification';

/** Everything that a verification remembers between two looks. */
export interface VerificationState extends Budgeted {
  readonly version: 1;
  readonly want: Look | { readonly answer: Answer };
  /** Lines for the log. */
  readonly says: readonly string[];
  /** The counts that the log has told last. */
  readonly told: string;
  /** The best counts so far, and since when they are the best. */
  readonly progress?: { readonly instances: number; readonly running: number; readonly at: number; readonly lacking: number };
  /** A terminal failure has to be read twice (A29). */
  readonly endSeen?: string;
}

const LOOK_SECONDS = 30;
/** How long a verification goes on without progress: instances take about 5 minutes to come, and a daemon is retried. */
const PATIENCE_SECONDS = 600;

export function begin(verification: Verification): VerificationState {
  return { version: 1, want: { look: 0, reads: readsOf(verification) }, says: [], told: '' };
}

/** Like the machine of a rollout, pure; there is nothing that it could write. */
export function advance(before: VerificationState, seen: Observation, now: number, verification: Verification): VerificationState {
  const state = afterReads(before, seen, now);
  if (verification.request === 'delete') return succeed(state, verification, 'UNCHANGED: a verification leaves nothing behind');
  // whatever instances run: a failure would leave the stack in UPDATE_ROLLBACK_FAILED (FM11)
  if (verification.rollingBack) return succeed(state, verification, 'UNCHANGED: nothing is verified while the stack rolls back');
  const next = seen.fault ? bearFault(state, seen.fault, now, verification) : judge(state, seen, now, verification);
  return withinDeadline(next, seen, now, verification);
}

/** Nothing for a request that needs no look. */
const readsOf = ({ request, rollingBack, daemonArn }: Verification): Reads =>
  request === 'delete' || rollingBack ? {} : { daemon: { arn: daemonArn, latest: true } };

function judge(state: VerificationState, { daemon }: Observation, now: number, verification: Verification): VerificationState {
  const { daemonName } = verification;
  if (daemon === 'absent') {
    return isYoung(verification, now) ? lookAgain(state, now, verification)
      : fail(state, verification, `the daemon ${daemonName} does not exist any more`);
  }
  if (!daemon) return lookAgain(state, now, verification);
  if (daemon.status === 'DELETE_IN_PROGRESS') return fail(state, verification, `the daemon ${daemonName} is being deleted`);
  const coverage = coverageOf(daemon, verification.revisionArn);
  return judgeDeployment(withProgress(tell(state, coverage, verification), coverage, now), daemon, coverage, now, verification);
}

function judgeDeployment(
  state: VerificationState, { latest }: ObservedDaemon, coverage: Coverage, now: number, verification: Verification,
): VerificationState {
  const isAboutRevision = latest?.target !== undefined && [latest.target.revisionArn, ''].includes(verification.revisionArn);
  switch (isAboutRevision ? latest.status as DeploymentStatus : undefined) {
    case 'STOPPED':
    case 'ROLLBACK_SUCCESSFUL':
    case 'ROLLBACK_FAILED':
      return failedDeployment(state, latest!, coverage, verification);
    case undefined:
    case 'SUCCESSFUL':
      return judgeCoverage(state, coverage, latest, now, verification);
    case 'PENDING':
    case 'IN_PROGRESS':
    case 'STOP_REQUESTED':
    case 'ROLLBACK_IN_PROGRESS':
    default: // AWS may add a status (A33)
      // a deployment may wait for the first instance (A10); with instances ECS itself judges it
      return coverage.instances === 0 ? judgeCoverage(state, coverage, latest, now, verification)
        : lookAgain({ ...state, endSeen: undefined, progress: { ...state.progress!, at: now } }, now, verification);
  }
}

function failedDeployment(
  state: VerificationState, deployment: ObservedDeployment, coverage: Coverage, verification: Verification,
): VerificationState {
  const { status, arn } = deployment;
  if (state.endSeen !== status) {
    return { ...state, endSeen: status, want: { look: CONFIRM_SECONDS, reads: readsOf(verification) } };
  }
  return fail(state, verification, `the deployment of the daemon ${verification.daemonName} is ${status}: ${causeOf({}, deployment)}`
    + `; ${coverageSentence(coverage, verification.daemonName)}`, arn);
}

function judgeCoverage(
  state: VerificationState, coverage: Coverage, deployment: ObservedDeployment | undefined, now: number, verification: Verification,
): VerificationState {
  const { instances, running } = coverage;
  const told = coverageSentence(coverage, verification.daemonName);
  const patient = secondsSince(state.progress!.at, now) < PATIENCE_SECONDS;
  if (instances === 0 && !patient) {
    return succeed(state, verification, `SUCCEEDED: no instance has come in ${PATIENCE_SECONDS / 60} minutes, so that nothing was there to verify`);
  }
  // what is seen may be older than the instances that the services have brought (A28)
  if (instances > 0 && running === instances && !isYoung(verification, now)) return succeed(state, verification, `SUCCEEDED: ${told}`);
  if (patient) return lookAgain(state, now, verification);
  const { failureCount = 0 } = deployment ?? {};
  const starts = failureCount > 0 ? `; it failed to start ${failureCount} times` : '';
  return fail(state, verification, `${told}, and none has come to run it in ${PATIENCE_SECONDS / 60} minutes${starts}`
    + '; ECS tells why in its events (DAEMON_TASK_START_IMPAIRED)', deployment?.arn); // ECS sends the cause in events only (R56)
}

const isYoung = ({ startedAt }: Verification, now: number): boolean => secondsSince(startedAt, now) < READ_LAG_SECONDS;

/** Progress is another instance, one more that runs the daemon, or one fewer that does not. */
function withProgress(state: VerificationState, { instances, running }: Coverage, now: number): VerificationState {
  const lacking = instances - running;
  const best = state.progress;
  if (best && instances <= best.instances && running <= best.running && lacking >= best.lacking) return state;
  const isLarger = best === undefined || instances > best.instances;
  return {
    ...state,
    progress: {
      instances: Math.max(instances, best?.instances ?? 0),
      running: Math.max(running, best?.running ?? 0),
      lacking: isLarger ? lacking : Math.min(lacking, best.lacking),
      at: now,
    },
  };
}

function tell(state: VerificationState, coverage: Coverage, { daemonName, services }: Verification): VerificationState {
  const sentence = `VERIFYING: ${coverageSentence(coverage, daemonName)}, behind ${services.join(', ')}`;
  return sentence === state.told ? state : { ...state, told: sentence, says: [...state.says, sentence] };
}

function bearFault(state: VerificationState, fault: Fault, now: number, verification: Verification): VerificationState {
  if (isFinal(fault, verification, now)) return fail(state, verification, `${fault.name}: ${fault.message}`);
  return lookAgain({ ...state, says: [`VERIFYING: a read failed and is tried again: ${fault.message}`] }, now, verification);
}

/** The looks of the first minutes lead to the moment from which reads are believed. */
function lookAgain(state: VerificationState, now: number, verification: Verification): VerificationState {
  const untilSeen = READ_LAG_SECONDS - secondsSince(verification.startedAt, now);
  const look = untilSeen > 0 ? Math.min(LOOK_SECONDS, Math.ceil(untilSeen)) : LOOK_SECONDS;
  return { ...state, want: { look, reads: readsOf(verification) } };
}

function withinDeadline(state: VerificationState, { fault }: Observation, now: number, verification: Verification): VerificationState {
  const { want: wanted } = state;
  if ('answer' in wanted) return state;
  const want = nextLook({ ...state, want: wanted }, verification, now);
  if (want) return { ...state, want };
  const minutes = Math.round(secondsSince(verification.startedAt, now) / 60);
  const last = fault ? `the last read failed: ${fault.message}` : state.told.replace('VERIFYING: ', '');
  return fail(state, verification, `TIMED_OUT after ${minutes} minutes; ${last}`);
}

const succeed = (state: VerificationState, verification: Verification, reason: string): VerificationState =>
  answered(state, { Status: 'SUCCESS', Reason: reason, PhysicalResourceId: verification.physicalId });

function fail(
  state: VerificationState, { physicalId, logGroup }: Verification, sentence: string, deploymentArn?: string,
): VerificationState {
  const Reason = sentenceWithPlaces(`VERIFYING: ${sentence}`, deploymentArn, logGroup);
  return answered(state, { Status: 'FAILED', Reason, PhysicalResourceId: physicalId });
}

function answered(state: VerificationState, answer: Answer): VerificationState {
  const Reason = oneLine(answer.Reason);
  return { ...state, want: { answer: { ...answer, Reason } }, says: [...state.says, Reason] };
}
