import { BATCH_PATIENCE_SECONDS, secondsSince } from '../../timing';
import type { Fault } from '../aws/fault';
import type { ObservedDeployment } from '../observation';
import type { Rollout } from '../rollout';
import { type WatchedDeployment, withLog, type State } from '../state';

/**
 * Keeps the counts of a deployment. The log is told when they change, and once of each standstill.
 *
 * ECS tells no total (A35), so that counts are for people; nothing is decided by them but what a phase is called.
 */
export function withProgress(state: State, deployment: ObservedDeployment, where: 'forward' | 'back' | 'ended', now: number): State {
  const { target, sources, configuration, failureCount = 0, failureThreshold } = deployment;
  const { drainPercent = 100, bakeTimeInMinutes = 0 } = configuration;
  const before = state.watched!;
  const running = target?.running ?? 0;
  const uncoveredInstances = target?.withoutDaemon ?? 0;
  const left = sources.reduce((sum, source) => sum + source.running + source.draining, 0);
  const drainingInstances = [target, ...sources].reduce((sum, counts) => sum + (counts?.draining ?? 0), 0);
  // what is counted first is the fleet; later counts have instances too many or too few for a while
  const totalInstances = Math.max(running, before.totalInstances || running + uncoveredInstances + left);
  const counts = `${running}/${drainingInstances}/${left}`;
  const progressedAt = counts === before.counts ? before.progressedAt : now;

  const ahead = where === 'forward' && before.direction === 'forward';
  // instances of a daemon that is not critical may come without it; in a create all of them lack it until they are replaced
  const reached = running + (sources.length > 0 ? uncoveredInstances : 0);
  const baking = ahead && running > 0 && reached >= totalInstances && left === 0 && bakeTimeInMinutes > 0;
  const phase = ahead ? (baking ? 'BAKING' : 'DEPLOYING') : before.phase;
  const failures = failureCount > before.taskFailures ? `; ${failuresSentence(failureCount, failureThreshold)}` : '';
  const batch = ahead && drainingInstances > 0 ? batchSentence(running, totalInstances, drainPercent) : '';
  const sentence = baking ? `BAKING: all ${totalInstances} instances have moved${uncoveredSentence(uncoveredInstances)}; alarms are watched for ${bakeTimeInMinutes} minutes`
    : totalInstances > 0 && where !== 'ended' ? `${where === 'back' ? 'ROLLING_BACK' : phase}: ${batch}${countsSentence(running, totalInstances, drainingInstances)}${uncoveredSentence(uncoveredInstances)}` : '';
  const watched: WatchedDeployment = {
    ...before,
    phase,
    createdAt: deployment.createdAt,
    targetArn: target?.revisionArn ?? before.targetArn,
    sourceArns: sources.length > 0 ? sources.map(({ revisionArn }) => revisionArn) : before.sourceArns,
    updatedInstances: where !== 'back' && before.direction === 'forward' ? Math.max(before.updatedInstances, running) : before.updatedInstances,
    uncoveredInstances: ahead && sources.length > 0 ? uncoveredInstances : before.uncoveredInstances,
    totalInstances,
    drainingInstances,
    taskFailures: failureCount,
    counts,
    progressedAt,
    isStallLogged: progressedAt === before.progressedAt ? before.isStallLogged : undefined,
    lastLogged: sentence || before.lastLogged,
  };
  const line = sentence && (sentence !== before.lastLogged || failures) ? withLog(state, sentence + failures) : state;
  // ECS may bake after each batch (A11), while nothing drains
  const patience = BATCH_PATIENCE_SECONDS + (drainingInstances === 0 ? bakeTimeInMinutes * 60 : 0);
  const hasStalled = where !== 'ended' && totalInstances > 0 && secondsSince(progressedAt, now) >= patience;
  if (!hasStalled || watched.isStallLogged) return { ...line, watched };
  const causes = [failureCount > 0 ? failuresSentence(failureCount, failureThreshold) : '', quoted(deployment.statusReason)].filter(Boolean);
  const why = causes.length > 0 ? causes.join(', ') : 'ECS names no reason';
  return {
    ...withLog(line, `${where === 'back' ? 'ROLLING_BACK' : phase}: ${stall(watched, now)}: ${why}`),
    watched: { ...watched, isStallLogged: true },
  };
}

/** How far a deployment had come, for the reason of its failure. */
export const progress = ({ updatedInstances, totalInstances, uncoveredInstances }: WatchedDeployment): string =>
  `${updatedInstances} of ${totalInstances} instances had moved${uncoveredInstances > 0 ? `, ${uncoveredInstances} without the daemon` : ''}`;

/** That nothing has moved for longer than a batch takes; an empty string if that is not so (A12). */
const stallOf = (watched: WatchedDeployment | undefined, now: number): string =>
  watched?.isStallLogged ? stall(watched, now) : '';

/** For how long a rollout has gone, and how many instances it has moved. */
export function progressSoFar({ watched }: State, now: number, { startedAt }: Rollout): string {
  const counts = watched && watched.totalInstances > 0 ? ` with ${watched.updatedInstances} of ${watched.totalInstances} instances moved` : '';
  return `after ${Math.round(secondsSince(startedAt, now) / 60)} minutes${counts}`;
}

/** What keeps a rollout from its end, as far as it is known. */
export const lastObstacle = ({ watched, blockedOn }: State, fault: Fault | undefined, now: number): string =>
  fault ? `the last read failed: ${fault.message}` : stallOf(watched, now) || (blockedOn ?? '');

const stall = ({ progressedAt, drainingInstances }: WatchedDeployment, now: number): string =>
  `no progress for ${Math.floor(secondsSince(progressedAt, now) / 60)} minutes${drainingInstances > 0 ? ` while ${drainSentence(drainingInstances)}` : ''}`;

/** Batches are rounded in a way that ECS does not document (A9). */
function batchSentence(running: number, totalInstances: number, drainPercent: number): string {
  const batches = Math.min(totalInstances, Math.ceil(100 / drainPercent));
  return batches > 1 ? `batch ${Math.min(batches, Math.floor(running * batches / totalInstances) + 1)} of about ${batches}: ` : '';
}

const countsSentence = (running: number, totalInstances: number, drainingInstances: number): string =>
  `${running} of ${instances(totalInstances)} ${totalInstances === 1 ? 'runs' : 'run'} the new revision${drainingInstances > 0 ? `, ${drainSentence(drainingInstances)}` : ''}`;

const drainSentence = (drainingInstances: number): string => `${drainingInstances} ${drainingInstances === 1 ? 'drains' : 'drain'}`;

const uncoveredSentence = (uncoveredInstances: number): string => uncoveredInstances > 0 ? `, ${uncoveredInstances} ${uncoveredInstances === 1 ? 'lacks' : 'lack'} the daemon` : '';

export const failuresSentence = (count: number, threshold: number | undefined): string =>
  `the daemon failed to start ${count} ${count === 1 ? 'time' : 'times'}${threshold === undefined ? '' : ` (the limit is ${threshold})`}`;

export const quoted = (reason: string): string => reason && `"${reason.slice(0, 300)}"`;

export const instances = (count: number): string => count === 1 ? '1 instance' : `${count} instances`;
