import {
  AGED, MOST_SECONDS_AFTER_A_WRITE, MOST_SECONDS_BEFORE_A_WRITE, type Pace, PACES, READS_AN_HOUR, READS_AT_ONCE, secondsSince,
  SHORT_SECONDS,
} from '../../timing';
import type { StageName } from '../stage';
import type { Budgeted } from '../state';

export const paceOf = (kind: keyof typeof PACES, startedAt: number, now: number): Pace => agedPace(startedAt, now) ?? PACES[kind];

/** A pause of the length that the age of the rollout allows. */
export const unhurried = (seconds: number, startedAt: number, now: number): number =>
  seconds <= SHORT_SECONDS ? seconds : Math.max(seconds, agedPace(startedAt, now)?.lookSeconds ?? 0);

const agedPace = (startedAt: number, now: number): Pace | undefined =>
  AGED.find(({ hours }) => secondsSince(startedAt, now) > hours * 3600)?.pace;

const BEFORE_A_WRITE: readonly StageName[] = ['plan', 'await-deployment', 'preflight', 'turn'];
const SECONDS_A_READ = 3600 / READS_AN_HOUR;

/** Takes down reads of ECS and CloudWatch that were made. */
export const withReads = <S extends Budgeted>(state: S, reads: number, now: number): S =>
  ({ ...state, readsPaidUntil: Math.max(state.readsPaidUntil ?? 0, now) + reads * SECONDS_A_READ * 1000 });

/** How long the budget of reads asks for a pause. A gate or a verification, which has no stage, never writes. */
export const secondsWithoutReads = (
  { readsPaidUntil = 0, stage }: Budgeted & { readonly stage?: { readonly name: StageName } }, now: number,
): number => {
  const most = stage === undefined || BEFORE_A_WRITE.includes(stage.name) ? MOST_SECONDS_BEFORE_A_WRITE : MOST_SECONDS_AFTER_A_WRITE;
  return Math.min(most, secondsSince(now, readsPaidUntil) - READS_AT_ONCE * SECONDS_A_READ);
};
