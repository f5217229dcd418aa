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
export function restoreRequest(settings: DaemonSettings, state: State, rollout: Rollout): Rollout {
  const adopting = adoptingProperties(state, rollout);
  const daemonArn = deletedDaemonArn(state, rollout);
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
export const adoptingProperties = ({ deletesPrevious }: State, { desired, previous }: Rollout): DaemonProperties =>
  deletesPrevious ? previous! : desired;

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
export const deletedDaemonArn = ({ deletesPrevious }: Pick<State, 'deletesPrevious'>, { daemonArn, previousDaemonArn }: Rollout): string =>
  deletesPrevious ? previousDaemonArn! : daemonArn;

export const deletedDaemonName = ({ deletesPrevious }: State, { desired, previous }: Rollout): string =>
  deletesPrevious ? previous!.DaemonName : desired.DaemonName;

/** The settings of an adopted daemon are given back by an update. */
export const isDeletion = ({ deletesPrevious, release }: State, { request }: Rollout): boolean =>
  request === 'delete' || (deletesPrevious === true && release === undefined);

export const subjectArn = (state: State, rollout: Rollout): string =>
  isDeletion(state, rollout) ? deletedDaemonArn(state, rollout) : rollout.daemonArn;

/**
 * What a request asks for as things stand: adopting an existing daemon is a change of it, giving it back is the way back, and an update of
 * a daemon that somebody has deleted creates it.
 */
export function effectiveRequest(state: State, request: Rollout): Rollout {
  const { adoption, release, adoptionCompleted, recreates, tagsConfirmed } = state;
  // While a read may be older than the tags that the request before has written, those of the stack are left unchanged.
  const rollout = request.tagsMayBeOlder && !tagsConfirmed && !recreates ? { ...request, stackTags: undefined } : request;
  if (release?.settings && !release.ended) return restoreRequest(release.settings, state, rollout);
  if (adoption) return { ...rollout, request: 'update', previous: undefined, previousDaemonArn: undefined };
  if (recreates) return { ...rollout, request: 'create', previous: undefined, previousDaemonArn: undefined };
  return adoptionCompleted === undefined ? rollout : { ...rollout, adoptionCompleted };
}
