import { lastPartOf } from '../../arn';
import {
  BATCH_PATIENCE_SECONDS, LONGEST_DEPLOYMENT_SECONDS, READ_LAG_SECONDS, ROLLBACK_APPEARS_SECONDS, secondsSince, STACK_ORDER_SECONDS,
  STAGGER_SECONDS, VISIBLE_SECONDS, WAIT_SECONDS,
} from '../../timing';
import { canFinish } from '../guards/time-left';
import type { Observation, ObservedDeployment, ObservedNeighbour } from '../observation';
import { type Rollout, showsOlderWrites } from '../rollout';
import { saying, type State, type WaitedFor } from '../state';
import { isOver, isUnderWay, lacksInstances } from '../facts/deployment-status';
import { isOlderThanSeen } from '../facts/newest';
import { siblingAhead } from '../guards/stack-order';
import { withMovement } from '../guards/stalled-peer';
import { isDeletion, ownArn } from '../facts/subject';
import { apply, drainedProviders, giveUp, lookAtSettings, lookForDaemon, mustFinish, takeTurn, turnReads, waitOn } from './transitions';

/** What tells whose turn it is. */
type Seen = Pick<Observation, 'neighbours' | 'requests'>;

export function awaitTurn(state: State, seen: Observation, now: number, rollout: Rollout): State {
  const { neighbours, deployment, daemon } = seen;
  if (neighbours) return judgeNeighbours(state, seen, now, rollout);
  const running = deployment ? deployment !== 'missing' && runs(deployment, now)
    : daemon && daemon !== 'absent' && daemon.status === 'DELETE_IN_PROGRESS';
  if (running && 'look' in state.want) {
    const waitedFor = withMovement(state.waitedFor!, deployment ?? daemon, now);
    if (waitedFor.stands) return takeTurn({ ...state, waitedFor }, 0, now, rollout);
    return waitOn({ ...state, waitedFor }, WAIT_SECONDS, state.want.reads, now, rollout);
  }
  const endedAt = deployment && deployment !== 'missing' ? deployment.endedAt : undefined;
  return takeTurn({ ...state, waitedFor: { ...state.waitedFor!, endedAt: endedAt ?? now } }, 0, now, rollout);
}

function judgeNeighbours(before: State, seen: Seen, now: number, rollout: Rollout): State {
  const { neighbours = [] } = seen;
  const missing = neighbours.filter(({ latest }) => latest === 'missing' || hasStoppedSometime(latest)).map(({ latestArn }) => [latestArn, before.missing?.[latestArn] ?? now] as const);
  const { waitedFor, passedArns } = before;
  const waits = neighbours.some((neighbour) => neighbour.arn === waitedFor?.arn && isBusy(neighbour, before, now));
  const state: State = {
    ...before,
    missing: missing.length > 0 ? Object.fromEntries(missing) : undefined,
    // what stood still may go on by the end of what has been waited for since
    passedArns: waitedFor === undefined || waits ? passedArns : undefined,
  };
  const blocker = blockerAmong(neighbours, state, now, rollout);
  if (blocker) {
    const beside = deploymentsBeside(blocker, neighbours, state, rollout);
    // what another one has kept from coming up may go on since (R28)
    if (waitedFor?.beside === beside && isHeldUp(blocker, neighbours, state, rollout)) return passBy(blocker, seen, state, now, rollout);
    return waitFor(blocker, beside, state, now, rollout);
  }
  const ahead = aheadAmong(seen, state, now, rollout);
  if (ahead) return waitForSibling(ahead, state, now, rollout);
  // what has ended may have kept instances from running the daemon: what there is to do is looked at once more
  if (state.waitedFor && state.blindNeed === 'found') return lookAtSettings({ ...state, blindNeed: 'looked-at-again' }, rollout, 0);
  if (state.waitedFor && mustFinish(rollout)) {
    const { endedAt = now } = state.waitedFor;
    const wait = placeSeconds(neighbours, state, rollout) - secondsSince(endedAt, now);
    if (wait > 0) {
      const told = `WAITING_TURN: waits ${Math.ceil(wait)} s more, since others may have waited too`;
      return waitOn({ ...state, waitedFor: { ...state.waitedFor, endedAt } }, wait, turnReads(state, now, rollout), now, rollout, told);
    }
    if (!canFinish(rollout, now)) return giveUp(state, now, rollout);
  }
  const free: State = { ...state, obstacle: undefined };
  // a daemon that is to be deleted may have become another one meanwhile
  return isDeletion(state, rollout) ? lookForDaemon(free, rollout) : apply(free, now, rollout);
}

/** The daemon whose deployment is in the way. Whoever has a deployment running on the instances has the turn already. */
function blockerAmong(
  neighbours: readonly ObservedNeighbour[], state: State, now: number, rollout: Rollout,
): ObservedNeighbour | undefined {
  if (hasTurn(neighbours, state, now, rollout)) return undefined;
  return othersAmong(neighbours, state, rollout)
    .filter((neighbour) => isBusy(neighbour, state, now) && !state.passedArns?.includes(passedArnOf(neighbour))).sort(byArn)[0];
}

/** The other daemons on the capacity providers that ours drains. */
function othersAmong(neighbours: readonly ObservedNeighbour[], state: State, rollout: Rollout): ObservedNeighbour[] {
  const own = ownArn(state, rollout);
  const ours = drainedProviders(state, rollout);
  return neighbours.filter((neighbour) => neighbour.arn !== own && touches(neighbour, ours));
}

/** Why a request of our own stack goes first, in words. What replaces a deployment of the same daemon begins no drain of its own. */
function aheadAmong({ neighbours = [], requests = [] }: Seen, state: State, now: number, rollout: Rollout): string | undefined {
  const adopter = isDeletion(state, rollout) && !showsOlderWrites(rollout, now)
    && requests.find(({ logicalId, daemonArns }) => logicalId !== rollout.logicalId && daemonArns.includes(ownArn(state, rollout)));
  // reads may still return the tags from before an adoption within the stack (A28), and IAM allows the deletion: it is the same stack
  if (adopter) return `what the resource ${adopter.logicalId} of this stack may have adopted to show`;
  if (hasTurn(neighbours, state, now, rollout)) return undefined;
  const ours = drainedProviders(state, rollout);
  const others = requests.filter(({ logicalId, daemonArns, capacityProviderArns }) => {
    const daemons = neighbours.filter(({ arn }) => daemonArns.includes(arn));
    if (logicalId === rollout.logicalId || daemons.some((daemon) => state.passedArns?.includes(passedArnOf(daemon)))) return false;
    return capacityProviderArns?.some((arn) => ours.includes(arn)) !== false || daemons.some((daemon) => touches(daemon, ours));
  });
  return siblingAhead(requests, others, state, now, rollout);
}

/** Whether the write has to wait, as the machine would judge it. */
export const isTaken = (seen: Seen, state: State, now: number, rollout: Rollout): boolean =>
  blockerAmong(seen.neighbours ?? [], state, now, rollout) !== undefined || aheadAmong(seen, state, now, rollout) !== undefined;

function hasTurn(neighbours: readonly ObservedNeighbour[], state: State, now: number, rollout: Rollout): boolean {
  // an older read may return a daemon before ours that had its name, or a deletion that ECS has rolled back (A16, A28)
  if (state.plan === 'create-daemon' || (isDeletion(state, rollout) && (state.deleteRequests ?? 0) > 1)) return false;
  const own = neighbours.find(({ arn }) => arn === ownArn(state, rollout));
  if (!own) return false;
  const { latest } = own;
  const isOlder = latest !== undefined && latest !== 'missing'
    && (isOlderThanSeen(state, latest, now) || (latest.arn === rollout.ended?.arn && latest.status === 'STOP_REQUESTED'));
  return !isOlder && holdsTurn(own, now);
}

const passedArnOf = ({ arn, latestArn }: ObservedNeighbour): string => latestArn || arn;

/**
 * Whether the other daemon's instances do not move, and ours has failed: a critical daemon that does not start keeps new instances
 * from registering (R28), so that each would wait for the other. What repairs or deletes it goes first.
 */
function isHeldUp({ arn }: ObservedNeighbour, neighbours: readonly ObservedNeighbour[], state: State, rollout: Rollout): boolean {
  const { waitedFor } = state;
  const own = neighbours.find((neighbour) => neighbour.arn === ownArn(state, rollout));
  return waitedFor?.arn === arn && waitedFor.stands === true && own !== undefined && hasFailed(own);
}

/** Whether ECS has given up on what the daemon was to run, and may have left it with what does not start (R23, A4). */
const hasFailed = ({ latest, lacks }: ObservedNeighbour): boolean => latest === undefined || latest === 'missing' ? lacks
  : latest.status === 'STOPPED' || latest.status === 'ROLLBACK_FAILED';

/** The latest deployments of all others but the blocker; six characters of each are enough to tell a change. */
const deploymentsBeside = (blocker: ObservedNeighbour, neighbours: readonly ObservedNeighbour[], state: State, rollout: Rollout): string =>
  othersAmong(neighbours, state, rollout).filter(({ arn }) => arn !== blocker.arn)
    .map((neighbour) => passedArnOf(neighbour).slice(-6)).sort().join(' ');

function passBy(blocker: ObservedNeighbour, seen: Seen, state: State, now: number, rollout: Rollout): State {
  const passedArns = [...state.passedArns ?? [], passedArnOf(blocker)];
  const told = `WAITING_TURN: no instance of the daemon ${lastPartOf(blocker.arn)} has moved for ${BATCH_PATIENCE_SECONDS / 60} minutes, which may be due `
    + 'to this daemon, whose own deployment has failed; goes on';
  return judgeNeighbours(saying({ ...state, passedArns, waitedFor: undefined }, told), seen, now, rollout);
}

/** Only a deployment that is certainly under way: one that has just stopped drains nothing, and whoever else drains goes first. */
const holdsTurn = ({ status, latest }: ObservedNeighbour, now: number): boolean =>
  status === 'DELETE_IN_PROGRESS' || (latest !== undefined && latest !== 'missing' && isUnderWay(latest) && !lacksInstances(latest, now));

function isBusy({ status, updatedAt, latestArn, latest }: ObservedNeighbour, { missing }: State, now: number): boolean {
  if (status === 'DELETE_IN_PROGRESS') return true;
  // a daemon whose status is absent or new to us may be deleted (A38)
  if (status !== 'ACTIVE' && latest !== undefined && latest !== 'missing' && !isOver(latest)) return true;
  if (latest === 'missing') return secondsSince(updatedAt, now) < LONGEST_DEPLOYMENT_SECONDS && isNew(missing?.[latestArn] ?? now, now);
  if (hasStoppedSometime(latest)) return isNew(missing?.[latestArn] ?? now, now);
  return latest !== undefined && runs(latest, now);
}

/** Of what ECS does not return the end of, nobody knows how long ago that was (A38). */
const hasStoppedSometime = (latest: ObservedNeighbour['latest']): boolean =>
  latest !== undefined && latest !== 'missing' && latest.status === 'STOPPED' && latest.endedAt === undefined;

/** A deployment that does not show is a new one, perhaps of ECS's own (A5), until that must show; then it is a forgotten one (A15). */
const isNew = (missingSince: number, now: number): boolean => secondsSince(missingSince, now) < READ_LAG_SECONDS;

/** ECS may roll a deployment back that it has just stopped (A5, A29). */
const runs = (deployment: ObservedDeployment, now: number): boolean => isOver(deployment)
  ? deployment.status === 'STOPPED' && deployment.endedAt !== undefined && secondsSince(deployment.endedAt, now) < ROLLBACK_APPEARS_SECONDS
  : !lacksInstances(deployment, now);

function touches({ shares, capacityProviderArns, latest }: ObservedNeighbour, ours: readonly string[]): boolean {
  const counts = latest && latest !== 'missing' ? [latest.target, ...latest.sources] : [];
  const theirs = [...capacityProviderArns, ...counts.flatMap((count) => count?.capacityProviderArns ?? [])];
  return shares || theirs.some((arn) => ours.includes(arn));
}

function waitFor({ arn, status, latest }: ObservedNeighbour, beside: string, before: State, now: number, rollout: Rollout): State {
  const shown = latest !== undefined && latest !== 'missing';
  const whom = `the daemon ${lastPartOf(arn)}${shown ? ` (deployment ${latest.arn})` : ''}`;
  const waitedFor: WaitedFor = { ...before.waitedFor?.arn === arn && before.waitedFor, arn, beside, endedAt: undefined, stands: undefined };
  const state: State = { ...before, phase: 'WAITING_TURN', waitedFor, obstacle: `it waited for ${whom}` };
  const does = status === 'DELETE_IN_PROGRESS' ? 'is being deleted' : 'is rolling out';
  const says = before.obstacle === state.obstacle ? [] : [`WAITING_TURN: waits for ${whom}, which ${does} on the same capacity providers`];
  // a deletion without instances stays PENDING until new ones have come (A10)
  if (status === 'DELETE_IN_PROGRESS') return waitOn(state, WAIT_SECONDS, { daemon: { arn } }, now, rollout, ...says);
  if (shown && !isOver(latest)) return waitOn(state, WAIT_SECONDS, { deployment: latest.arn }, now, rollout, ...says);
  return waitOn(state, VISIBLE_SECONDS, turnReads(state, now, rollout), now, rollout, ...says);
}

function waitForSibling(ahead: string, before: State, now: number, rollout: Rollout): State {
  const state: State = { ...before, phase: 'WAITING_TURN', obstacle: `it waited for ${ahead}` };
  const says = before.obstacle === state.obstacle ? [] : [`WAITING_TURN: waits for ${ahead}`];
  return waitOn(state, STACK_ORDER_SECONDS, turnReads(state, now, rollout), now, rollout, ...says);
}

/**
 * How long after the end of what it has waited for a rollout begins: by its place among the daemons on the capacity providers, which
 * all who wait can see. A daemon that is still to be made is not seen by others, and comes in between them.
 */
function placeSeconds(neighbours: readonly ObservedNeighbour[], state: State, rollout: Rollout): number {
  const own = ownArn(state, rollout);
  const waiting = neighbours.filter(({ arn, shares }) => shares && arn !== own && arn !== state.waitedFor?.arn);
  const place = waiting.filter(({ arn }) => arn < own).length + (state.plan === 'create-daemon' ? 0.5 : 0);
  return waiting.length === 0 ? 0 : place * STAGGER_SECONDS;
}

const byArn = (a: ObservedNeighbour, b: ObservedNeighbour): number => a.arn < b.arn ? -1 : 1;
