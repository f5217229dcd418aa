import type { Answer } from '../../answer';
import type { DaemonAttributes } from '../../contract';
import { clip, oneLine, REASON_BYTES } from '../../reason';
import type { Decision, Outcome } from '../decision';
import type { Rollout } from '../rollout';
import type { Ended } from '../stage';
import { type State, watchedOf } from '../state';

/** Ends the rollout with success. */
export function succeed(state: State, rollout: Rollout, outcome: 'SUCCEEDED' | 'UNCHANGED' | 'DEGRADED', sentence: string): State {
  const reason = [`${outcome}: ${sentence}`, ...remarks(state)].join('; ');
  return done(state, outcome, success(state, rollout, outcome, reason));
}

/** A SUCCESS, which has all attributes whatever has come of the rollout. */
export function success(state: State, rollout: Rollout, outcome: Outcome | 'CONTINUING', reason: string): Answer {
  const data: DaemonAttributes = {
    DaemonArn: rollout.daemonArn,
    DaemonName: rollout.desired.DaemonName,
    DeploymentArn: watchedOf(state)?.arn ?? state.latestArn ?? '',
    RevisionArn: state.revisionArn ?? '',
    RolloutArn: rollout.rolloutArn,
    Outcome: outcome,
  };
  const id = rollout.request === 'delete' ? rollout.incomingId ?? rollout.daemonArn : rollout.daemonArn;
  return { Status: 'SUCCESS', Reason: oneLine(reason), PhysicalResourceId: id, Data: { ...data } };
}

/**
 * Ends the rollout with failure, except in a stack that rolls back: there a failure would leave the stack in
 * UPDATE_ROLLBACK_FAILED, so that the answer is a loud success (FM11).
 */
export function fail(state: State, rollout: Rollout, outcome: Outcome, sentence: string): State {
  const reason = sentenceWithPlaces([`${state.phase}: ${sentence}`, ...remarks(state)].join('; '), watchedOf(state)?.arn, rollout.logGroup);
  if (rollout.rollingBack) return succeed(state, rollout, 'DEGRADED', `the stack's rollback was not completed: ${outcome} in ${reason}`);
  return done(state, outcome, { Status: 'FAILED', Reason: reason, PhysicalResourceId: failedId(state, rollout) });
}

/** A failed Create names the real daemon, so that the Delete that follows is about it (E26); other failures keep the id (E27). */
function failedId(state: State, { request, daemonArn, incomingId }: Rollout): string {
  return request === 'create' || state.createdDaemon ? daemonArn : incomingId ?? daemonArn;
}

/** The end of a rollout that has ended. */
export function endOf({ decision }: State): Extract<Decision, { readonly kind: 'finish' }> {
  if (decision.kind === 'finish') return decision;
  throw new Error('the rollout has not ended');
}

/** Ends the rollout with an answer that was decided before. */
export const finish = (state: State, { answer, outcome }: Ended): State =>
  ({ ...state, phase: 'DONE', decision: { kind: 'finish', response: answer, outcome }, logLines: [...state.logLines, answer.Reason] });

const done = (state: State, outcome: Outcome, answer: Answer): State =>
  finish(state, { answer: { ...answer, Reason: oneLine(answer.Reason) }, outcome });

/** What whoever reads the reason should know beside what happened. */
const remarks = (state: State): string[] => {
  const { ignoredAlarms = [], driftReverted, recreates } = state;
  const watched = watchedOf(state);
  return [
    ...recreates ? ['the daemon had been deleted outside of CloudFormation'] : [],
    ...ignoredAlarms.length > 0 ? [`in ALARM before, and therefore ignored by ECS: ${ignoredAlarms.join(', ')}`.slice(0, 200)] : [],
    ...watched?.notMonitored ? [`ECS did not monitor the deployment alarms (their status was ${watched.notMonitored.status})`] : [],
    ...driftReverted && watched ? [`reverted by this update: ${driftReverted}`] : [],
  ];
};

/** What a rollout that has begun nothing has changed all the same. */
export const untouched = ({ sideEffects }: Pick<State, 'sideEffects'>, otherwise = 'nothing was changed'): string =>
  sideEffects ? `only ${sideEffects.join(' and ')}` : otherwise;

/** What ECS is left with when a rollout is given up. */
export function leftBehind(state: State): string {
  switch (state.ecsStarted) {
    case 'certainly': return 'ECS continues what it has started';
    case 'perhaps': return 'it is unknown whether ECS has started anything';
    case undefined: return untouched(state, 'nothing was started');
  }
}

const LEAST_SENTENCE_BYTES = 450;

/** What happened comes first and is shortened last; where to look further comes at the end. */
export function sentenceWithPlaces(sentence: string, deploymentArn: string | undefined, logGroup: string): string {
  const places = [deploymentArn && `deployment ${deploymentArn}`, logGroup && `log ${logGroup}`].filter(Boolean);
  const tail = places.map((place) => `; ${place}`).join('');
  return clip(sentence, Math.max(LEAST_SENTENCE_BYTES, REASON_BYTES - Buffer.byteLength(tail))) + tail;
}
