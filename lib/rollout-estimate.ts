/** How long one batch takes on its way through drain, replacement and start (facts § 12.1), doubled for comfort (design § 7). */
const minutesPerBatch = 5 * 2;

/** Without gates the answer to CloudFormation goes out within this time (design § 5). */
export const longestRolloutMinutes = 55;

/** How many times ECS drains a share of the fleet until it is through. */
export function batchCount(drainPercent: number): number {
  return Math.ceil(100 / drainPercent);
}

/** How long a rollout with these settings takes, in minutes: all batches and one bake (R30). */
export function estimateRolloutMinutes(drainPercent: number, bakeTimeInMinutes: number): number {
  return batchCount(drainPercent) * minutesPerBatch + bakeTimeInMinutes;
}
