import { budgets } from './budgets';
import { candidates, type Candidate } from './candidates';
import type { Measurement, Round } from './measurement';
import { median, spread } from './statistics';
import type { Cost } from './synthesis';

const [twin] = candidates;
const ours: Candidate = 'ManagedDaemon';

/** What the synths took: medians, and the median of the ratios within each round. */
export function costTable(measurements: Measurement[]): string {
  return table(
    ['daemons', 'validator', 'made by', 'time', '', '× L1', 'CPU', '× L1', 'peak memory', '× L1', 'heap', '× L1', 'resources'],
    measurements.flatMap(({ setting: { daemons, validator }, rounds, sizes }) => candidates.map((candidate) => {
      const values = (what: keyof Cost): number[] => rounds.map((round) => round[candidate][what]);
      const ratio = (what: keyof Cost): string => ratioText(ratioOf(rounds, candidate, what));
      return [
        daemons.toLocaleString('en'), validator, candidate,
        `${median(values('milliseconds')).toFixed(0)} ms`, spreadText(values('milliseconds')), ratio('milliseconds'),
        `${median(values('cpuMilliseconds')).toFixed(0)} ms`, ratio('cpuMilliseconds'),
        `${median(values('peakMiB')).toFixed(0)} MiB`, ratio('peakMiB'),
        `${median(values('heapMiB')).toFixed(1)} MiB`, ratio('heapMiB'),
        sizes[candidate].resources.toLocaleString('en'),
      ];
    })),
  );
}

/** What the templates hold. */
export function templateTable(measurements: Measurement[]): string {
  return table(
    [
      'daemons', 'made by', 'bytes a daemon', '× L1', 'without task definition', '× L1', 'provider resources', 'provider bytes',
      'PassRole policies', 'PassRole bytes a daemon',
    ],
    measurements.flatMap(({ setting: { daemons }, sizes }) => candidates.map((candidate) => {
      const size = sizes[candidate];
      return [
        daemons.toLocaleString('en'), candidate,
        whole(size.daemonBytes / daemons), ratioText(size.daemonBytes / sizes[twin].daemonBytes),
        whole(size.daemonOnlyBytes / daemons), ratioText(size.daemonOnlyBytes / sizes[twin].daemonOnlyBytes),
        whole(size.providerResources), whole(size.providerBytes), whole(size.passRolePolicies), whole(size.passRoleBytes / daemons),
      ];
    })),
  );
}

/** What design and measurements say of each other; the last measurement is of most daemons. */
export function budgetTable(measurements: Measurement[]): string {
  const most = measurements.filter(({ setting }) => setting.validator === 'off').at(-1)!;
  const sizes = measurements.map((measurement) => measurement.sizes[ours]);
  const rows: [string, number, number, (value: number) => string][] = [
    [`time of ${most.setting.daemons} daemons`, ratioOf(most.rounds, ours, 'milliseconds'), budgets.time, ratioText],
    [`CPU time of ${most.setting.daemons} daemons`, ratioOf(most.rounds, ours, 'cpuMilliseconds'), budgets.time, ratioText],
    [`peak memory of ${most.setting.daemons} daemons`, ratioOf(most.rounds, ours, 'peakMiB'), budgets.memory, ratioText],
    ['template bytes a daemon', most.sizes[ours].daemonBytes / most.sizes[twin].daemonBytes, budgets.templateBytes, ratioText],
    ['resources of the provider', Math.max(...sizes.map(({ providerResources }) => providerResources)), budgets.providerResources, whole],
    ['bytes of the provider', Math.max(...sizes.map(({ providerBytes }) => providerBytes)), budgets.providerBytes, whole],
    ['managed policies for PassRole', Math.max(...sizes.map(({ passRolePolicies }) => passRolePolicies)), budgets.passRolePolicies, whole],
  ];
  return table(
    ['ManagedDaemon', 'measured', 'budget', ''],
    rows.map(([what, measured, budget, text]) => [what, text(measured), `≤ ${text(budget)}`, measured <= budget ? 'within' : 'OVER']),
  );
}

function ratioOf(rounds: Round[], candidate: Candidate, what: keyof Cost): number {
  return median(rounds.map((round) => round[candidate][what] / round[twin][what]));
}

function ratioText(ratio: number): string {
  return ratio.toFixed(2);
}

function spreadText(values: number[]): string {
  return values.length === 1 ? 'once' : `± ${(100 * spread(values)).toFixed(0)} %`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

/** Numbers to the right, words to the left. */
function table(head: string[], rows: string[][]): string {
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const isNumeric = (column: number): boolean => /^[^A-Za-z]*\d/.test(rows[0][column]);
  const render = (line: string[]): string =>
    line.map((cell, column) => isNumeric(column) ? cell.padStart(widths[column]) : cell.padEnd(widths[column])).join('  ').trimEnd();
  return [render(head), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(render)].join('\n');
}
