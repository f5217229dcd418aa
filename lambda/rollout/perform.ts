import { FRESH_READ_SECONDS, secondsSince } from '../timing';
import type { DaemonApi } from './aws/daemon-api';
import { faultOf } from './aws/fault';
import type { Command, Result } from './decision';
import { adoptingTags, outdatedKeys, returningWrites } from './facts/adoption-record';
import { desiredSettings } from './facts/fleet-settings';
import { desiredTags, hasOwner, isOurs, type TagChanges, tagChanges } from './facts/ownership';
import { effectiveRequest, subjectArn } from './facts/subject';
import { isGuarded, judgeAlarms } from './guards/alarms';
import { observeTurn, type TurnSources } from './observe/observe';
import type { Rollout } from './rollout';
import { peerReads } from './stages/transitions';
import { isBlocked } from './stages/turn';
import { deletionOf, planOf, type State } from './state';

/** What the reads before a write have found. */
export interface Check {
  /** What forbids the write, if anything does. */
  readonly result?: Result;
  /** When they ended, in epoch milliseconds. */
  readonly endedAt: number;
}

/** So many checks that took too long show that the calls are slow. */
const MOST_LATE_CHECKS = 2;

/** Whether the reads before a write have a step of their own, since together with the write they take too long. */
export const isCheckedApart = ({ slowChecks = 0 }: State): boolean => slowChecks >= MOST_LATE_CHECKS;

/** Makes the reads before a write. Their failure is returned as data. */
export async function check(sources: TurnSources, request: Rollout, state: State, command: Command, now: () => number): Promise<Check> {
  const rollout = effectiveRequest(state, request);
  const result = await blockedBy(sources, rollout, state, command, now()).catch((error: unknown) => withoutWrite(error));
  return { result, endedAt: now() };
}

/**
 * Makes one write. It is sent once: whatever happens to it is returned as data, and the machine decides whether it is made again.
 *
 * It reads first, unless that was done apart, since time may have passed between the machine's read and this step. What was read too long
 * ago is read anew.
 */
export async function perform(
  sources: TurnSources, request: Rollout, state: State, command: Command, now: () => number, checked?: Check,
): Promise<Result> {
  const rollout = effectiveRequest(state, request);
  const began = checked?.endedAt ?? now();
  let sent = false;
  const sending = (): void => {
    if (secondsSince(began, now()) > FRESH_READ_SECONDS) throw new LateCheck('the reads before it took too long');
    sent = true;
  };
  try {
    const result = checked ? checked.result : await blockedBy(sources, rollout, state, command, began);
    return result ?? await write(sources.daemons, rollout, state, command, sending);
  } catch (error) {
    const result = withoutWrite(error);
    return sent && result.kind === 'not-sent' ? { kind: 'interrupted', message: result.message } : result;
  }
}

class LateCheck extends Error {}

/** What an error comes to that was thrown before anything was sent. */
function withoutWrite(error: unknown): Result {
  const fault = faultOf(error);
  if (fault.kind !== 'transient') return { kind: 'rejected', fault };
  return { kind: 'not-sent', message: fault.message, isLate: error instanceof LateCheck || undefined };
}

/** What forbids the write now, though it was decided a moment ago. The alarms are read last, since they change soonest. */
async function blockedBy(sources: TurnSources, rollout: Rollout, state: State, command: Command, now: number): Promise<Result | undefined> {
  const api = sources.daemons;
  switch (command) {
    case 'update-daemon': {
      const [{ latestArn }, tags] = await Promise.all([api.describeDaemon(rollout.daemonArn), api.listTags(rollout.daemonArn)]);
      // another stack may have adopted it while ours waited
      if (latestArn !== state.latestArn || !isOurs(tags, rollout)) return { kind: 'blocked', by: 'daemon' };
      return await blockedByPeers(sources, rollout, state, now) ?? blockedByAlarms(api, rollout, state, now);
    }
    case 'create-daemon': return await blockedByPeers(sources, rollout, state, now) ?? blockedByAlarms(api, rollout, state, now);
    case 'adopt-daemon': {
      const { latestArn } = await api.describeDaemon(rollout.daemonArn);
      return latestArn === state.latestArn ? undefined : { kind: 'blocked', by: 'daemon' };
    }
    case 'delete-daemon': return blockedByPeers(sources, rollout, state, now);
    case 'tag-daemon':
    case 'give-back-daemon': return undefined;
  }
}

async function blockedByAlarms(api: DaemonApi, rollout: Rollout, state: State, now: number): Promise<Result | undefined> {
  if (!isGuarded(rollout)) return undefined;
  return judgeAlarms(state, await api.describeAlarms(rollout.desired.AlarmNames), now, rollout).kind === 'go' ? undefined : { kind: 'blocked', by: 'alarms' };
}

async function blockedByPeers(sources: TurnSources, rollout: Rollout, state: State, now: number): Promise<Result | undefined> {
  const { peers, requests } = peerReads(state, now, rollout);
  const seen = await observeTurn(sources, subjectArn(state, rollout), peers, requests);
  return isBlocked(seen, state, now, rollout) ? { kind: 'blocked', by: 'peer' } : undefined;
}

async function write(api: DaemonApi, rollout: Rollout, state: State, command: Command, sending: () => void): Promise<Result> {
  const { daemonArn, desired } = rollout;
  switch (command) {
    case 'create-daemon':
      sending();
      return accepted(await api.createDaemon({
        clusterArn: desired.ClusterArn,
        daemonName: desired.DaemonName,
        tags: desiredTags(rollout),
        clientToken: rollout.clientToken,
        ...desiredSettings(desired),
      }));

    case 'update-daemon':
      sending();
      return accepted(await api.updateDaemon(daemonArn, desiredSettings(desired)));

    case 'delete-daemon':
      sending();
      return accepted(await api.deleteDaemon(subjectArn(state, rollout)));

    case 'tag-daemon': {
      const { set, remove } = tagChanges(await api.listTags(daemonArn), rollout);
      // the removal first: once the new record is written, the tags that are still to be removed are unknown
      return writeTags(api, daemonArn, [{ set: {}, remove }, { set, remove: [] }], sending);
    }

    case 'adopt-daemon': return adopt(api, rollout, state, sending);
    case 'give-back-daemon': return giveBack(api, rollout, state, sending);
  }
}

const accepted = (deploymentArn = ''): Result => ({ kind: 'accepted', deploymentArn });

async function adopt(api: DaemonApi, rollout: Rollout, state: State, sending: () => void): Promise<Result> {
  const plan = planOf(state);
  if (plan?.kind !== 'adopt-daemon') throw new Error('no adoption is planned');
  const { takenFromOwner, operation } = plan.adoption;
  const actual = await api.listTags(rollout.daemonArn);
  // an earlier try has taken effect, or one of the reads is too old to be written down as the former owner's (A28)
  if (isOurs(actual, rollout) || hasOwner(actual) !== takenFromOwner) return { kind: 'blocked', by: 'daemon' };
  const set = adoptingTags(actual, operation, rollout);
  return writeTags(api, rollout.daemonArn, [{ set, remove: outdatedKeys(actual, set) }], sending);
}

async function giveBack(api: DaemonApi, rollout: Rollout, state: State, sending: () => void): Promise<Result> {
  const arn = subjectArn(state, rollout);
  const asAdopted = deletionOf(state)?.isOfPrevious && rollout.previous ? { ...rollout, desired: rollout.previous } : rollout;
  const writes = returningWrites(await api.listTags(arn), asAdopted);
  // the read is older than the adoption, or an earlier try has written all (A28)
  return writes.length === 0 ? { kind: 'blocked', by: 'daemon' } : writeTags(api, arn, writes, sending);
}

async function writeTags(api: DaemonApi, arn: string, writes: readonly TagChanges[], sending: () => void): Promise<Result> {
  for (const { set, remove } of writes) {
    if (Object.keys(set).length > 0) {
      sending();
      await api.tag(arn, set);
    }
    if (remove.length > 0) {
      sending();
      await api.untag(arn, remove);
    }
  }
  return accepted();
}
