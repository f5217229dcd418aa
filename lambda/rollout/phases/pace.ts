import type { Budgeted, State } from '../state';
import { secondsSince } from '../timing';

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

/**
 * Together at most 240 an hour, whatever a rollout meets: reads that every pace is within, as many at once as planning and a
 * write take beside other daemons, and a last poll of up to 17 pages. What an interrupted invocation has read nobody remembers; there is
 * room left for it.
 */
const READS_AN_HOUR = 204;
const READS_AT_ONCE = 19;
/** Where a list has very many pages, or a cluster very many other daemons, a rollout goes on all the same: before it writes, and after. */
const MOST_SECONDS_BEFORE_A_WRITE = 300;
const MOST_SECONDS_AFTER_A_WRITE = 90;
const BEFORE_A_WRITE: readonly State['stage'][] = ['planning', 'waiting', 'preflight', 'turn'];
const SECONDS_A_READ = 3600 / READS_AN_HOUR;

/** Takes down reads of ECS and CloudWatch that were made. */
export const withReads = <S extends Budgeted>(state: S, reads: number, now: number): S =>
  ({ ...state, readsPaidUntil: Math.max(state.readsPaidUntil ?? 0, now) + reads * SECONDS_A_READ * 1000 });

/** How long the budget of reads asks for a pause. A gate or a verification, which has no stage, never writes. */
export const secondsWithoutReads = ({ readsPaidUntil = 0, stage }: Budgeted & { readonly stage?: State['stage'] }, now: number): number => {
  const most = stage === undefined || BEFORE_A_WRITE.includes(stage) ? MOST_SECONDS_BEFORE_A_WRITE : MOST_SECONDS_AFTER_A_WRITE;
  return Math.min(most, secondsSince(now, readsPaidUntil) - READS_AT_ONCE * SECONDS_A_READ);
};
