import { lastPartOf } from '../../arn';
import {
  AGREEMENT_SECONDS, CLOCK_MARGIN_SECONDS, CONFIRM_SECONDS, MISSING_PATIENCE_SECONDS, MISSING_SECONDS, READ_LAG_SECONDS,
  ROLLBACK_APPEARS_SECONDS, secondsSince, VISIBLE_SECONDS,
} from '../../timing';
import { inAlarm } from '../guards/alarms';
import type {
  Observation, ObservedAlarm, ObservedDaemon, RevisionCounts,
} from '../observation';
import { hasOwner, isOurs, ownerOf } from '../facts/ownership';
import type { Rollout } from '../rollout';
import { actualFleet, desiredFleet, differences, isSameFleet, isSameRevision, WHY_UNKNOWN } from '../facts/fleet-settings';
import { poll, type State, type WatchedDeployment } from '../state';
import { fail, succeed } from '../report/response';
import { confirmOwner } from './ownership-check';
import { alarmSentence, watchesAlarms } from '../facts/alarm-watch';
import { instances, progress } from '../facts/progress';
import { judgeStatus, mayBeReplaced, succeedWithoutInstances } from './status';
import { watch, readOutcome, readSettings } from './transitions';

export function verify(from: State, seen: Observation, now: number, rollout: Rollout): State {
  const state = confirmOwner(from, seen.daemon, now, rollout);
  if (state.stage !== 'verify') return state;
  const watched = state.watched!;
  const { daemon } = seen;
  if (!daemon) return readOutcome(state, rollout, CONFIRM_SECONDS);
  if (daemon === 'absent' || daemon.status === 'DELETE_IN_PROGRESS') return daemonGone(state, daemon === 'absent', now, rollout);
  const stale = daemon.latestArn === watched.arn || daemon.latestArn === state.write?.latestArn || daemon.latestArn === '';
  if (!stale) return newerDeployment(state, daemon, now, rollout);
  if (watched.missingSince !== undefined) return judgeByDaemon(state, daemon, now, rollout);
  const own = daemon.latest?.arn === watched.arn ? daemon.latest : undefined;
  // ECS may roll back after a status that looked final (A11, A29)
  if (own && GOING_BACK.includes(own.status)) return judgeStatus({ ...state, stage: 'watch' }, own, now, rollout);
  return watched.endSeen!.status === 'SUCCESSFUL' ? judgeSuccess(state, daemon, seen, now, rollout) : judgeStop(state, daemon, now, rollout);
}

function daemonGone(state: State, isAbsent: boolean, now: number, rollout: Rollout): State {
  const watched = state.watched!;
  const failing: State = { ...state, phase: watched.phase };
  if (!isAbsent) {
    return fail(failing, rollout, 'SUPERSEDED', `SUPERSEDED: somebody deletes the daemon ${rollout.desired.DaemonName} after ${progress(watched)}`);
  }
  // A new daemon may not be visible yet, although its deployment is over (A28).
  const mayAppear = state.createdDaemon && secondsSince(watched.since, now) < READ_LAG_SECONDS;
  return mayAppear ? readOutcome(state, rollout, VISIBLE_SECONDS) : fail(failing, rollout, 'FAILED', 'the daemon was deleted during its rollout');
}

/** A newer deployment is ECS's own rollback of ours if it goes back to where ours came from (A5); else somebody has taken over (FM18). */
function newerDeployment(state: State, { latest, latestArn, settings }: ObservedDaemon, now: number, rollout: Rollout): State {
  const watched = state.watched!;
  const endedAt = watched.endSeen?.at ?? watched.missingSince!;
  if (!latest && secondsSince(endedAt, now) < READ_LAG_SECONDS) return readOutcome(state, rollout, CONFIRM_SECONDS);
  const targetArn = latest?.target?.revisionArn;
  if (targetArn && watched.sourceArns.includes(targetArn) && watched.direction === 'forward') return watch(state, latestArn, 'ecs-rollback', now, rollout);
  // in a rollback, a write of the request before may have landed after ours: ours is sent once more (FM24)
  if (rollout.rollingBack && !state.resubmitted) {
    const resubmitted: State = { ...state, resubmitted: true, phase: 'APPLYING', watched: undefined };
    return readSettings(resubmitted, rollout, 0, `APPLYING: the deployment ${latestArn} has come in between`);
  }
  const { taskDefinitionArn } = settings[targetArn ?? ''] ?? {};
  const theirs = taskDefinitionArn ? ` of ${lastPartOf(taskDefinitionArn)}` : '';
  return fail({ ...state, phase: watched.phase }, rollout, 'SUPERSEDED',
    `SUPERSEDED: another deployment, ${latestArn}${theirs}, has taken over the daemon ${rollout.desired.DaemonName} after ${progress(watched)}`);
}

const GOING_BACK = ['ROLLBACK_IN_PROGRESS', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED'];

function judgeStop(state: State, { latest }: ObservedDaemon, now: number, rollout: Rollout): State {
  const watched = state.watched!;
  const own = latest?.arn === watched.arn ? latest : undefined;
  const age = secondsSince(Math.min(watched.endSeen!.at, (own?.endedAt ?? now) + CLOCK_MARGIN_SECONDS * 1000), now);
  // a first deployment has nothing to go back to (A4)
  const left = watched.sourceArns.length > 0 ? ROLLBACK_APPEARS_SECONDS - age : 0;
  if (left > 0) return readOutcome(state, rollout, Math.min(left, age < VISIBLE_SECONDS ? VISIBLE_SECONDS : 2 * VISIBLE_SECONDS));
  return fail({ ...state, phase: watched.phase }, rollout, 'FAILED',
    `ECS stopped the deployment of the daemon ${rollout.desired.DaemonName} after ${progress(watched)}: ${watched.cause}`);
}

/** What the end of a deployment is judged by. */
interface Success {
  readonly watched: WatchedDeployment;
  readonly daemon: ObservedDaemon;
  /** The revision of the deployment, if the daemon names it. */
  readonly own?: RevisionCounts;
  readonly alarms: readonly ObservedAlarm[];
  readonly rollout: Rollout;
}

/** Why a deployment that ECS calls SUCCESSFUL is no success. */
interface Objection {
  /** Whether reads may be older than the end of the deployment, and then are repeated (A28). */
  readonly mayBeOlder: boolean;
  /** Undefined if it does not hold. */
  readonly sentence: (success: Success) => string | undefined;
}

/** In the order in which docs/rollout.md lists them. */
const OBJECTIONS: readonly Objection[] = [
  { mayBeOlder: true, sentence: runsOtherRevision },
  { mayBeOlder: true, sentence: runsNowhere },
  { mayBeOlder: false, sentence: hasOtherSettings },
  { mayBeOlder: false, sentence: hasFiredAlarm },
];

function runsOtherRevision({ watched, daemon }: Success): string | undefined {
  const other = daemon.revisions.find(({ revisionArn, running, withoutDaemon }) =>
    revisionArn !== watched.targetArn && running + withoutDaemon > 0);
  return other && `the deployment is SUCCESSFUL, but instances still run ${other.revisionArn}`;
}

/** An update that replaces no instance succeeds at once (A7), be it that of a daemon which does not start. */
function runsNowhere({ own, rollout }: Success): string | undefined {
  const isNowhere = own !== undefined && rollout.desired.Critical && own.running === 0 && own.withoutDaemon > 0;
  return isNowhere ? `the deployment is SUCCESSFUL, but none of ${instances(own.withoutDaemon)} runs the daemon` : undefined;
}

function hasOtherSettings({ watched, daemon, rollout }: Success): string | undefined {
  const actual = daemon.settings[watched.targetArn];
  const desired = desiredFleet(rollout.desired);
  if (!actual || isSameRevision(actual, desired)) return undefined;
  return `the deployment is SUCCESSFUL, but its revision is not the one desired: ${differences({ ...desired, ...actual }, desired).join('; ')}`;
}

function hasFiredAlarm({ watched, alarms, rollout }: Success): string | undefined {
  if (!watchesAlarms(rollout)) return undefined;
  const inAlarmNow = inAlarm(alarms.filter(({ name }) => !watched.inAlarmBefore?.includes(name)));
  const fired = inAlarmNow ? { name: inAlarmNow.name, reason: inAlarmNow.stateReason } : watched.alarm;
  return fired && `all instances of the daemon ${rollout.desired.DaemonName} run the new revision, but ${alarmSentence(fired)}`;
}

function judgeSuccess(state: State, daemon: ObservedDaemon, { alarms = [] }: Observation, now: number, rollout: Rollout): State {
  const watched = state.watched!;
  const { DaemonName } = rollout.desired;
  const failing: State = { ...state, phase: watched.phase };
  const age = secondsSince(watched.endSeen!.at, now);
  const isSettled = age >= READ_LAG_SECONDS;
  if ((state.ownerUnconfirmed && !isSettled) || mayBeReplaced(state, now, rollout)) return readOutcome(state, rollout, VISIBLE_SECONDS);
  if (isTakenOver(daemon, rollout)) {
    return isSettled ? failTakenOver(failing, daemon, rollout) : readOutcome(state, rollout, VISIBLE_SECONDS);
  }
  if (watched.direction === 'ecs-rollback') {
    return fail(failing, rollout, 'ROLLED_BACK', `ECS rolled the daemon ${DaemonName} back: ${watched.cause} after ${progress(watched)}`);
  }
  const own = daemon.revisions.find(({ revisionArn }) => revisionArn === watched.targetArn);
  const success: Success = { watched, daemon, own, alarms, rollout };
  const objection = OBJECTIONS.find(({ sentence }) => sentence(success) !== undefined);
  if (!objection) return rolledOut(state, own, rollout);
  if (!objection.mayBeOlder || isSettled) return fail(failing, rollout, 'FAILED', objection.sentence(success)!);
  return readOutcome(state, rollout, age < 2 * CONFIRM_SECONDS ? CONFIRM_SECONDS : VISIBLE_SECONDS);
}

function rolledOut(state: State, own: RevisionCounts | undefined, rollout: Rollout): State {
  const watched = state.watched!;
  if (own && own.running + own.withoutDaemon === 0) return succeedWithoutInstances(state, rollout);
  const uncovered = own && own.withoutDaemon > 0 ? `; ${own.withoutDaemon} instances are without the daemon` : '';
  return succeed({ ...state, revisionArn: watched.targetArn }, rollout, 'SUCCEEDED',
    `the daemon ${rollout.desired.DaemonName} is rolled out to ${instances(own?.running ?? watched.updatedInstances)}${uncovered}`);
}

/** Whether somebody else has adopted the daemon meanwhile. */
const isTakenOver = ({ tags = {} }: ObservedDaemon, rollout: Rollout): boolean => hasOwner(tags) && !isOurs(tags, rollout);

const failTakenOver = (state: State, { tags = {} }: ObservedDaemon, rollout: Rollout): State => fail(state, rollout, 'SUPERSEDED',
  `SUPERSEDED: the daemon ${rollout.desired.DaemonName} was rolled out, but has been adopted meanwhile and belongs to ${ownerOf(tags)}`);

/** Judges a deployment that ECS no longer returns by what instances run, which is read twice (A15, A28). */
function judgeByDaemon(state: State, daemon: ObservedDaemon, now: number, rollout: Rollout): State {
  const watched = state.watched!;
  const later = (next: State, seconds: number) => poll({ ...next, stage: 'watch' }, seconds, { deployment: watched.arn });
  const age = secondsSince(watched.missingSince!, now);
  if (age < AGREEMENT_SECONDS) return later(state, AGREEMENT_SECONDS);
  const failing: State = { ...state, phase: watched.phase };
  const desired = desiredFleet(rollout.desired);
  const actual = actualFleet(daemon);
  if (typeof actual !== 'string' && isSameFleet(actual, desired)) {
    if (isTakenOver(daemon, rollout)) {
      return age < READ_LAG_SECONDS ? later(state, MISSING_SECONDS) : failTakenOver(failing, daemon, rollout);
    }
    const [runs] = daemon.revisions.filter(({ running }) => running > 0);
    return succeed({ ...state, revisionArn: runs?.revisionArn ?? watched.targetArn }, rollout, 'SUCCEEDED',
      `ECS no longer returns the deployment, and the daemon ${rollout.desired.DaemonName} has the desired settings`);
  }
  const what = typeof actual === 'string' ? WHY_UNKNOWN[actual] : differences(actual, desired).join('; ');
  const sentence = `ECS no longer returns the deployment, and the daemon ${rollout.desired.DaemonName} does not have the desired settings: ${what}`;
  // A deployment that replaces instances leaves the fleet mixed for a while; one that was rolled back does not.
  if (typeof actual === 'string' || age < MISSING_PATIENCE_SECONDS) return later({ ...state, blockedOn: sentence }, MISSING_SECONDS);
  return fail(failing, rollout, 'FAILED', sentence);
}
