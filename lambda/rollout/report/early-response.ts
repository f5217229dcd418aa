import { READ_LAG_SECONDS, secondsSince } from '../../timing';
import type { Fault } from '../aws/fault';
import type { Step } from '../decision';
import { lastObstacle, progressSoFar } from '../facts/progress';
import type { Rollout } from '../rollout';
import { deletionOf, lastWriteAt, type State } from '../state';
import { endOf, success } from './response';

/**
 * What CloudFormation is told of a rollout that is not over when the answer is due: `ended`, if it is given up then; else that it goes
 * on with what it wanted next.
 */
export function respondEarly(state: State, then: Step, ended: State, fault: Fault | undefined, now: number, rollout: Rollout): State {
  if (!goesOn(state, now, rollout)) return ended;
  if (!rollout.gated) return { ...state, decision: { kind: 'respond', response: endOf(ended).response, then }, logLines: ended.logLines };
  const answer = success(state, rollout, 'CONTINUING', sentence(state, fault, now, rollout));
  return { ...state, decision: { kind: 'respond', response: answer, then }, logLines: [...state.logLines, answer.Reason] };
}

/**
 * Whether a rollout goes on behind its answer.
 *
 * Gates hold the stack, those of a deletion once they can see it (A28). A rollback without gates is only followed to the end of what
 * ECS has begun (FM11): the daemons after it in the stack have their turn.
 */
function goesOn(state: State, now: number, { request, gated, startedAt, answerBy, deadline }: Rollout): boolean {
  if (deadline <= answerBy) return false;
  if (request === 'delete') return deletionOf(state)?.isSeen === true && secondsSince(lastWriteAt(state) || startedAt, now) >= READ_LAG_SECONDS;
  return gated || state.ecsStarted === 'certainly';
}

function sentence(state: State, fault: Fault | undefined, now: number, rollout: Rollout): string {
  const { request, rollingBack, startedAt, deadline } = rollout;
  const [what, gates] = request === 'delete' ? ['the deletion', 'deletion gates hold the stack'] : ['the rollout', 'gates hold the stack'];
  const minutes = Math.round(secondsSince(startedAt, deadline) / 60);
  const held = rollingBack ? 'gates hold the rollback of the stack, unless it began before they were asked' : gates;
  return [
    `CONTINUING: ${state.phase} ${progressSoFar(state, now, rollout)}`, lastObstacle(state, fault, now), `${what} may take ${minutes} minutes; ${held}`,
  ].filter(Boolean).join('; ');
}
