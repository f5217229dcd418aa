import { detailsOf, plannedDetails } from './words/details';
import type { Outcome, Rollout, Timeline } from './model';
import { overallOf } from './overall';
import { plannedSentence, sentencesOf } from './words/sentences';

/** The shape of a sign, which differs by outcome, so that colour is never the only difference. */
export type Shape = 'check' | 'equals' | 'back' | 'cross' | 'double-arrow' | 'clock' | 'warning';
export type Tone = 'ok' | 'alarm' | 'warning' | 'new' | 'muted';

/** How a rollout, or all rollouts of a timeline, ended: in the same words on every surface. */
export interface Summary {
  readonly outcome: Outcome;
  readonly shape: Shape;
  /** A character of the shape, for text. */
  readonly sign: string;
  readonly tone: Tone;
  /** `Succeeded`. */
  readonly word: string;
  /** Outcome: cause or result, then the time. */
  readonly sentence: string;
  /** The sentence with at most 66 characters. */
  readonly headline: string;
  /** How many, the final state, and drains: at most 98 characters. */
  readonly subLine: string;
}

const HEADLINE_LENGTH = 66;
const SUB_LINE_LENGTH = 98;

const SIGNS: Readonly<Record<Outcome, Pick<Summary, 'shape' | 'sign' | 'tone' | 'word'>>> = {
  SUCCEEDED: { shape: 'check', sign: '✓', tone: 'ok', word: 'Succeeded' },
  UNCHANGED: { shape: 'equals', sign: '=', tone: 'muted', word: 'Unchanged' },
  ROLLED_BACK: { shape: 'back', sign: '↩', tone: 'alarm', word: 'Rolled back' },
  FAILED: { shape: 'cross', sign: '✕', tone: 'alarm', word: 'Failed' },
  TIMED_OUT: { shape: 'cross', sign: '✕', tone: 'alarm', word: 'Timed out' },
  SUPERSEDED: { shape: 'double-arrow', sign: '»', tone: 'muted', word: 'Superseded' },
  RUNNING: { shape: 'clock', sign: '●', tone: 'new', word: 'Deploying' },
  STALLED: { shape: 'warning', sign: '▲', tone: 'warning', word: 'Stalled' },
  NOT_BEGUN: { shape: 'equals', sign: '·', tone: 'muted', word: 'Not begun' },
};
const PLAN: Pick<Summary, 'shape' | 'sign' | 'tone' | 'word'> = { shape: 'clock', sign: '●', tone: 'new', word: 'Plan' };

/** How the rollouts of a timeline ended, in words. */
export function summaryOf(timeline: Timeline): Summary {
  const overall = overallOf(timeline);
  const { outcome } = overall;
  const asPlan = timeline.kind === 'plan' && (outcome === 'SUCCEEDED' || outcome === 'UNCHANGED');
  const sentences = asPlan ? plannedSentence(overall) : sentencesOf(timeline, overall);
  return {
    outcome,
    ...(asPlan ? PLAN : SIGNS[outcome]),
    sentence: sentences[0]!,
    headline: sentences.find((sentence) => sentence.length <= HEADLINE_LENGTH) ?? sentences.at(-1)!,
    subLine: fitting(asPlan ? plannedDetails(timeline, overall) : detailsOf(timeline, overall)),
  };
}

/** The sign and the word of one place of several. */
export const signOf = ({ verdict }: Rollout): Pick<Summary, 'shape' | 'sign' | 'tone' | 'word'> => SIGNS[verdict.outcome];

/** Parts that fit into the line: dropped from the end. */
function fitting(parts: readonly string[]): string {
  let line = '';
  for (const part of parts.filter((one) => one !== '')) {
    const longer = line === '' ? part : `${line} · ${part}`;
    if (longer.length <= SUB_LINE_LENGTH) line = longer;
  }
  return line;
}
