import type { DaemonProperties } from '../../contract';
import { OWNERSHIP_SECONDS } from '../../timing';
import type { DaemonSettings } from '../observation';
import type { Rollout } from '../rollout';
import type { State } from '../state';

/**
 * The rollout that puts the settings back: the rollback of an update from what the adoption asked for to what there was.
 *
 * So it goes by the same rules: no write if ECS has done it, none blindly, and no failure that would leave the stack behind.
 */
export function restoring(settings: DaemonSettings, state: State, rollout: Rollout): Rollout {
  const adopting = adoptingProperties(state, rollout);
  const daemonArn = doomedArn(state, rollout);
  const deadline = (state.answered ? rollout.deadline : rollout.answerBy) - OWNERSHIP_SECONDS * 1000;
  return {
    ...rollout,
    request: 'update',
    rollingBack: true,
    daemonArn,
    incomingId: daemonArn,
    previousDaemonArn: undefined,
    previous: adopting,
    desired: { ...adopting, ...propertiesOf(settings) },
    answerBy: deadline,
    deadline,
  };
}

/** What the request asked for that has adopted the daemon. */
export const adoptingProperties = ({ leftover }: State, { desired, previous }: Rollout): DaemonProperties => leftover ? previous! : desired;

const propertiesOf = (settings: DaemonSettings): Partial<DaemonProperties> => ({
  DaemonTaskDefinitionArn: settings.taskDefinitionArn,
  CapacityProviderArns: [...settings.capacityProviderArns],
  DrainPercent: settings.drainPercent,
  BakeTimeInMinutes: settings.bakeTimeInMinutes,
  AlarmNames: [...settings.alarmNames],
  PropagateTags: settings.propagateTags,
  EnableECSManagedTags: settings.enableECSManagedTags,
  EnableExecuteCommand: settings.enableExecuteCommand,
  Critical: settings.critical,
});

/** The daemon that the deletion is about: named by the properties, never by the id (E9). */
export const doomedArn = ({ leftover }: Pick<State, 'leftover'>, { daemonArn, previousDaemonArn }: Rollout): string =>
  leftover ? previousDaemonArn! : daemonArn;

export const nameOf = (state: State, { desired, previous }: Rollout): string => state.leftover ? previous!.DaemonName : desired.DaemonName;

/** The settings of an adopted daemon are given back by an update. */
export const isDeletion = ({ leftover, giveBack }: State, { request }: Rollout): boolean =>
  request === 'delete' || (leftover === true && giveBack === undefined);

export const ownArn = (state: State, rollout: Rollout): string =>
  isDeletion(state, rollout) ? doomedArn(state, rollout) : rollout.daemonArn;

/**
 * What a request asks for as things stand: adopting an existing daemon is a change of it, giving it back is the way back, and an update of
 * a daemon that somebody has deleted creates it.
 */
export function inEffect(state: State, rollout: Rollout): Rollout {
  const { adoption, giveBack, adoptionCompleted, recreates } = state;
  if (giveBack?.settings && !giveBack.ended) return restoring(giveBack.settings, state, rollout);
  if (adoption) return { ...rollout, request: 'update', previous: undefined, previousDaemonArn: undefined };
  if (recreates) return { ...rollout, request: 'create', previous: undefined, previousDaemonArn: undefined };
  return adoptionCompleted === undefined ? rollout : { ...rollout, adoptionCompleted };
}
