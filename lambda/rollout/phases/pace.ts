import { secondsSince } from '../state';

/** How often a deployment is looked at, and after how many seconds its guard alarms are looked at again. */
export interface Pace {
  readonly lookSeconds: number;
  readonly alarmSeconds: number;
}

/**
 * Within the first hour an answer goes out at most 30 s after the end, two equal reads of a failure included, and an hour costs at
 * most 240 reads, alarms included. A bake has nothing but alarms to wait for; a rollback has none.
 */
const PACES = {
  deploying: { lookSeconds: 20, alarmSeconds: 100 },
  baking: { lookSeconds: 22, alarmSeconds: 88 },
  unguarded: { lookSeconds: 18, alarmSeconds: Number.POSITIVE_INFINITY },
} as const;

/** With age the pace slows down: 36 hours take 1,700 of the 3,000 operations that an execution may have (EN2). */
const AGED: readonly { readonly hours: number; readonly pace: Pace }[] = [
  { hours: 12, pace: { lookSeconds: 120, alarmSeconds: 120 } },
  { hours: 1, pace: { lookSeconds: 60, alarmSeconds: 60 } },
];

/** A shorter pause is for what shows within the read lag, and not made often. */
const SHORT_SECONDS = 10;

export const paceOf = (kind: keyof typeof PACES, startedAt: number, now: number): Pace => agedPace(startedAt, now) ?? PACES[kind];

/** A pause of the length that the age of the rollout allows. */
export const unhurried = (seconds: number, startedAt: number, now: number): number =>
  seconds <= SHORT_SECONDS ? seconds : Math.max(seconds, agedPace(startedAt, now)?.lookSeconds ?? 0);

const agedPace = (startedAt: number, now: number): Pace | undefined =>
  AGED.find(({ hours }) => secondsSince(startedAt, now) > hours * 3600)?.pace;
