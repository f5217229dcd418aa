import { lastPartOf } from '../../arn';
import {
  AGREEMENT_SECONDS, CONFIRM_SECONDS, MISSING_PATIENCE_SECONDS, MISSING_SECONDS, ROLLBACK_APPEARS_SECONDS, secondsSince, VISIBLE_SECONDS,
} from '../../timing';
import { secondsSinceStop, VERIFY_RULES, type VerifyRead } from '../consistency/verify';
import { inAlarm } from '../guards/alarms';
import type {
  Observation, ObservedAlarm, ObservedDaemon, RevisionCounts,
} from '../observation';
import { hasOwner, isOurs, ownerOf } from '../facts/ownership';
import type { Outcome } from '../decision';
import type { Rollout } from '../rollout';
import { actualFleet, desiredFleet, differences, isSameFleet, isSameRevision, WHY_UNKNOWN } from '../facts/fleet-settings';
import type { WatchedDeployment } from '../stage';
import { poll, type State, type StateIn } from '../state';
import { fail, succeed } from '../report/response';
import { confirmOwner, planForOther } from './ownership-check';
import { alarmSentence, watchesAlarms } from '../facts/alarm-watch';
import { instances, progress } from '../facts/progress';
import { judgeStatus, succeedWithoutInstances } from './status';
import { watch, readOutcome, readSettings } from './transitions';

type Verifying = StateIn<'verify'>;

export function verify(before: Verifying, seen: Observation, now: number, rollout: Rollout): State {
  const state = confirmOwner(before, seen.daemon, now, rollout);
  if (state === 'foreign') return planForOther(before, rollout);
  const { watched, end } = state.stage;
  const { daemon } = seen;
  if (!daemon) return readAgain(state, rollout, CONFIRM_SECONDS);
  if (daemon === 'absent' || daemon.status === 'DELETE_IN_PROGRESS') return daemonGone(state, daemon === 'absent', now, rollout);
  const stale = daemon.latestArn === watched.arn || daemon.latestArn === state.write?.latestArn || daemon.latestArn === '';
  if (!stale) return newerDeployment(state, daemon, now, rollout);
  if (end.status === 'MISSING') return judgeByDaemon(state, daemon, now, rollout);
  const own = daemon.latest?.arn === watched.arn ? daemon.latest : undefined;
  // ECS may roll back after a status that looked final (A11, A29)
  if (own && GOING_BACK.includes(own.status)) return judgeStatus({ ...state, stage: { name: 'watch', watched } }, own, now, rollout);
  return end.status === 'SUCCESSFUL' ? judgeSuccess(state, daemon, seen, now, rollout) : judgeStop(state, daemon, now, rollout);
}

const readAgain = (state: Verifying, rollout: Rollout, seconds: number): State => readOutcome(state, state.stage.end, rollout, seconds);

/** Fails in the phase that the deployment was in before ECS rolled it back. */
const failIn = (state: Verifying, rollout: Rollout, outcome: Outcome, sentence: string): State =>
  fail({ ...state, phase: state.stage.watched.phase }, rollout, outcome, sentence);

function daemonGone(state: Verifying, isAbsent: boolean, now: number, rollout: Rollout): State {
  const { watched } = state.stage;
  if (!isAbsent) {
    return failIn(state, rollout, 'SUPERSEDED', `SUPERSEDED: somebody deletes the daemon ${rollout.desired.DaemonName} after ${progress(watched)}`);
  }
  return VERIFY_RULES['new-daemon-absent'].applies({ state, now, rollout }) ? readAgain(state, rollout, VISIBLE_SECONDS) : failIn(state, rollout, 'FAILED', 'the daemon was deleted during its rollout');
}

/** A newer deployment is ECS's own rollback of ours if it goes back to where ours came from (A5); else somebody has taken over (FM18). */
function newerDeployment(state: Verifying, daemon: ObservedDaemon, now: number, rollout: Rollout): State {
  const { latest, latestArn, settings } = daemon;
  const { watched } = state.stage;
  if (VERIFY_RULES['newer-deployment-unreadable'].applies({ state, daemon, now, rollout })) return readAgain(state, rollout, CONFIRM_SECONDS);
  const targetArn = latest?.target?.revisionArn;
  const isRollback = targetArn !== undefined && watched.sourceArns.includes(targetArn) && watched.direction === 'forward';
  if (isRollback) return watch(state, latestArn, { rolledBack: watched }, now, rollout);
  // in a rollback, a write of the request before may have landed after ours: ours is sent once more (FM24)
  if (rollout.rollingBack && !state.resubmitted) {
    return readSettings({ ...state, resubmitted: true, phase: 'APPLYING' }, rollout, 0, `APPLYING: the deployment ${latestArn} has come in between`);
  }
  const { taskDefinitionArn } = settings[targetArn ?? ''] ?? {};
  const theirs = taskDefinitionArn ? ` of ${lastPartOf(taskDefinitionArn)}` : '';
  return failIn(state, rollout, 'SUPERSEDED',
    `SUPERSEDED: another deployment, ${latestArn}${theirs}, has taken over the daemon ${rollout.desired.DaemonName} after ${progress(watched)}`);
}

const GOING_BACK = ['ROLLBACK_IN_PROGRESS', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED'];

function judgeStop(state: Verifying, daemon: ObservedDaemon, now: number, rollout: Rollout): State {
  const { watched } = state.stage;
  const read: VerifyRead = { state, daemon, now, rollout };
  if (VERIFY_RULES['rollback-not-visible'].applies(read)) {
    const age = secondsSinceStop(read);
    const pause = age < VISIBLE_SECONDS ? VISIBLE_SECONDS : 2 * VISIBLE_SECONDS;
    return readAgain(state, rollout, Math.min(ROLLBACK_APPEARS_SECONDS - age, pause));
  }
  return failIn(state, rollout, 'FAILED', `ECS stopped the deployment of the daemon ${rollout.desired.DaemonName} after ${progress(watched)}: ${watched.cause}`);
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

function judgeSuccess(state: Verifying, daemon: ObservedDaemon, { alarms = [] }: Observation, now: number, rollout: Rollout): State {
  const { watched, end } = state.stage;
  const age = secondsSince(end.at, now);
  const isSettled = !VERIFY_RULES['older-than-end'].applies({ state, now, rollout });
  const mayBeReplaced = VERIFY_RULES['found-deployment-replaced'].applies({ state, now, rollout });
  if ((state.ownerUnconfirmed && !isSettled) || mayBeReplaced) return readAgain(state, rollout, VISIBLE_SECONDS);
  if (isTakenOver(daemon, rollout)) {
    return isSettled ? failTakenOver(state, daemon, rollout) : readAgain(state, rollout, VISIBLE_SECONDS);
  }
  if (watched.direction === 'ecs-rollback') {
    return failIn(state, rollout, 'ROLLED_BACK', `ECS rolled the daemon ${rollout.desired.DaemonName} back: ${watched.cause} after ${progress(watched)}`);
  }
  const own = daemon.revisions.find(({ revisionArn }) => revisionArn === watched.targetArn);
  const success: Success = { watched, daemon, own, alarms, rollout };
  for (const { mayBeOlder, sentence } of OBJECTIONS) {
    const objection = sentence(success);
    if (objection === undefined) continue;
    if (!mayBeOlder || isSettled) return failIn(state, rollout, 'FAILED', objection);
    return readAgain(state, rollout, age < 2 * CONFIRM_SECONDS ? CONFIRM_SECONDS : VISIBLE_SECONDS);
  }
  return rolledOut(state, own, rollout);
}

function rolledOut(state: Verifying, own: RevisionCounts | undefined, rollout: Rollout): State {
  const { watched } = state.stage;
  if (own && own.running + own.withoutDaemon === 0) return succeedWithoutInstances(state, rollout);
  const uncovered = own && own.withoutDaemon > 0 ? `; ${own.withoutDaemon} instances are without the daemon` : '';
  return succeed({ ...state, revisionArn: watched.targetArn }, rollout, 'SUCCEEDED',
    `the daemon ${rollout.desired.DaemonName} is rolled out to ${instances(own?.running ?? watched.updatedInstances)}${uncovered}`);
}

/** Whether somebody else has adopted the daemon meanwhile. */
const isTakenOver = ({ tags = {} }: ObservedDaemon, rollout: Rollout): boolean => hasOwner(tags) && !isOurs(tags, rollout);

const failTakenOver = (state: Verifying, { tags = {} }: ObservedDaemon, rollout: Rollout): State => failIn(state, rollout, 'SUPERSEDED',
  `SUPERSEDED: the daemon ${rollout.desired.DaemonName} was rolled out, but has been adopted meanwhile and belongs to ${ownerOf(tags)}`);

/** Judges a deployment that ECS no longer returns by what instances run, which is read twice (A15, A28). */
function judgeByDaemon(state: Verifying, daemon: ObservedDaemon, now: number, rollout: Rollout): State {
  const { watched, end } = state.stage;
  const { DaemonName } = rollout.desired;
  const later = (seconds: number, next: State = state) =>
    poll({ ...next, stage: { name: 'watch', watched, missingSince: end.at } }, seconds, { deployment: watched.arn });
  const age = secondsSince(end.at, now);
  if (VERIFY_RULES['missing-once'].applies({ state, now, rollout })) return later(AGREEMENT_SECONDS);
  const desired = desiredFleet(rollout.desired);
  const actual = actualFleet(daemon);
  if (typeof actual !== 'string' && isSameFleet(actual, desired)) {
    if (isTakenOver(daemon, rollout)) return VERIFY_RULES['older-than-end'].applies({ state, now, rollout }) ? later(MISSING_SECONDS) : failTakenOver(state, daemon, rollout);
    const [runs] = daemon.revisions.filter(({ running }) => running > 0);
    return succeed({ ...state, revisionArn: runs?.revisionArn ?? watched.targetArn }, rollout, 'SUCCEEDED',
      `ECS no longer returns the deployment, and the daemon ${DaemonName} has the desired settings`);
  }
  const what = typeof actual === 'string' ? WHY_UNKNOWN[actual] : differences(actual, desired).join('; ');
  const sentence = `ECS no longer returns the deployment, and the daemon ${DaemonName} does not have the desired settings: ${what}`;
  // A deployment that replaces instances leaves the fleet mixed for a while; one that was rolled back does not.
  if (typeof actual === 'string' || age < MISSING_PATIENCE_SECONDS) return later(MISSING_SECONDS, { ...state, blockedOn: sentence });
  return failIn(state, rollout, 'FAILED', sentence);
}
