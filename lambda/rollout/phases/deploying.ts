import { inAlarm } from '../guard-alarms';
import type { DeploymentStatus, Observation, ObservedDaemon, ObservedDeployment, Reads } from '../observation';
import type { Rollout } from '../rollout';
import { CONFIRM_SECONDS, type Followed, lookAgain, READ_LAG_SECONDS, secondsSince, type State } from '../state';
import { fail, succeed } from '../verdict';
import { lookAtSettings } from './planning';

const FIRST_LOOK_SECONDS = 5;
/** 200 reads an hour, and an answer at most 30 s after the end: 5 s of read lag, 18 s, and the second read of a failure. */
const DEPLOYING_SECONDS = 18;
const ROLLING_BACK_SECONDS = 16;
const BEYOND_AN_HOUR_SECONDS = 60;
/** A provider without instances may leave its deployment PENDING for ever (A10). */
const EMPTY_PROVIDER_SECONDS = 300;
/** Between two looks for a daemon that is not visible yet. */
const UNSEEN_SECONDS = 10;
/** A deployment of ECS's own that takes a stopped one back shows up within this time (A5). */
const ROLLBACK_APPEARS_SECONDS = 20;

const isEmpty = ({ target, sources }: ObservedDeployment): boolean =>
  [target, ...sources].every((counts) => !counts || counts.running + counts.withoutDaemon + counts.draining === 0);

/** Whether a deployment has waited so long for instances that nobody may ever launch them (A10): to replace it drains nothing. */
export const lacksInstances = (deployment: ObservedDeployment, now: number): boolean =>
  deployment.status === 'PENDING' && isEmpty(deployment) && secondsSince(deployment.createdAt, now) >= EMPTY_PROVIDER_SECONDS;

export const isOver = ({ status }: ObservedDeployment): boolean => RANKS[status as DeploymentStatus] === RANKS.SUCCESSFUL;

/** Watches a deployment from now on. */
export function follow(state: State, deploymentArn: string, direction: Followed['direction'], now: number): State {
  const rank = direction === 'forward' ? 0 : RANKS.ROLLBACK_IN_PROGRESS;
  const known: Pick<Followed, 'alarm' | 'cause' | 'moved' | 'total' | 'phase'> =
    direction === 'ecs-rollback' ? state.followed! : { moved: 0, total: 0, phase: 'DEPLOYING' };
  const { alarm, cause, moved, total, phase } = known;
  const followed: Followed = {
    arn: deploymentArn, since: now, rank, moved, total, phase, alarm, cause, direction, targetArn: '', sourceArns: [], told: '',
  };
  const verb = direction === 'forward' ? 'follows the deployment' : "follows ECS's rollback by the deployment";
  const next: State = { ...state, phase: direction === 'forward' ? 'DEPLOYING' : 'ROLLING_BACK', stage: 'deployment', followed, obstacle: undefined };
  return lookAgain(next, FIRST_LOOK_SECONDS, { deployment: deploymentArn }, `${next.phase}: ${verb} ${deploymentArn}`);
}

/** How far a status is on its way; only greater ranks are believed (A28). A terminal status is judged apart (A29). */
const RANKS: Readonly<Record<DeploymentStatus, number>> = {
  PENDING: 0,
  IN_PROGRESS: 1,
  STOP_REQUESTED: 2,
  ROLLBACK_IN_PROGRESS: 3,
  SUCCESSFUL: 4,
  STOPPED: 4,
  ROLLBACK_SUCCESSFUL: 4,
  ROLLBACK_FAILED: 4,
};

export function followDeployment(before: State, seen: Observation, now: number, rollout: Rollout): State {
  const state = seen.alarms ? { ...before, followed: withAlarmReason(before.followed!, seen.alarms) } : before;
  const { deployment } = seen;
  if (deployment === undefined) return again(state, now, rollout, 0);
  if (deployment === 'missing') return missing(state, now, rollout);
  const known = deployment.status in RANKS ? deployment.status as DeploymentStatus : undefined;
  if (!known) {
    return again(state, now, rollout, undefined, `${state.phase}: ECS reports the status ${deployment.status}, which is new to us; waits on`);
  }
  if (RANKS[known] < state.followed!.rank) return again(state, now, rollout);

  const [alarmName] = deployment.triggeredAlarmNames;
  if (alarmName && !state.followed!.alarm && rollout.desired.AlarmNames.includes(alarmName)) {
    const followed = { ...state.followed!, alarm: { name: alarmName, reason: '' } };
    return lookAgain({ ...state, followed }, 0, { alarms: true, deployment: followed.arn }, `${state.phase}: the alarm ${alarmName} has fired`);
  }
  return judgeStatus(withCounts(state, deployment, RANKS[known], rollout), known, deployment, now, rollout);
}

function judgeStatus(state: State, status: DeploymentStatus, deployment: ObservedDeployment, now: number, rollout: Rollout): State {
  const followed = { ...state.followed!, rank: Math.max(state.followed!.rank, RANKS[status]) };
  const advanced: State = { ...state, followed };
  switch (status) {
    case 'PENDING': return pending({ ...advanced, followed: { ...followed, endSeen: undefined } }, deployment, now, rollout);
    case 'IN_PROGRESS': return again({ ...advanced, phase: followed.phase, followed: { ...followed, endSeen: undefined } }, now, rollout);
    case 'STOP_REQUESTED':
    case 'ROLLBACK_IN_PROGRESS': {
      const entered = state.phase !== 'ROLLING_BACK';
      const told = entered ? [`ROLLING_BACK: ECS takes the deployment back after ${progress(followed)}: ${causeOf(followed, deployment)}`] : [];
      return again({ ...advanced, phase: 'ROLLING_BACK', followed: { ...followed, endSeen: undefined } }, now, rollout, undefined, ...told);
    }
    case 'SUCCESSFUL': {
      const ended = { ...followed, endSeen: { status, at: now } };
      return lookAround({ ...state, followed: ended }, rollout, 0);
    }
    case 'STOPPED':
    case 'ROLLBACK_SUCCESSFUL':
    case 'ROLLBACK_FAILED':
      // rank stays: what was read once may still turn out otherwise (A29)
      if (state.followed!.endSeen?.status !== status) {
        const ended = { ...state.followed!, endSeen: { status, at: now } };
        return lookAgain({ ...state, followed: ended }, CONFIRM_SECONDS, { deployment: followed.arn }, `${state.phase}: the deployment is ${status}; looks once more`);
      }
      if (status === 'STOPPED') return lookAround({ ...state, followed: { ...state.followed!, cause: causeOf(state.followed!, deployment) } }, rollout, 0);
      return takenBack(state, status, deployment, rollout);
  }
}

function takenBack(state: State, status: 'ROLLBACK_SUCCESSFUL' | 'ROLLBACK_FAILED', deployment: ObservedDeployment, rollout: Rollout): State {
  const followed = state.followed!;
  const { DaemonName } = rollout.desired;
  if (status === 'ROLLBACK_SUCCESSFUL' && followed.direction === 'adopted-rollback') {
    return succeed({ ...state, revisionArn: deployment.rollbackTargetArn }, rollout, 'SUCCEEDED', `ECS has rolled the daemon ${DaemonName} back to what is wanted`);
  }
  const cause = `${causeOf(followed, deployment)} after ${progress(followed)}`;
  const named: State = { ...state, phase: followed.phase };
  return status === 'ROLLBACK_SUCCESSFUL'
    ? fail(named, rollout, 'ROLLED_BACK', `ECS rolled the daemon ${DaemonName} back: ${cause}`)
    : fail(named, rollout, 'FAILED', `ECS could not roll the daemon ${DaemonName} back, so that it may run several revisions: ${cause}`);
}

/** After the end of a deployment: what does the daemon run, and has anything newer begun? */
function lookAround(state: State, rollout: Rollout, seconds: number, ...says: string[]): State {
  const guarded = state.followed!.endSeen!.status === 'SUCCESSFUL' && guards(rollout);
  const reads: Reads = { daemon: { arn: rollout.daemonArn, latest: true }, ...(guarded ? { alarms: true as const } : {}) };
  return lookAgain({ ...state, stage: 'verdict' }, seconds, reads, ...says);
}

/** A first deployment has nothing to go back to, and a rollback must not fail for an alarm (A13). */
const guards = ({ request, rollingBack, desired }: Rollout): boolean => request === 'update' && !rollingBack && desired.AlarmNames.length > 0;

export function judgeEnd(state: State, seen: Observation, now: number, rollout: Rollout): State {
  const followed = state.followed!;
  const { daemon } = seen;
  if (daemon === 'absent') {
    // a daemon that was just made may not be visible yet, although its deployment is over (A28)
    if (state.made && secondsSince(followed.since, now) < READ_LAG_SECONDS) return lookAround(state, rollout, UNSEEN_SECONDS);
    return fail({ ...state, phase: followed.phase }, rollout, 'FAILED', 'the daemon was deleted during its rollout');
  }
  if (!daemon) return lookAround(state, rollout, CONFIRM_SECONDS);
  const stale = daemon.latestArn === followed.arn || daemon.latestArn === state.attempt?.latestArn || daemon.latestArn === '';
  if (!stale) return newerDeployment(state, daemon, now, rollout);
  return followed.endSeen!.status === 'SUCCESSFUL' ? judgeSuccess(state, daemon, seen, now, rollout) : judgeStop(state, now, rollout);
}

/** A newer deployment is ECS's own rollback of ours if it goes back to where ours came from (A5); else somebody has taken over (FM18). */
function newerDeployment(state: State, { latest, latestArn }: ObservedDaemon, now: number, rollout: Rollout): State {
  const followed = state.followed!;
  if (!latest && secondsSince(followed.endSeen!.at, now) < READ_LAG_SECONDS) return lookAround(state, rollout, CONFIRM_SECONDS);
  const targetArn = latest?.target?.revisionArn;
  if (targetArn && followed.sourceArns.includes(targetArn) && followed.direction === 'forward') return follow(state, latestArn, 'ecs-rollback', now);
  // in a rollback, a write of the request before may have landed after ours: ours is sent once more (FM24)
  if (rollout.rollingBack && !state.retaken) {
    return lookAtSettings({ ...state, retaken: true, phase: 'APPLYING' }, rollout, 0, `APPLYING: the deployment ${latestArn} has come in between`);
  }
  return fail({ ...state, phase: followed.phase }, rollout, 'SUPERSEDED',
    `SUPERSEDED: another deployment, ${latestArn}, has taken over the daemon ${rollout.desired.DaemonName} after ${progress(followed)}`);
}

function judgeStop(state: State, now: number, rollout: Rollout): State {
  const followed = state.followed!;
  if (followed.sourceArns.length > 0 && secondsSince(followed.endSeen!.at, now) < ROLLBACK_APPEARS_SECONDS) {
    return lookAround(state, rollout, ROLLBACK_APPEARS_SECONDS / 2);
  }
  return fail({ ...state, phase: followed.phase }, rollout, 'FAILED',
    `ECS stopped the deployment of the daemon ${rollout.desired.DaemonName} after ${progress(followed)}: ${followed.cause}`);
}

function judgeSuccess(state: State, daemon: ObservedDaemon, seen: Observation, now: number, rollout: Rollout): State {
  const followed = state.followed!;
  const { DaemonName } = rollout.desired;
  const failing: State = { ...state, phase: followed.phase };
  if (followed.direction === 'ecs-rollback') {
    return fail(failing, rollout, 'ROLLED_BACK', `ECS rolled the daemon ${DaemonName} back: ${followed.cause} after ${progress(followed)}`);
  }
  const other = daemon.revisions.find(({ revisionArn, running, withoutDaemon }) =>
    revisionArn !== followed.targetArn && running + withoutDaemon > 0);
  if (other) {
    if (secondsSince(followed.endSeen!.at, now) < READ_LAG_SECONDS) return lookAround(state, rollout, CONFIRM_SECONDS);
    return fail(failing, rollout, 'FAILED', `the deployment is SUCCESSFUL, but instances still run ${other.revisionArn}`);
  }
  const red = guards(rollout) ? inAlarm((seen.alarms ?? []).filter(({ name }) => !state.unguarding?.includes(name))) : undefined;
  if (red) {
    return fail(failing, rollout, 'FAILED',
      `all instances of the daemon ${DaemonName} have moved, but ${alarmSentence({ name: red.name, reason: red.stateReason })}`);
  }
  const own = daemon.revisions.find(({ revisionArn }) => revisionArn === followed.targetArn);
  const uncovered = own && own.withoutDaemon > 0 ? `; ${own.withoutDaemon} instances lack the daemon` : '';
  return succeed({ ...state, revisionArn: followed.targetArn }, rollout, 'SUCCEEDED',
    `the daemon ${DaemonName} is rolled out to ${instances(own?.running ?? followed.moved)}${uncovered}`);
}

function pending(state: State, deployment: ObservedDeployment, now: number, rollout: Rollout): State {
  if (isEmpty(deployment) && secondsSince(state.followed!.since, now) >= EMPTY_PROVIDER_SECONDS) {
    return succeed({ ...state, revisionArn: state.followed!.targetArn }, rollout, 'SUCCEEDED',
      `the capacity providers have no instances, and new ones will start with the daemon ${rollout.desired.DaemonName}`);
  }
  return again(state, now, rollout);
}

function missing(state: State, now: number, rollout: Rollout): State {
  const age = secondsSince(state.followed!.since, now);
  if (age < READ_LAG_SECONDS) return again(state, now, rollout, FIRST_LOOK_SECONDS * 2);
  return again(state, now, rollout, BEYOND_AN_HOUR_SECONDS, `${state.phase}: ECS does not show the deployment; waits on`);
}

function again(state: State, now: number, rollout: Rollout, seconds?: number, ...says: string[]): State {
  const age = secondsSince(rollout.startedAt, now);
  const pace = age > 3600 ? BEYOND_AN_HOUR_SECONDS : state.phase === 'ROLLING_BACK' ? ROLLING_BACK_SECONDS : DEPLOYING_SECONDS;
  return lookAgain(state, seconds ?? pace, { deployment: state.followed!.arn }, ...says);
}

/** Keeps the counts, and tells the log when they have changed. */
function withCounts(state: State, deployment: ObservedDeployment, rank: number, rollout: Rollout): State {
  const { target, sources } = deployment;
  const running = target?.running ?? 0;
  const left = sources.reduce((sum, source) => sum + source.running + source.draining, 0);
  const draining = [target, ...sources].reduce((sum, counts) => sum + (counts?.draining ?? 0), 0);
  const before = state.followed!;
  // A35: for the log only. What is counted first is the fleet; later counts have instances too many or too few for a while
  const total = Math.max(running, before.total || running + (target?.withoutDaemon ?? 0) + left);
  const forward = rank <= RANKS.IN_PROGRESS;
  const baking = forward && running > 0 && running === total && left === 0 && rollout.desired.BakeTimeInMinutes > 0;
  const phase = forward && before.direction === 'forward' ? (baking ? 'BAKING' : 'DEPLOYING') : before.phase;
  const ended = rank === RANKS.SUCCESSFUL;
  const sentence = baking ? `BAKING: all ${total} instances have moved; alarms are watched for ${rollout.desired.BakeTimeInMinutes} minutes`
    : total > 0 && !ended ? `${forward ? phase : 'ROLLING_BACK'}: ${countsSentence(running, total, draining)}` : '';
  const followed: Followed = {
    ...before,
    phase,
    targetArn: target?.revisionArn ?? before.targetArn,
    sourceArns: sources.length > 0 ? sources.map(({ revisionArn }) => revisionArn) : before.sourceArns,
    moved: (forward || ended) && before.direction === 'forward' ? Math.max(before.moved, running) : before.moved,
    total,
    told: sentence || before.told,
  };
  return { ...state, followed, says: sentence && sentence !== before.told ? [...state.says, sentence] : state.says };
}

const countsSentence = (running: number, total: number, draining: number): string =>
  `${running} of ${instances(total)} ${total === 1 ? 'runs' : 'run'} the new revision${draining > 0 ? `, ${draining} ${draining === 1 ? 'drains' : 'drain'}` : ''}`;

function withAlarmReason(followed: Followed, alarms: NonNullable<Observation['alarms']>): Followed {
  const fired = alarms.find(({ name, state }) => name === followed.alarm?.name && state === 'ALARM');
  return fired ? { ...followed, alarm: { name: fired.name, reason: fired.stateReason.slice(0, 300) } } : followed;
}

/** Why ECS gave a deployment up. */
export function causeOf(followed: Pick<Followed, 'alarm'>, deployment: ObservedDeployment): string {
  const unfinished = deployment.status === 'ROLLBACK_FAILED' && deployment.statusReason ? `, and "${deployment.statusReason.slice(0, 300)}"` : '';
  if (followed.alarm) return alarmSentence(followed.alarm) + unfinished;
  const [name] = deployment.triggeredAlarmNames;
  if (name) return alarmSentence({ name, reason: '' }) + unfinished;
  const failures = deployment.circuitBreakerStatus === 'TRIGGERED' || deployment.failureCount > 0
    ? `the daemon failed to start ${deployment.failureCount} times (the limit is ${deployment.failureThreshold})` : '';
  const told = [...new Set([deployment.rollbackReason, deployment.statusReason])].filter(Boolean).map((reason) => `"${reason.slice(0, 300)}"`);
  return [failures, ...told].filter(Boolean).join(', ') || 'ECS names no reason';
}

const alarmSentence = ({ name, reason }: { name: string; reason: string }): string =>
  `alarm ${name} went into ALARM${reason ? ` ("${reason.slice(0, 300)}")` : ''}`;

const progress = ({ moved, total }: Followed): string => `${moved} of ${total} instances had moved`;

const instances = (count: number): string => count === 1 ? '1 instance' : `${count} instances`;
