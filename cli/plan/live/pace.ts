import { batchSeconds, DEFAULT_TIMING, type FleetTiming } from '../../../sandbox/ecs/timing';

/** How long the batches of a daemon's last deployments have taken, in seconds. */
export interface Pace {
  readonly daemon: string;
  readonly secondsPerBatch: readonly number[];
}

/** A deployment in the past. */
export interface PastDeployment {
  readonly seconds: number;
  readonly bakeMinutes: number;
  readonly drainPercent: number;
  /** Of each capacity provider. */
  readonly instances: readonly number[];
}

/** Outside of these a deployment was held by something else than its batches. */
const LEAST_SECONDS = 30;
const MOST_SECONDS = 3600;

export function secondsPerBatch({ seconds, bakeMinutes, drainPercent, instances }: PastDeployment): number | undefined {
  const batches = Math.max(0, ...instances.map((count) => (count === 0 ? 0 : Math.ceil(count / Math.ceil(count * drainPercent / 100)))));
  const each = (seconds - bakeMinutes * 60) / batches;
  return batches > 0 && each >= LEAST_SECONDS && each <= MOST_SECONDS ? each : undefined;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** The timing of a sandbox in which a batch takes as long as in the past. */
export function timingOf({ secondsPerBatch: past }: Pace): FleetTiming {
  const factor = median(past) / batchSeconds(DEFAULT_TIMING);
  return Object.fromEntries(Object.entries(DEFAULT_TIMING).map(([name, seconds]) => [name, seconds * factor])) as unknown as FleetTiming;
}

export function paceInWords({ daemon, secondsPerBatch: past }: Pace): string {
  const minutes = past.map((seconds) => String(Math.round(seconds / 6) / 10));
  const [last, ...others] = [...minutes].reverse();
  const rollouts = past.length === 1 ? 'the last rollout' : `the last ${past.length} rollouts`;
  return `a batch takes as long as in ${rollouts} of ${daemon}: ${others.length > 0 ? `${others.reverse().join(', ')} and ` : ''}${last} min`;
}
