import { BATCH_PATIENCE_SECONDS, secondsSince } from '../../timing';
import type { Fault } from '../aws/fault';
import type { ObservedDeployment } from '../observation';
import type { Rollout } from '../rollout';
import { type Followed, saying, type State } from '../state';

/**
 * Keeps the counts of a deployment. The log is told when they change, and once of each standstill.
 *
 * ECS tells no total (A35), so that counts are for people; nothing is decided by them but what a phase is called.
 */
export function withProgress(state: State, deployment: ObservedDeployment, where: 'forward' | 'back' | 'ended', now: number): State {
  const { target, sources, configuration, failureCount = 0, failureThreshold } = deployment;
  const { drainPercent = 100, bakeTimeInMinutes = 0 } = configuration;
  const before = state.followed!;
  const running = target?.running ?? 0;
  const lacking = target?.withoutDaemon ?? 0;
  const left = sources.reduce((sum, source) => sum + source.running + source.draining, 0);
  const draining = [target, ...sources].reduce((sum, counts) => sum + (counts?.draining ?? 0), 0);
  // what is counted first is the fleet; later counts have instances too many or too few for a while
  const total = Math.max(running, before.total || running + lacking + left);
  const counts = `${running}/${draining}/${left}`;
  const changedAt = counts === before.counts ? before.changedAt : now;

  const ahead = where === 'forward' && before.direction === 'forward';
  // instances of a daemon that is not critical may come without it; in a create all of them lack it until they are replaced
  const reached = running + (sources.length > 0 ? lacking : 0);
  const baking = ahead && running > 0 && reached >= total && left === 0 && bakeTimeInMinutes > 0;
  const phase = ahead ? (baking ? 'BAKING' : 'DEPLOYING') : before.phase;
  const failures = failureCount > before.failures ? `; ${failuresSentence(failureCount, failureThreshold)}` : '';
  const batch = ahead && draining > 0 ? batchSentence(running, total, drainPercent) : '';
  const sentence = baking ? `BAKING: all ${total} instances have moved${lackSentence(lacking)}; alarms are watched for ${bakeTimeInMinutes} minutes`
    : total > 0 && where !== 'ended' ? `${where === 'back' ? 'ROLLING_BACK' : phase}: ${batch}${countsSentence(running, total, draining)}${lackSentence(lacking)}` : '';
  const followed: Followed = {
    ...before,
    phase,
    createdAt: deployment.createdAt,
    targetArn: target?.revisionArn ?? before.targetArn,
    sourceArns: sources.length > 0 ? sources.map(({ revisionArn }) => revisionArn) : before.sourceArns,
    moved: where !== 'back' && before.direction === 'forward' ? Math.max(before.moved, running) : before.moved,
    lacking: ahead && sources.length > 0 ? lacking : before.lacking,
    total,
    draining,
    failures: failureCount,
    counts,
    changedAt,
    standstillTold: changedAt === before.changedAt ? before.standstillTold : undefined,
    told: sentence || before.told,
  };
  const told = sentence && (sentence !== before.told || failures) ? saying(state, sentence + failures) : state;
  // ECS may bake after each batch (A11), while nothing drains
  const patience = BATCH_PATIENCE_SECONDS + (draining === 0 ? bakeTimeInMinutes * 60 : 0);
  const stands = where !== 'ended' && total > 0 && secondsSince(changedAt, now) >= patience;
  if (!stands || followed.standstillTold) return { ...told, followed };
  const causes = [failureCount > 0 ? failuresSentence(failureCount, failureThreshold) : '', quoted(deployment.statusReason)].filter(Boolean);
  const why = causes.length > 0 ? causes.join(', ') : 'ECS names no reason';
  return {
    ...saying(told, `${where === 'back' ? 'ROLLING_BACK' : phase}: ${standstill(followed, now)}: ${why}`),
    followed: { ...followed, standstillTold: true },
  };
}

/** How far a deployment had come, for the reason of its failure. */
export const progress = ({ moved, total, lacking }: Followed): string =>
  `${moved} of ${total} instances had moved${lacking > 0 ? `, ${lacking} without the daemon` : ''}`;

/** That nothing has moved for longer than a batch takes; an empty string if that is not so (A12). */
const standstillOf = (followed: Followed | undefined, now: number): string =>
  followed?.standstillTold ? standstill(followed, now) : '';

/** For how long a rollout has gone, and how many instances it has moved. */
export function howFar({ followed }: State, now: number, { startedAt }: Rollout): string {
  const counts = followed && followed.total > 0 ? ` with ${followed.moved} of ${followed.total} instances moved` : '';
  return `after ${Math.round(secondsSince(startedAt, now) / 60)} minutes${counts}`;
}

/** What keeps a rollout from its end, as far as it is known. */
export const troubleOf = ({ followed, obstacle }: State, fault: Fault | undefined, now: number): string =>
  fault ? `the last read failed: ${fault.message}` : standstillOf(followed, now) || (obstacle ?? '');

const standstill = ({ changedAt, draining }: Followed, now: number): string =>
  `no progress for ${Math.floor(secondsSince(changedAt, now) / 60)} minutes${draining > 0 ? ` while ${drainSentence(draining)}` : ''}`;

/** Batches are rounded in a way that ECS does not document (A9). */
function batchSentence(running: number, total: number, drainPercent: number): string {
  const batches = Math.min(total, Math.ceil(100 / drainPercent));
  return batches > 1 ? `batch ${Math.min(batches, Math.floor(running * batches / total) + 1)} of about ${batches}: ` : '';
}

const countsSentence = (running: number, total: number, draining: number): string =>
  `${running} of ${instances(total)} ${total === 1 ? 'runs' : 'run'} the new revision${draining > 0 ? `, ${drainSentence(draining)}` : ''}`;

const drainSentence = (draining: number): string => `${draining} ${draining === 1 ? 'drains' : 'drain'}`;

const lackSentence = (lacking: number): string => lacking > 0 ? `, ${lacking} ${lacking === 1 ? 'lacks' : 'lack'} the daemon` : '';

export const failuresSentence = (count: number, threshold: number | undefined): string =>
  `the daemon failed to start ${count} ${count === 1 ? 'time' : 'times'}${threshold === undefined ? '' : ` (the limit is ${threshold})`}`;

export const quoted = (reason: string): string => reason && `"${reason.slice(0, 300)}"`;

export const instances = (count: number): string => count === 1 ? '1 instance' : `${count} instances`;
