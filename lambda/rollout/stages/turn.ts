import { lastPartOf } from '../../arn';
import {
  BATCH_PATIENCE_SECONDS, LONGEST_DEPLOYMENT_SECONDS, READ_LAG_SECONDS, ROLLBACK_APPEARS_SECONDS, secondsSince, STACK_ORDER_SECONDS,
  STAGGER_SECONDS, VISIBLE_SECONDS, WAIT_SECONDS,
} from '../../timing';
import { canFinish } from '../guards/time-left';
import type { Observation, ObservedDeployment, ObservedPeer } from '../observation';
import { type Rollout, showsOlderWrites } from '../rollout';
import { type Blocker, deletionOf, planOf, type State, type StateIn, withLog } from '../state';
import { isOver, isUnderWay, lacksInstances } from '../facts/deployment-status';
import { isOlderThanSeen } from '../facts/newest';
import { queuedBefore } from '../guards/stack-order';
import { withProgressOfBlocker } from '../guards/stalled-peer';
import { subjectArn } from '../facts/subject';
import {
  carryOutPlan, drainedProviders, giveUp, readSettings, readDaemonToDelete, mustFinish, readPeers, peerReads, keepWaiting,
} from './transitions';

/** What tells whose turn it is. */
type Seen = Pick<Observation, 'peers' | 'requests'>;

type Queued = StateIn<'turn'>;

export function awaitTurn(state: Queued, seen: Observation, now: number, rollout: Rollout): State {
  const { peers, deployment, daemon } = seen;
  if (peers) return judgePeers(state, seen, now, rollout);
  const { blocker, decision, stage } = state;
  const running = deployment ? deployment !== 'missing' && runs(deployment, now)
    : daemon && daemon !== 'absent' && daemon.status === 'DELETE_IN_PROGRESS';
  if (running && blocker && decision.kind === 'poll') {
    const progressed = withProgressOfBlocker(blocker, deployment ?? daemon, now);
    const next: Queued = { ...state, blocker: progressed };
    if (progressed.isStalled) return readPeers(next, stage.plan, 0, now, rollout);
    return keepWaiting(next, WAIT_SECONDS, decision.reads, now, rollout);
  }
  const endedAt = deployment && deployment !== 'missing' ? deployment.endedAt : undefined;
  return readPeers({ ...state, blocker: blocker && { ...blocker, endedAt: endedAt ?? now } }, stage.plan, 0, now, rollout);
}

function judgePeers(before: Queued, seen: Seen, now: number, rollout: Rollout): State {
  const { peers = [] } = seen;
  const missing = peers.filter(({ latest }) => latest === 'missing' || hasStoppedSometime(latest))
    .map(({ latestArn }) => [latestArn, before.missingPeersSince?.[latestArn] ?? now] as const);
  const state: Queued = { ...before, missingPeersSince: missing.length > 0 ? Object.fromEntries(missing) : undefined };
  const busy = blockerAmong(peers, state, now, rollout);
  if (busy) return awaitPeer(busy, seen, state, now, rollout);
  const ahead = queuedAhead(seen, state, now, rollout);
  if (ahead) return waitForStackOrder(ahead, state, now, rollout);
  return state.blocker && mustFinish(rollout) ? startStaggered(peers, state, state.blocker, now, rollout) : proceed(state, now, rollout);
}

function awaitPeer(busy: ObservedPeer, seen: Seen, state: Queued, now: number, rollout: Rollout): State {
  if (isDeadlocked(busy, seen.peers ?? [], state, rollout)) return exempt(busy, seen, state, now, rollout);
  const { plan } = state.stage;
  const waiting = waitFor(busy, state, now, rollout);
  // Tags drain nothing. A rollback that never gets its turn would leave those of the failed update for good.
  return rollout.rollingBack && state.tagsDiffer && plan.kind !== 'delete-daemon' ? carryOutPlan(waiting, plan, now, rollout) : waiting;
}

function startStaggered(peers: readonly ObservedPeer[], state: Queued, blocker: Blocker, now: number, rollout: Rollout): State {
  const { endedAt = now } = blocker;
  const wait = staggerSeconds(peers, state, rollout) - secondsSince(endedAt, now);
  if (wait > 0) {
    const line = `WAITING_TURN: waits ${Math.ceil(wait)} s more, since others may have waited too`;
    return keepWaiting({ ...state, blocker: { ...blocker, endedAt } }, wait, peerReads(state, now, rollout), now, rollout, line);
  }
  return canFinish(rollout, now) ? proceed(state, now, rollout) : giveUp(state, now, rollout);
}

function proceed(state: Queued, now: number, rollout: Rollout): State {
  const { plan } = state.stage;
  const free: Queued = { ...state, blockedOn: undefined };
  if (state.blocker && !state.blocker.isReplanned && plan.kind === 'update-daemon') {
    // The plan is older than the wait. A pause lets the budget of reads delay what follows.
    return readSettings({ ...free, blocker: { ...state.blocker, isReplanned: true } }, rollout, 1);
  }
  // a daemon that is to be deleted may have become another one meanwhile
  return plan.kind === 'delete-daemon' ? readDaemonToDelete(free, plan.deletion) : carryOutPlan(free, plan, now, rollout);
}

/** Returns the peer whose deployment blocks this rollout. A daemon that already drains waits for no peer. */
function blockerAmong(
  peers: readonly ObservedPeer[], state: State, now: number, rollout: Rollout,
): ObservedPeer | undefined {
  if (alreadyDrains(peers, state, now, rollout)) return undefined;
  return peersAmong(peers, state, rollout)
    .filter((peer) => isBusy(peer, state, now) && !state.exemptArns?.includes(exemptArnOf(peer))).sort(byArn)[0];
}

/** The other daemons on the capacity providers that ours drains. */
function peersAmong(peers: readonly ObservedPeer[], state: State, rollout: Rollout): ObservedPeer[] {
  const own = subjectArn(state, rollout);
  const ours = drainedProviders(state, rollout);
  return peers.filter((peer) => peer.arn !== own && overlaps(peer, ours));
}

/**
 * Returns what this rollout waits for in its own stack, as a clause for log and reason; undefined if nothing. A rollout whose daemon
 * already drains does not queue: its write replaces that drain, and starts no second one.
 */
function queuedAhead({ peers = [], requests = [] }: Seen, state: State, now: number, rollout: Rollout): string | undefined {
  const adopter = deletionOf(state) && !showsOlderWrites(rollout, now)
    && requests.find(({ logicalId, daemonArns }) => logicalId !== rollout.logicalId && daemonArns.includes(subjectArn(state, rollout)));
  // reads may still return the tags from before an adoption within the stack (A28), and IAM allows the deletion: it is the same stack
  if (adopter) return `the tags of an adoption by the resource ${adopter.logicalId} of this stack to be visible`;
  if (alreadyDrains(peers, state, now, rollout)) return undefined;
  const ours = drainedProviders(state, rollout);
  const others = requests.filter(({ logicalId, daemonArns, capacityProviderArns }) => {
    const daemons = peers.filter(({ arn }) => daemonArns.includes(arn));
    if (logicalId === rollout.logicalId || daemons.some((daemon) => state.exemptArns?.includes(exemptArnOf(daemon)))) return false;
    return capacityProviderArns?.some((arn) => ours.includes(arn)) !== false || daemons.some((daemon) => overlaps(daemon, ours));
  });
  return queuedBefore(requests, others, state, now, rollout);
}

/** Whether the write has to wait, as the machine would judge it. */
export const isBlocked = (seen: Seen, state: State, now: number, rollout: Rollout): boolean =>
  blockerAmong(seen.peers ?? [], state, now, rollout) !== undefined || queuedAhead(seen, state, now, rollout) !== undefined;

function alreadyDrains(peers: readonly ObservedPeer[], state: State, now: number, rollout: Rollout): boolean {
  // a stale read may return an earlier daemon of the same name, or a deletion that ECS has rolled back: neither counts (A16, A28)
  if (planOf(state)?.kind === 'create-daemon' || (deletionOf(state)?.requests ?? 0) > 1) return false;
  const own = peers.find(({ arn }) => arn === subjectArn(state, rollout));
  if (!own) return false;
  const { latest } = own;
  const isOlder = latest !== undefined && latest !== 'missing'
    && (isOlderThanSeen(state, latest, now) || (latest.arn === rollout.predecessorDeployment?.arn && latest.status === 'STOP_REQUESTED'));
  return !isOlder && drains(own, now);
}

const exemptArnOf = ({ arn, latestArn }: ObservedPeer): string => latestArn || arn;

/**
 * Whether the other daemon's instances do not move, and ours has failed: a critical daemon that does not start keeps new instances
 * from registering (R28), so that each would wait for the other. What repairs or deletes it goes first.
 */
function isDeadlocked({ arn }: ObservedPeer, peers: readonly ObservedPeer[], state: State, rollout: Rollout): boolean {
  const { blocker } = state;
  const own = peers.find((peer) => peer.arn === subjectArn(state, rollout));
  return blocker?.arn === arn && blocker.isStalled === true && own !== undefined && hasFailed(own);
}

/** Whether ECS has given up on what the daemon was to run, and may have left it with what does not start (R23, A4). */
const hasFailed = ({ latest, isUncovered }: ObservedPeer): boolean => latest === undefined || latest === 'missing' ? isUncovered
  : latest.status === 'STOPPED' || latest.status === 'ROLLBACK_FAILED';

function exempt(peer: ObservedPeer, seen: Seen, state: Queued, now: number, rollout: Rollout): State {
  const exemptArns = [...state.exemptArns ?? [], exemptArnOf(peer)];
  const line = `WAITING_TURN: no instance of the daemon ${lastPartOf(peer.arn)} was replaced for ${BATCH_PATIENCE_SECONDS / 60} minutes, which may be due `
    + 'to this daemon, whose own deployment has failed; continues';
  return judgePeers(withLog({ ...state, exemptArns, blocker: undefined }, line), seen, now, rollout);
}

/** Whether a daemon already drains: its deletion or deployment is certainly in progress. One that has just stopped drains nothing. */
const drains = ({ status, latest }: ObservedPeer, now: number): boolean =>
  status === 'DELETE_IN_PROGRESS' || (latest !== undefined && latest !== 'missing' && isUnderWay(latest) && !lacksInstances(latest, now));

function isBusy({ status, updatedAt, latestArn, latest }: ObservedPeer, { missingPeersSince }: State, now: number): boolean {
  if (status === 'DELETE_IN_PROGRESS') return true;
  // a daemon whose status is absent or new to us may be deleted (A38)
  if (status !== 'ACTIVE' && latest !== undefined && latest !== 'missing' && !isOver(latest)) return true;
  if (latest === 'missing') return secondsSince(updatedAt, now) < LONGEST_DEPLOYMENT_SECONDS && isNew(missingPeersSince?.[latestArn] ?? now, now);
  if (hasStoppedSometime(latest)) return isNew(missingPeersSince?.[latestArn] ?? now, now);
  return latest !== undefined && runs(latest, now);
}

/** Whether the deployment is STOPPED without an end time, so that its age is unknown (A38). */
const hasStoppedSometime = (latest: ObservedPeer['latest']): boolean =>
  latest !== undefined && latest !== 'missing' && latest.status === 'STOPPED' && latest.endedAt === undefined;

/** A deployment that reads do not return is new within the consistency window, such as a rollback by ECS (A5), and then expired (A15). */
const isNew = (missingSince: number, now: number): boolean => secondsSince(missingSince, now) < READ_LAG_SECONDS;

/** ECS may roll a deployment back that it has just stopped (A5, A29). */
const runs = (deployment: ObservedDeployment, now: number): boolean => isOver(deployment)
  ? deployment.status === 'STOPPED' && deployment.endedAt !== undefined && secondsSince(deployment.endedAt, now) < ROLLBACK_APPEARS_SECONDS
  : !lacksInstances(deployment, now);

function overlaps({ sharesProviders, capacityProviderArns, latest }: ObservedPeer, ours: readonly string[]): boolean {
  const counts = latest && latest !== 'missing' ? [latest.target, ...latest.sources] : [];
  const theirs = [...capacityProviderArns, ...counts.flatMap((count) => count?.capacityProviderArns ?? [])];
  return sharesProviders || theirs.some((arn) => ours.includes(arn));
}

function waitFor({ arn, status, latest }: ObservedPeer, before: State, now: number, rollout: Rollout): State {
  const shown = latest !== undefined && latest !== 'missing';
  const whom = `the daemon ${lastPartOf(arn)}${shown ? ` (deployment ${latest.arn})` : ''}`;
  const known = before.blocker?.arn === arn && before.blocker;
  const blocker: Blocker = { ...known, arn, endedAt: undefined, isStalled: undefined, isReplanned: undefined };
  const state: State = { ...before, phase: 'WAITING_TURN', blocker, blockedOn: `it waited for ${whom}` };
  const does = status === 'DELETE_IN_PROGRESS' ? 'is being deleted' : 'is rolling out';
  const logLines = before.blockedOn === state.blockedOn ? [] : [`WAITING_TURN: waits for ${whom}, which ${does} on the same capacity providers`];
  // a deletion without instances stays PENDING until new ones have come (A10)
  if (status === 'DELETE_IN_PROGRESS') return keepWaiting(state, WAIT_SECONDS, { daemon: { arn } }, now, rollout, ...logLines);
  if (shown && !isOver(latest)) return keepWaiting(state, WAIT_SECONDS, { deployment: latest.arn }, now, rollout, ...logLines);
  return keepWaiting(state, VISIBLE_SECONDS, peerReads(state, now, rollout), now, rollout, ...logLines);
}

function waitForStackOrder(ahead: string, before: State, now: number, rollout: Rollout): State {
  const state: State = { ...before, phase: 'WAITING_TURN', blockedOn: `it waited for ${ahead}` };
  const logLines = before.blockedOn === state.blockedOn ? [] : [`WAITING_TURN: waits for ${ahead}`];
  return keepWaiting(state, STACK_ORDER_SECONDS, peerReads(state, now, rollout), now, rollout, ...logLines);
}

/**
 * Returns how many seconds after the end of the blocking deployment this rollout may start. The daemons on these capacity providers
 * start STAGGER_SECONDS apart, in the order of their ARNs, which every rollout reads alike. A daemon that is still to be created is in
 * no list, and takes a place half-way between two others.
 */
function staggerSeconds(peers: readonly ObservedPeer[], state: State, rollout: Rollout): number {
  const own = subjectArn(state, rollout);
  const waiting = peers.filter(({ arn, sharesProviders }) => sharesProviders && arn !== own && arn !== state.blocker?.arn);
  const place = waiting.filter(({ arn }) => arn < own).length + (planOf(state)?.kind === 'create-daemon' ? 0.5 : 0);
  return waiting.length === 0 ? 0 : place * STAGGER_SECONDS;
}

const byArn = (a: ObservedPeer, b: ObservedPeer): number => a.arn < b.arn ? -1 : 1;
