import { count, duration } from './duration';
import type { Rollout, Timeline } from './model';
import { textPicture } from './text-picture';
import { signOf, summaryOf, type Tone } from './verdict';
import { drainsInWords, whereOf } from './words/place';

export interface TerminalOptions {
  /** Whether the terminal shows colours. Colour never carries a meaning alone. @default false */
  readonly colour?: boolean;
  /** Whether it shows signs and block characters. @default true */
  readonly unicode?: boolean;
}

const COLUMNS = 80;

/** SGR parameters. */
const COLOURS: Readonly<Record<Tone, string>> = { ok: '32', alarm: '38;5;208', warning: '33', new: '34', muted: '2' };

/** A timeline for a terminal of 80 columns: the verdict first. */
export function toTerminal(timeline: Timeline, { colour = false, unicode = true }: TerminalOptions = {}): string {
  const summary = summaryOf(timeline);
  const styled = (text: string, ...parameters: string[]): string => colour ? `\u001b[${parameters.join(';')}m${text}\u001b[0m` : text;
  const sentence = unicode ? `${summary.sign} ${summary.sentence}` : summary.sentence;
  const { rollouts } = timeline;
  const lines = [
    sentence,
    ...wrapped(summary.subLine.split(' · ')),
    ...(rollouts.length > 1 ? ['', ...table(rollouts, unicode)] : []),
    ...rollouts.filter(({ batches }) => batches.length > 0).flatMap((rollout) => [
      '', whereOf(rollout), ...textPicture(rollout, { columns: 58, unicode }).map((line) => `  ${line}`),
      ...(rollout.verdict.stackStatus === undefined || timeline.kind === 'plan' ? [] : [`  ${'Stack'.padEnd(12)}${rollout.verdict.stackStatus}`]),
    ]),
  ];
  const [first, ...others] = lines.map(printable).map((line) => unicode ? line : ascii(line));
  return `${[styled(first!, '1', COLOURS[summary.tone]), ...others].join('\n')}\n`;
}

/** Parts on lines of at most 80 columns. */
function wrapped(parts: readonly string[]): string[] {
  const lines: string[] = [];
  for (const part of parts.filter((one) => one !== '')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 3 + part.length <= COLUMNS) lines[lines.length - 1] = `${last} · ${part}`;
    else lines.push(part);
  }
  return lines;
}

/** A row for each rollout: its sign, its name, how many run the new revision, and how long it took. */
function table(rollouts: readonly Rollout[], unicode: boolean): string[] {
  const rows = rollouts.map((rollout) => {
    const { place, daemon, measures, instances, duration: took } = rollout;
    const { sign, word } = signOf(rollout);
    const name = place ? `wave ${place.waveNumber}  ${place.name}` : daemon;
    const ran = instances === undefined ? drainsInWords(measures) : `${count(measures.runsNew ?? 0)} of ${count(instances)}`;
    const isOver = rollout.verdict.outcome !== 'NOT_BEGUN';
    return [unicode ? `${sign} ${name}` : name, word, isOver ? ran : '', isOver ? duration(took) : ''];
  });
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
}

/** Names come from templates: none of them may steer the terminal. */
const printable = (line: string): string => line.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ');

const SUBSTITUTES: Readonly<Record<string, string>> = { '·': '-', '→': '->', '▲': '^', '…': '...', '–': '-' };
const ascii = (text: string): string => text.replace(/[·→▲…–]/g, (character) => SUBSTITUTES[character]!);
