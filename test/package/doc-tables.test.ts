import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { sizeOfDaemon, sizeOfWaves, type DaemonSize } from '../../bench/template/daemon-size';
import { estimateSeconds } from '../../lambda/rollout/guards/time-left';
import { batchCount, estimateRolloutMinutes, gateCount, rolloutTimes } from '../../lib/custom-resources/rollout-estimate';

const read = (path: string): string => readFileSync(join(__dirname, '..', '..', path), 'utf8');

type Row = Record<string, string>;

/** The rows of all tables of a page whose heads begin with these. */
function rowsOf(path: string, ...begin: string[]): Row[] {
  const tables = read(path).split(/\n(?!\|)/).map((text) =>
    text.split('\n').filter((line) => line.startsWith('|')).map(cellsOf));
  const isMeant = ([heads]: string[][]): boolean => heads !== undefined && begin.every((head, index) => heads[index] === head);
  return tables.filter(isMeant).flatMap(([heads, , ...rows]) =>
    rows.map((cells) => Object.fromEntries(heads!.map((head, index) => [head, cells[index]!]))));
}

const cellsOf = (line: string): string[] => line.split('|').slice(1, -1).map((cell) =>
  cell.replace(/[`*]|<!-- .*? -->/g, '').trim());

/** `1 h 40 min` in minutes; a number without a unit is itself. */
function numberIn(cell: string): number {
  const [, hours = '0', minutes = '0'] = /^(?:([\d,]+) h)? ?(?:([\d,]+)(?: min)?)?$/.exec(cell) ?? [undefined, 'NaN'];
  return Number(hours.replaceAll(',', '')) * 60 + Number(minutes.replaceAll(',', ''));
}

/** The numbers in a row, as far as they are expected. */
const numbersIn = (row: Row, expected: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.keys(expected).filter((head) => head in row).map((head) => [head, numberIn(row[head]!)]));

const only = (expected: Record<string, number>, row: Row): Record<string, number> =>
  Object.fromEntries(Object.entries(expected).filter(([head]) => head in row));

const likelyMinutes = (drainPercent: number, bakeMinutes: number): number =>
  estimateSeconds({ DrainPercent: drainPercent, BakeTimeInMinutes: bakeMinutes }) / 60;

const columnsOf = ({ timeoutMinutes, daemons, gates, deletionGates, bytes, bytesPerGate }: DaemonSize): Record<string, number> => ({
  'timeout': timeoutMinutes,
  'timeout by default': timeoutMinutes,
  gates,
  'deletion gates': deletionGates,
  'resources': daemons + gates + deletionGates,
  bytes,
  'bytes of the template': bytes,
  ...bytesPerGate > 0 && { 'bytes a gate': Math.round(bytesPerGate) },
});

describe('the table of rollouts in docs/long-rollouts.md', () => {
  test.each(rowsOf('docs/long-rollouts.md', 'drainPercent', 'bakeTime'))('has what the code makes of drainPercent $drainPercent and bakeTime $bakeTime', (row) => {
    const [drainPercent, bakeMinutes] = [numberIn(row.drainPercent!), numberIn(row.bakeTime!)];
    const expected = {
      batches: batchCount(drainPercent),
      likely: likelyMinutes(drainPercent, bakeMinutes),
      ...columnsOf(sizeOfDaemon({ drainPercent, bakeMinutes })),
    };

    expect(Object.keys(only(expected, row)).length).toBeGreaterThan(3);
    expect(numbersIn(row, expected)).toEqual(only(expected, row));
  });
});

describe('the table of waves in docs/waves.md', () => {
  const waves = rowsOf('docs/waves.md', 'wave', 'batches', 'bake').map((row) => {
    const drainPercent = Number(/(\d+) %/.exec(row.wave!)?.[1]);
    const bakeMinutes = numberIn(row.bake!);
    const batches = batchCount(drainPercent);
    const [likely, safe] = [likelyMinutes(drainPercent, bakeMinutes), batches * estimateRolloutMinutes(100, 0) + bakeMinutes];
    const timeout = Number.isNaN(drainPercent) ? NaN : rolloutTimes(drainPercent, Duration.minutes(bakeMinutes)).timeoutInMinutes;
    const expected: Record<string, number> = {
      batches, 'likely, at 5 min a batch': likely, 'to be safe, at 10': safe, 'timeout by default': timeout,
    };
    return { row, expected, isSum: Number.isNaN(drainPercent) };
  });
  const parts = waves.filter(({ isSum }) => !isSum);

  test.each(parts)('has what the code makes of $row.wave', ({ row, expected }) => {
    expect(numbersIn(row, expected)).toEqual(only(expected, row));
  });

  test('adds the waves up', () => {
    const { row } = waves.find(({ isSum }) => isSum)!;
    const columns = Object.keys(row).filter((head) => row[head] !== '' && head !== 'wave');
    const sums = columns.map((head) => parts.reduce((sum, { expected }) => sum + expected[head]!, 0));

    expect(columns.length).toBeGreaterThan(1);
    expect(columns.map((head) => numberIn(row[head]!))).toEqual(sums);
  });
});

test('docs/operating.md has the longest wait for a turn of an update with the defaults', () => {
  const [row] = rowsOf('docs/operating.md', 'request', 'it waits for at most');
  const [, timeout, batches, perBatch, wait] = /(\d+) − (\d+) × (\d+) = (\d+) minutes/.exec(row!['it waits for at most']!)!.map(Number);

  expect([timeout, batches]).toEqual([rolloutTimes(25, Duration.minutes(0)).timeoutInMinutes, batchCount(25)]);
  expect(batches! * perBatch!).toBe(likelyMinutes(25, 0));
  expect(wait).toBe(timeout! - likelyMinutes(25, 0));
});

test.each<[string, () => DaemonSize]>([
  ['no gates', () => sizeOfDaemon({})],
  ['1 h', () => sizeOfDaemon({ timeoutMinutes: 60 })],
  ['4 h', () => sizeOfDaemon({ timeoutMinutes: 240 })],
  ['36 h', () => sizeOfDaemon({ timeoutMinutes: 2160 })],
  ['3 waves of one target each', () => sizeOfWaves(3, {})],
  ['3 waves of one target each, 4 h each', () => sizeOfWaves(3, { timeoutMinutes: 240 })],
])('docs/benchmarks.md has the size of a daemon with %s', (what, size) => {
  const row = rowsOf('docs/benchmarks.md', '', 'timeout').find((each) => each[''] === what)!;
  const expected = columnsOf(size());

  expect(numbersIn(row, expected)).toEqual(only(expected, row));
});

describe('docs/long-rollouts.md', () => {
  const page = read('docs/long-rollouts.md').replace(/\s+/g, ' ');

  test('gives examples of how many gates there are', () => {
    const [, ...counts] = /: (one) for up to 110 minutes, (\w+) for 4 hours, (\d+) for 36\./.exec(page)!;

    expect(counts).toEqual(['one', 'four', '39']);
    expect([gateCount(110), gateCount(111), gateCount(240), gateCount(36 * 60)]).toEqual([1, 2, 4, 39]);
  });

  test('says from which drain percent on a deletion has gates', () => {
    const drainPercent = Number(/From six batches on \(a drain percent below (\d+)\)/.exec(page)![1]);
    const deletionGates = (percent: number): number => sizeOfDaemon({ drainPercent: percent }).deletionGates;

    expect([deletionGates(drainPercent), deletionGates(drainPercent - 1), batchCount(drainPercent - 1)]).toEqual([0, 1, 6]);
  });

  test('says what a gate takes in a template', () => {
    const [, about, most] = /A gate takes about (\d+) bytes of the template, and at most (\d+)\./.exec(page)!;
    const { bytesPerGate } = sizeOfDaemon({ timeoutMinutes: 36 * 60 });

    expect(Math.round(bytesPerGate / 10) * 10).toBe(Number(about));
    expect(bytesPerGate).toBeLessThan(Number(most));
  });
});
