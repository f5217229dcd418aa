import { BATCH_PATIENCE_SECONDS, secondsSince } from '../../timing';
import type { Fault } from '../aws/fault';
import type { ObservedDeployment } from '../observation';
import type { Rollout } from '../rollout';
import type { WatchedDeployment } from '../stage';
import { type State, type StateIn, watchedOf, withLog, withWatched } from '../state';

/** The instances of a deployment. ECS returns no total (A35). */
interface Counts {
  readonly running: number;
  readonly uncovered: number;
  readonly draining: number;
  /** Those that have not been replaced yet. */
  readonly left: number;
  readonly total: number;
}

function countsOf({ target, sources }: ObservedDeployment, before: WatchedDeployment): Counts {
  const { running = 0, withoutDaemon: uncovered = 0 } = target ?? {};
  const left = sources.reduce((sum, source) => sum + source.running + source.draining, 0);
  const draining = [target, ...sources].reduce((sum, counts) => sum + (counts?.draining ?? 0), 0);
  // what is counted first is the fleet; later counts have instances too many or too few for a while
  const total = Math.max(running, before.totalInstances || running + uncovered + left);
  return { running, uncovered, draining, left, total };
}

/** Where a deployment goes, by its status. */
export type Direction = 'forward' | 'back' | 'ended';

/** Records the counts of a deployment, and logs them when they change. They decide nothing but the name of the phase. */
export function withProgress(state: StateIn<'watch'>, deployment: ObservedDeployment, where: Direction, now: number): StateIn<'watch'> {
  const before = state.stage.watched;
  const { failureCount = 0, failureThreshold } = deployment;
  const counts = countsOf(deployment, before);
  const isForward = where === 'forward' && before.direction === 'forward';
  const isBaking = isForward && hasMoved(counts, deployment) && bakeMinutes(deployment) > 0;
  const phase = isForward ? (isBaking ? 'BAKING' : 'DEPLOYING') : before.phase;
  const label = where === 'back' ? 'ROLLING_BACK' : phase;
  const line = where === 'ended' ? '' : progressLine(counts, deployment, label, isBaking, isForward);
  const watched = { ...withCounts(before, deployment, counts, where, now), phase, lastLogged: line || before.lastLogged };
  const failures = failureCount > before.taskFailures ? `; ${failuresSentence(failureCount, failureThreshold)}` : '';
  const isNews = line !== '' && (line !== before.lastLogged || failures !== '');
  return withStall(withWatched(isNews ? withLog(state, line + failures) : state, watched), deployment, label, where, now);
}

const bakeMinutes = ({ configuration }: ObservedDeployment): number => configuration.bakeTimeInMinutes ?? 0;

/** Instances of a daemon that is not critical may come without it. In a create all are without it until they are replaced. */
const hasMoved = ({ running, uncovered, left, total }: Counts, { sources }: ObservedDeployment): boolean =>
  running > 0 && left === 0 && running + (sources.length > 0 ? uncovered : 0) >= total;

function withCounts(
  before: WatchedDeployment, deployment: ObservedDeployment, counts: Counts, where: Direction, now: number,
): WatchedDeployment {
  const { target, sources, createdAt, failureCount = 0 } = deployment;
  const { running, uncovered, draining, left, total } = counts;
  const key = `${running}/${draining}/${left}`;
  const isForward = before.direction === 'forward';
  return {
    ...before,
    createdAt,
    targetArn: target?.revisionArn ?? before.targetArn,
    sourceArns: sources.length > 0 ? sources.map(({ revisionArn }) => revisionArn) : before.sourceArns,
    updatedInstances: where !== 'back' && isForward ? Math.max(before.updatedInstances, running) : before.updatedInstances,
    uncoveredInstances: where === 'forward' && isForward && sources.length > 0 ? uncovered : before.uncoveredInstances,
    totalInstances: total,
    drainingInstances: draining,
    taskFailures: failureCount,
    counts: key,
    ...key !== before.counts && now !== before.progressedAt && { progressedAt: now, isStallLogged: undefined },
  };
}

/** Logs once that a deployment has stalled. ECS may bake after each batch (A11), while nothing drains. */
function withStall(state: StateIn<'watch'>, deployment: ObservedDeployment, label: string, where: Direction, now: number): StateIn<'watch'> {
  const { watched } = state.stage;
  const patience = BATCH_PATIENCE_SECONDS + (watched.drainingInstances === 0 ? bakeMinutes(deployment) * 60 : 0);
  const hasStalled = where !== 'ended' && watched.totalInstances > 0 && secondsSince(watched.progressedAt, now) >= patience;
  if (!hasStalled || watched.isStallLogged) return state;
  const { failureCount = 0, failureThreshold, statusReason } = deployment;
  const causes = [failureCount > 0 ? failuresSentence(failureCount, failureThreshold) : '', quoted(statusReason)].filter(Boolean);
  const line = `${label}: ${stall(watched, now)}: ${causes.join(', ') || 'ECS names no reason'}`;
  return withWatched(withLog(state, line), { isStallLogged: true });
}

/** How far a deployment had come, for the reason of its failure. */
export const progress = ({ updatedInstances, totalInstances, uncoveredInstances }: WatchedDeployment): string =>
  `${updatedInstances} of ${totalInstances} instances ran the new revision${uncoveredInstances > 0 ? `, ${uncoveredInstances} without the daemon` : ''}`;

/** That nothing has moved for longer than a batch takes; an empty string if that is not so (A12). */
const stallOf = (watched: WatchedDeployment | undefined, now: number): string =>
  watched?.isStallLogged ? stall(watched, now) : '';

/** For how long a rollout has gone, and how many instances it has moved. */
export function progressSoFar(state: State, now: number, { startedAt }: Rollout): string {
  const watched = watchedOf(state);
  const counts = watched && watched.totalInstances > 0 ? ` with ${watched.updatedInstances} of ${watched.totalInstances} instances on the new revision` : '';
  return `after ${Math.round(secondsSince(startedAt, now) / 60)} minutes${counts}`;
}

/** What keeps a rollout from its end, as far as it is known. */
export const lastObstacle = (state: State, fault: Fault | undefined, now: number): string =>
  fault ? `the last read failed: ${fault.message}` : stallOf(watchedOf(state), now) || (state.blockedOn ?? '');

const stall = ({ progressedAt, drainingInstances }: WatchedDeployment, now: number): string =>
  `no progress for ${Math.floor(secondsSince(progressedAt, now) / 60)} minutes${drainingInstances > 0 ? ` while ${drainSentence(drainingInstances)}` : ''}`;

/** What is logged of the counts; an empty string for nothing. */
function progressLine(counts: Counts, deployment: ObservedDeployment, label: string, isBaking: boolean, isForward: boolean): string {
  const { total, uncovered } = counts;
  if (isBaking) return `BAKING: all ${total} instances run the new revision${uncoveredSentence(uncovered)}; alarms are watched for ${bakeMinutes(deployment)} minutes`;
  return total === 0 ? '' : `${label}: ${isForward ? batchSentence(counts, deployment) : ''}${countsSentence(counts)}${uncoveredSentence(uncovered)}`;
}

/** Batches are rounded in a way that ECS does not document (A9). */
function batchSentence({ running, draining, total }: Counts, { configuration: { drainPercent = 100 } }: ObservedDeployment): string {
  const batches = Math.min(total, Math.ceil(100 / drainPercent));
  return draining > 0 && batches > 1 ? `batch ${Math.min(batches, Math.floor(running * batches / total) + 1)} of about ${batches}: ` : '';
}

const countsSentence = ({ running, draining, total }: Counts): string =>
  `${running} of ${instances(total)} ${total === 1 ? 'runs' : 'run'} the new revision${draining > 0 ? `, ${drainSentence(draining)}` : ''}`;

const drainSentence = (draining: number): string => `${draining} ${draining === 1 ? 'drains' : 'drain'}`;

const uncoveredSentence = (uncovered: number): string => uncovered > 0 ? `, ${uncovered} ${uncovered === 1 ? 'is' : 'are'} without the daemon` : '';

export const failuresSentence = (count: number, threshold: number | undefined): string =>
  `the daemon failed to start ${count} ${count === 1 ? 'time' : 'times'}${threshold === undefined ? '' : ` (the limit is ${threshold})`}`;

export const quoted = (reason: string): string => reason && `"${reason.slice(0, 300)}"`;

export const instances = (count: number): string => count === 1 ? '1 instance' : `${count} instances`;
