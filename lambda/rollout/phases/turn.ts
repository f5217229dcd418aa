import { canFinish, tooLate } from '../estimate';
import type { Observation, ObservedDeployment, ObservedNeighbour, Reads } from '../observation';
import type { Rollout } from '../rollout';
import { lookAgain, READ_LAG_SECONDS, secondsSince, type State, VISIBLE_SECONDS, WAIT_SECONDS } from '../state';
import { fail } from '../verdict';
import { apply } from './applying';
import { doomedArn, lookForDaemon } from './deletion';
import { isOver, lacksInstances } from './deploying';
import { ROLLBACK_APPEARS_SECONDS } from './judging';

/** Those who have waited for the same deployment begin this far apart, so that the later ones see the earlier ones (A28). */
const SPACING_SECONDS = 60;
/** No deployment takes longer; what was updated before that is at rest, unless ECS lists it on our capacity providers. */
const LONGEST_DEPLOYMENT_SECONDS = 36 * 3600;

/** Looks whether another daemon's deployment drains instances that ours is going to drain (design § 6). */
export function takeTurn(state: State, seconds: number, now: number, rollout: Rollout, ...says: string[]): State {
  return lookAgain({ ...state, stage: 'turn' }, seconds, neighbourReads(state, now, rollout), ...says);
}

/** All daemons of the cluster on the capacity providers that we drain, those that are just leaving them included (A27). */
export const neighbourReads = (state: State, now: number, rollout: Rollout): Reads & Required<Pick<Reads, 'neighbours'>> => ({
  neighbours: {
    clusterArn: rollout.desired.ClusterArn,
    capacityProviderArns: drainedProviders(state, rollout),
    updatedSince: now - LONGEST_DEPLOYMENT_SECONDS * 1000,
  },
});

/** A removed capacity provider is drained as well (A27), one that a person has added included. */
const drainedProviders = ({ furtherProviderArns = [] }: State, { desired, previous }: Rollout): string[] =>
  [...new Set([...desired.CapacityProviderArns, ...previous?.CapacityProviderArns ?? [], ...furtherProviderArns])];

export function awaitTurn(state: State, { neighbours, deployment, daemon }: Observation, now: number, rollout: Rollout): State {
  if (neighbours) return judgeNeighbours(state, neighbours, now, rollout);
  const running = deployment ? deployment !== 'missing' && runs(deployment, now)
    : daemon && daemon !== 'absent' && daemon.status === 'DELETE_IN_PROGRESS';
  if (running && 'look' in state.want) return waitOn(state, WAIT_SECONDS, state.want.reads, now, rollout);
  const endedAt = deployment && deployment !== 'missing' ? deployment.endedAt : undefined;
  return takeTurn({ ...state, waitedFor: { ...state.waitedFor!, endedAt: endedAt ?? now } }, 0, now, rollout);
}

function judgeNeighbours(state: State, neighbours: readonly ObservedNeighbour[], now: number, rollout: Rollout): State {
  const blocker = blockerAmong(neighbours, state, now, rollout);
  if (blocker) return waitFor(blocker, state, now, rollout);
  if (state.waitedFor && mustFinish(rollout)) {
    const wait = placeSeconds(neighbours, state, rollout) - secondsSince(state.waitedFor.endedAt ?? now, now);
    if (wait > 0) {
      const told = `WAITING_TURN: waits ${Math.ceil(wait)} s more, since others may have waited too`;
      return waitOn(state, wait, neighbourReads(state, now, rollout), now, rollout, told);
    }
    if (!canFinish(rollout, now)) return giveUp(state, now, rollout);
  }
  const free: State = { ...state, obstacle: undefined };
  // a daemon that is to be deleted may have become another one meanwhile
  return isDeletion(state, rollout) ? lookForDaemon({ ...free, owned: undefined }, rollout) : apply(free, now, rollout);
}

/** The daemon whose deployment is in the way. Whoever has a deployment running on the instances has the turn already. */
export function blockerAmong(
  neighbours: readonly ObservedNeighbour[], state: State, now: number, rollout: Rollout,
): ObservedNeighbour | undefined {
  const own = ownArn(state, rollout);
  const busy = neighbours.filter((neighbour) => isBusy(neighbour, now));
  if (busy.some(({ arn }) => arn === own)) return undefined;
  const ours = drainedProviders(state, rollout);
  return busy.filter((neighbour) => touches(neighbour, ours)).sort(byArn)[0];
}

function isBusy({ status, updatedAt, latest }: ObservedNeighbour, now: number): boolean {
  if (status === 'DELETE_IN_PROGRESS') return true;
  if (latest === 'missing') return secondsSince(updatedAt, now) < READ_LAG_SECONDS; // A15: a new one that does not show yet
  return latest !== undefined && runs(latest, now);
}

/** ECS may roll a deployment back that it has just stopped (A5, A29). */
const runs = (deployment: ObservedDeployment, now: number): boolean => isOver(deployment)
  ? deployment.status === 'STOPPED' && deployment.endedAt !== undefined && secondsSince(deployment.endedAt, now) < ROLLBACK_APPEARS_SECONDS
  : !lacksInstances(deployment, now);

function touches({ shares, capacityProviderArns, latest }: ObservedNeighbour, ours: readonly string[]): boolean {
  const counts = latest && latest !== 'missing' ? [latest.target, ...latest.sources] : [];
  const theirs = [...capacityProviderArns, ...counts.flatMap((count) => count?.capacityProviderArns ?? [])];
  return shares || theirs.some((arn) => ours.includes(arn));
}

function waitFor(blocker: ObservedNeighbour, before: State, now: number, rollout: Rollout): State {
  const { arn, status, latest } = blocker;
  const shown = latest !== undefined && latest !== 'missing';
  const whom = `the daemon ${arn.slice(arn.lastIndexOf('/') + 1)}${shown ? ` (deployment ${latest.arn})` : ''}`;
  const state: State = { ...before, phase: 'WAITING_TURN', waitedFor: { arn }, obstacle: `it waited for ${whom}` };
  const does = status === 'DELETE_IN_PROGRESS' ? 'is being deleted' : 'is rolling out';
  const says = before.obstacle === state.obstacle ? [] : [`WAITING_TURN: waits for ${whom}, which ${does} on the same capacity providers`];
  if (shown && !isOver(latest)) return waitOn(state, WAIT_SECONDS, { deployment: latest.arn }, now, rollout, ...says);
  if (status === 'DELETE_IN_PROGRESS') return waitOn(state, WAIT_SECONDS, { daemon: { arn } }, now, rollout, ...says);
  return waitOn(state, VISIBLE_SECONDS, neighbourReads(state, now, rollout), now, rollout, ...says);
}

function waitOn(state: State, seconds: number, reads: Reads, now: number, rollout: Rollout, ...says: string[]): State {
  return mustFinish(rollout) && !canFinish(rollout, now) ? giveUp(state, now, rollout) : lookAgain(state, seconds, reads, ...says);
}

const giveUp = (state: State, now: number, rollout: Rollout): State =>
  fail({ ...state, phase: 'WAITING_TURN' }, rollout, 'TIMED_OUT', `${state.obstacle}; ${tooLate(state, rollout, now)}`);

/** A deletion and the way back of a stack begin however late it is: left undone they are worse than unfinished. */
const mustFinish = ({ request, rollingBack }: Rollout): boolean => request !== 'delete' && !rollingBack;

/** The settings of an adopted daemon are given back by an update. */
const isDeletion = ({ leftover, giveBack }: State, { request }: Rollout): boolean =>
  request === 'delete' || (leftover === true && giveBack === undefined);

export const ownArn = (state: State, rollout: Rollout): string =>
  isDeletion(state, rollout) ? doomedArn(state, rollout) : rollout.daemonArn;

/**
 * How long after the end of what it has waited for a rollout begins: by its place among the daemons on the capacity providers, which
 * all who wait can see. A daemon that is still to be made is not seen by others, and comes in between them.
 */
function placeSeconds(neighbours: readonly ObservedNeighbour[], state: State, rollout: Rollout): number {
  const own = ownArn(state, rollout);
  const waiting = neighbours.filter(({ arn, shares }) => shares && arn !== own && arn !== state.waitedFor?.arn);
  const place = waiting.filter(({ arn }) => arn < own).length + (state.plan === 'create-daemon' ? 0.5 : 0);
  return waiting.length === 0 ? 0 : place * SPACING_SECONDS;
}

const byArn = (a: ObservedNeighbour, b: ObservedNeighbour): number => a.arn < b.arn ? -1 : 1;
