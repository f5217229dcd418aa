import { InputError } from './input-error';
import type { Minutes } from './minutes';

/** What a plan must not exceed. */
export interface PlanLimits {
  /** How many instances of a hundred drain at most, over the whole deployment: an instance that drains twice counts twice. 0 to 10,000. */
  readonly mostDrainedPercent?: number;
  /** How long the rollouts take at most, by the upper bound. 0 to 100,000. */
  readonly mostMinutes?: number;
  /** Whether no instance may drain. @default false */
  readonly forbidsDrain?: boolean;
}

/** A limit, and what the plan has. */
export interface CheckedLimit {
  readonly limit: 'drained percent' | 'minutes' | 'drained instances';
  readonly most: number;
  /** Absent if it is not known. */
  readonly planned?: number;
  /** A limit on what is not known is exceeded. */
  readonly isExceeded: boolean;
}

interface Planned {
  readonly instances?: number;
  readonly drainedInstances?: number;
  readonly minutes?: Minutes;
}

const MOST_PERCENT = 10_000;
const MOST_MINUTES = 100_000;

export function checkLimits({ mostDrainedPercent, mostMinutes }: PlanLimits): void {
  check('mostDrainedPercent', mostDrainedPercent, MOST_PERCENT);
  check('mostMinutes', mostMinutes, MOST_MINUTES);
}

function check(name: string, value: number | undefined, most: number): void {
  if (value === undefined || (value >= 0 && value <= most)) return;
  throw new InputError(`The limit ${name} must be a number from 0 to ${most}, got: ${value}.`);
}

/** The limits that are set, in a fixed order. */
export function checkedLimits({ mostDrainedPercent, mostMinutes, forbidsDrain = false }: PlanLimits, planned: Planned): CheckedLimit[] {
  const { instances, drainedInstances: drained, minutes } = planned;
  const percent = drained === 0 ? 0 : instances === undefined || drained === undefined ? undefined : Math.ceil(drained / instances * 100);
  return [
    ...mostDrainedPercent === undefined ? [] : [checked('drained percent', mostDrainedPercent, percent)],
    ...mostMinutes === undefined ? [] : [checked('minutes', mostMinutes, drained === 0 ? 0 : minutes?.most)],
    ...forbidsDrain ? [checked('drained instances', 0, drained)] : [],
  ];
}

const checked = (limit: CheckedLimit['limit'], most: number, planned: number | undefined): CheckedLimit =>
  ({ limit, most, ...(planned !== undefined && { planned }), isExceeded: planned === undefined || planned > most });

/** `No limit exceeded: drains 39 % of instances (limit 50 %), at most 50 min (limit 60)`; undefined without limits. */
export function limitsInWords(limits: readonly CheckedLimit[]): string | undefined {
  if (limits.length === 0) return undefined;
  const exceeded = limits.filter(({ isExceeded }) => isExceeded);
  const named = exceeded.length > 0 ? exceeded : limits;
  return `${exceeded.length > 0 ? 'Limit exceeded' : 'No limit exceeded'}: ${named.map(limitInWords).join(', ')}`;
}

function limitInWords({ limit, most, planned }: CheckedLimit): string {
  switch (limit) {
    case 'drained percent': return planned === undefined ? `drains are not known (limit ${most} %)` : `drains ${planned} % of instances (limit ${most} %)`;
    case 'minutes': return planned === undefined ? `minutes are not known (limit ${most})` : `at most ${Math.ceil(planned)} min (limit ${most})`;
    case 'drained instances': return planned === undefined ? 'drains are not known (none allowed)' : `${planned} ${planned === 1 ? 'drain' : 'drains'} (none allowed)`;
  }
}
