import type { DaemonApi } from './daemon-api';
import { faultOf } from './fault';
import { desiredTags, tagChanges } from './ownership';
import { doomedArn } from './phases/deletion';
import { isGuarded, unsafe } from './phases/preflight';
import type { Rollout } from './rollout';
import { desiredSettings } from './settings';
import type { Command, Result, State } from './state';

/**
 * Makes one write. It is sent once: whatever happens to it is told as data, and the machine decides whether it is made again.
 *
 * It observes first, since time may have passed between the machine's look and this step.
 */
export async function perform(api: DaemonApi, rollout: Rollout, state: State, command: Command): Promise<Result> {
  let sent = false;
  try {
    const deploymentArn = await write(api, rollout, state, command, () => { sent = true; });
    return typeof deploymentArn === 'string' ? { kind: 'done', deploymentArn } : deploymentArn;
  } catch (error) {
    const fault = faultOf(error);
    if (fault.kind !== 'transient') return { kind: 'refused', fault };
    return sent ? { kind: 'cut-off', message: fault.message } : { kind: 'refused', fault: { ...fault, kind: 'throttled' } };
  }
}

async function write(api: DaemonApi, rollout: Rollout, state: State, command: Command, sending: () => void): Promise<string | Result> {
  const { daemonArn, desired } = rollout;
  switch (command) {
    case 'create-daemon':
      sending();
      return api.createDaemon({
        clusterArn: desired.ClusterArn,
        daemonName: desired.DaemonName,
        tags: desiredTags(rollout),
        clientToken: rollout.clientToken,
        ...desiredSettings(desired),
      });

    case 'update-daemon': {
      const { latestArn } = await api.describeDaemon(daemonArn);
      if (latestArn !== state.latestArn) return { kind: 'moved' };
      const reason = isGuarded(rollout) ? unsafe(await api.describeAlarms(desired.AlarmNames), rollout) : undefined;
      if (reason) return { kind: 'unsafe', reason };
      sending();
      return api.updateDaemon(daemonArn, desiredSettings(desired));
    }

    case 'delete-daemon':
      sending();
      return api.deleteDaemon(doomedArn(state, rollout));

    case 'tag-daemon': {
      const { set, remove } = tagChanges(await api.listTags(daemonArn), rollout);
      sending();
      if (Object.keys(set).length > 0) await api.tag(daemonArn, set);
      if (remove.length > 0) await api.untag(daemonArn, remove);
      return '';
    }
  }
}
