import type { DaemonAttributes, DaemonProperties } from '../../contract';
import { resourcePart } from '../../request';
import { READ_LAG_SECONDS } from '../../timing';
import type { Observation, ObservedDaemon, ObservedDeployment } from '../observation';
import { LOGICAL_ID_KEY, ownerOf, STACK_KEY, type Tags } from '../facts/ownership';
import { isOver, lacksInstances } from '../facts/deployment-status';
import { causeOf } from '../facts/alarm-watch';
import { actualFleet, desiredFleet, differences, isSameFleet } from '../facts/fleet-settings';
import { coverageOf, coverageSentence } from '../facts/coverage';

/** Which daemon is judged. */
interface Subject {
  readonly daemonName: string;
  readonly stackId: string;
  /** The first part of the names of its rollouts; an empty string if it is not known. */
  readonly resource: string;
}

/**
 * What has come of a rollout that tells nothing itself (FM29): what instances run, against what it was asked for, if that is known.
 *
 * Nothing is believed before reads must show the last write that the rollout can have made (A28).
 */
export function judgeByEcs(
  daemon: NonNullable<Observation['daemon']>, desired: DaemonProperties | undefined, lostSeconds: number, now: number, subject: Subject,
): Truth {
  const { daemonName } = subject;
  const attributes = { DeploymentArn: daemon === 'absent' ? '' : daemon.latestArn, RevisionArn: daemon === 'absent' ? '' : revisionOf(daemon) };
  const wait = (sentence: string): Truth => ({ kind: 'wait', sentence });
  const failed = (sentence: string): Truth => ({ kind: 'failed', sentence, attributes });
  if (lostSeconds < READ_LAG_SECONDS) return wait(`reads whether ECS still changes the daemon ${daemonName}`);
  if (daemon === 'absent') return failed(`the daemon ${daemonName} does not exist`);
  if (daemon.status === 'DELETE_IN_PROGRESS') return failed(`the daemon ${daemonName} is being deleted`);
  if (!isOwn(daemon.tags ?? {}, subject)) return failed(`the daemon ${daemonName} belongs to ${ownerOf(daemon.tags ?? {})}`);
  const { latest } = daemon;
  if (latest && !isOver(latest) && !lacksInstances(latest, now)) return wait(`waits for ECS to end the deployment ${latest.arn}, which is ${latest.status}`);
  const coverage = coverageSentence(coverageOf(daemon, ''), daemonName);
  const ended = failureOf(latest);
  const wrong = whatIsWrong(daemon, desired);
  if (wrong === '' && !(ended && !desired)) return { kind: 'succeeded', sentence: coverage, attributes };
  return failed([ended, wrong, coverage].filter(Boolean).join('; '));
}

const revisionOf = ({ revisions, latest }: ObservedDaemon): string =>
  revisions.find(({ running }) => running > 0)?.revisionArn ?? latest?.target?.revisionArn ?? '';

/** The stack owns it, by the resource whose rollouts the gate waits for. */
const isOwn = (tags: Tags, { stackId, resource }: Subject): boolean =>
  tags[STACK_KEY] === stackId && (resource === '' || resourcePart(stackId, tags[LOGICAL_ID_KEY] ?? '') === resource);

const failureOf = (latest: ObservedDeployment | undefined): string =>
  latest && isOver(latest) && latest.status !== 'SUCCESSFUL' ? `the deployment is ${latest.status}: ${causeOf({}, latest)}` : '';

/** An empty string if instances run what is wanted, as far as that is known. */
function whatIsWrong(daemon: ObservedDaemon, desired: DaemonProperties | undefined): string {
  const actual = actualFleet(daemon);
  if (typeof actual === 'string') return 'instances run several revisions, or ECS does not return what they run';
  return desired && !isSameFleet(actual, desiredFleet(desired)) ? `it does not have the desired settings: ${differences(actual, desiredFleet(desired)).join('; ')}` : '';
}

/** The verdict by ECS on a rollout that left no report. */
export type Truth =
  | { readonly kind: 'wait'; readonly sentence: string }
  | { readonly kind: 'succeeded' | 'failed'; readonly sentence: string; readonly attributes: Pick<DaemonAttributes, 'DeploymentArn' | 'RevisionArn'> };
