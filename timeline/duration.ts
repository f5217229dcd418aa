/** How all renderers write times and numbers. */

const SECOND = 1000;
/** A minute, in milliseconds. */
export const MINUTE = 60 * SECOND;
/** An hour, in milliseconds. */
export const HOUR = 60 * MINUTE;

/** A duration in words: `40 s`, `7 min 11 s`, `5 h 10 min`. From an hour on to the minute. */
export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / SECOND);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return joined(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  const minutes = Math.round(milliseconds / MINUTE);
  return joined(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
}

/** A duration to the minute, as a plan states it: `30 min`, `5 h 10 min`, `< 1 min`. */
export function minutes(milliseconds: number): string {
  const rounded = Math.round(milliseconds / MINUTE);
  if (rounded === 0) return milliseconds === 0 ? '0 min' : '< 1 min';
  return duration(rounded * MINUTE);
}

/** A time for tables, `m:ss`, and `h:mm:ss` from an hour on. */
export function clock(milliseconds: number): string {
  const total = Math.round(milliseconds / SECOND);
  const [hours, rest, seconds] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  return hours === 0 ? `${rest}:${twoDigits(seconds)}` : `${hours}:${twoDigits(rest)}:${twoDigits(seconds)}`;
}

/** The time of day in UTC, `HH:MM:SS`, at `elapsed` after a moment. */
export const timeOfDay = (startedAt: string, elapsed = 0): string => moment(startedAt, elapsed).slice(11, 19);

/** The day and the time of day in UTC: `2026-11-30 01:19:49 UTC`. */
export const dateAndTime = (startedAt: string, elapsed = 0): string => `${moment(startedAt, elapsed).slice(0, 19).replace('T', ' ')} UTC`;

/** A whole number with thousands: `1,000`. */
export const count = (number: number): string => String(number).replace(/\B(?=(\d{3})+(?!\d))/g, ',');

/** A number with its noun: `1 instance`, `12 instances`. */
export const counted = (number: number, noun: string, plural = `${noun}s`): string => `${count(number)} ${number === 1 ? noun : plural}`;

function joined(large: number, unit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${unit}` : `${large} ${unit} ${small} ${smallUnit}`;
}

const moment = (startedAt: string, elapsed: number): string => new Date(Date.parse(startedAt) + elapsed).toISOString();
const twoDigits = (number: number): string => String(number).padStart(2, '0');
