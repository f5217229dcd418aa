/** How long something takes, in minutes, to a tenth. */
export interface Minutes {
  readonly least: number;
  readonly likely: number;
  readonly most: number;
}

/** Virtual time in which something has happened, epoch milliseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
  /** Milliseconds of bake in it, which do not vary. */
  readonly baked: number;
}

/**
 * Launches, drains and starts may take so much less or more than in the published measurement that the sandbox repeats
 * (docs/aws-behaviour.md). All delays vary together: a rollout in which each varies by itself lies between.
 */
const FASTEST = 0.7;
const SLOWEST = 1.5;

/** Reads of ECS may be two minutes old (A28): once when a rollout waits for its turn, and once when it waits for its end. Milliseconds. */
const MOST_WAIT_FOR_READS = 2 * 120_000;

/** A rollout of one batch hardly ever waits twice that long: its bounds stay close enough to be of use. */
const MOST_TIMES_LEAST = 2.9;

const MINUTE = 60_000;

/** Milliseconds. */
interface Bounds {
  readonly least: number;
  readonly likely: number;
  readonly most: number;
}

/** What the bounds rest on. */
export const RESTS_ON = [
  `launches, starts and drains take ${FASTEST} to ${SLOWEST} times as long as in the published measurement`,
  'a bake follows the last batch',
] as const;

export const minutesOf = (span: Span): Minutes => inMinutes(boundsOf(span));

/** The time from the first to the last of several spans: one that began after the end of another one waits for it. */
export function minutesInAll(spans: readonly Span[]): Minutes | undefined {
  if (spans.length === 0) return undefined;
  const placed: { readonly span: Span; readonly end: Bounds }[] = [];
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    const ahead = placed.filter((other) => other.span.to <= span.from).toSorted((a, b) => b.span.to - a.span.to);
    const gap = ahead[0] ? span.from - ahead[0].span.to : 0;
    const own = boundsOf(span);
    const end = (key: keyof Bounds): number => Math.max(0, ...ahead.map((other) => other.end[key])) + gap + own[key];
    placed.push({ span, end: { least: end('least'), likely: end('likely'), most: end('most') } });
  }
  const last = (key: keyof Bounds): number => Math.max(...placed.map(({ end }) => end[key]));
  return inMinutes({ least: last('least'), likely: last('likely'), most: last('most') });
}

export function boundsOf({ from, to, baked }: Span): Bounds {
  const varying = to - from - baked;
  const least = varying * FASTEST + baked;
  return { least, likely: to - from, most: Math.min(varying * SLOWEST + baked + MOST_WAIT_FOR_READS, least * MOST_TIMES_LEAST) };
}

const inMinutes = ({ least, likely, most }: Bounds): Minutes => ({
  least: Math.floor(least / MINUTE * 10) / 10, likely: Math.round(likely / MINUTE * 10) / 10, most: Math.ceil(most / MINUTE * 10) / 10,
});
