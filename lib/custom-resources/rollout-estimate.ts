import { Token, type Duration } from 'aws-cdk-lib';

/** The minutes of a batch: 5 in a published trace (docs/aws-behaviour.md, "A measured rollout"), doubled for slower fleets. */
const minutesPerBatch = 5 * 2;

/** Each request is answered within this time: CloudFormation waits for an hour at most (EN6). Each gate holds the stack as long again. */
export const answerMinutes = 55;

/** As long as CloudFormation waits for `AWS::ECS::Daemon`: 36 hours. */
export const longestRolloutMinutes = 36 * 60;

/** How many times ECS drains a share of the fleet until it is through. */
export function batchCount(drainPercent: number): number {
  return Math.ceil(100 / drainPercent);
}

/** How long a rollout with these settings takes at most, in minutes: each batch, and a bake after each of them (A11). */
export function estimateRolloutMinutes(drainPercent: number, bakeTimeInMinutes: number): number {
  return batchCount(drainPercent) * (minutesPerBatch + bakeTimeInMinutes);
}

/** How long what is done to a daemon takes, and may take. */
export interface RolloutTimes {
  /** Undefined if it is known only at deployment. */
  readonly estimatedMinutes?: number;
  readonly timeoutInMinutes: number;
  /** Undefined if one answer is enough. */
  readonly deletionTimeoutInMinutes?: number;
}

/** The times of a daemon with these settings; a timeout that is not given is what they need. */
export function rolloutTimes(drainPercent: number, bakeTime: Duration, timeout?: Duration): RolloutTimes {
  const isShareKnown = !Token.isUnresolved(drainPercent);
  const estimatedMinutes = isShareKnown && !bakeTime.isUnresolved()
    ? estimateRolloutMinutes(drainPercent, bakeTime.toMinutes())
    : undefined;
  const timeoutInMinutes = timeout?.toMinutes() ?? timeoutFor(estimatedMinutes ?? answerMinutes);
  // a deletion drains the same batches, and bakes nothing
  const deletionMinutes = isShareKnown ? estimateRolloutMinutes(drainPercent, 0) : timeoutInMinutes;
  return { estimatedMinutes, timeoutInMinutes, deletionTimeoutInMinutes: deletionMinutes > answerMinutes ? deletionMinutes : undefined };
}

function timeoutFor(estimatedMinutes: number): number {
  return Math.min(Math.max(estimatedMinutes, answerMinutes), longestRolloutMinutes);
}

/** How many gates hold a stack for so long: what fits one answer needs none. */
export function gateCount(timeoutInMinutes: number): number {
  return Math.max(0, Math.ceil((timeoutInMinutes - answerMinutes) / answerMinutes));
}
