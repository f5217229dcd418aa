import type { Subject } from './world/coverage';
import type { SeedsResult } from './run/seeds';

const SECTIONS: readonly (readonly [Subject, string])[] = [
  ['phase', 'phases'], ['outcome', 'outcomes'], ['status', 'stack statuses'], ['operation', 'writes'], ['fault', 'faults'],
  ['kind', 'kinds of resources and alarms'], ['assumption', 'values of assumptions'], ['exception', 'exceptions that the docs name'],
];

/** Prints what a run has covered, and its violations. */
export function printReport({ seeds, rollouts, virtualSeconds, coverage, failed }: SeedsResult, seconds: number): void {
  console.log(`${seeds} seeds, ${rollouts} rollouts, ${Math.round(virtualSeconds / 3600)} virtual hours in ${seconds.toFixed(1)} s (${(seeds / seconds).toFixed(0)} seeds/s)`);
  for (const [subject, title] of SECTIONS) {
    console.log(`\n${title}:`);
    for (const [value, count] of Object.entries(coverage.of(subject))) console.log(`  ${String(count).padStart(8)}  ${value}`);
  }
  const byRule = new Map<string, number[]>();
  for (const { seed, violations } of failed) {
    for (const rule of new Set(violations.map((violation) => violation.rule))) byRule.set(rule, [...(byRule.get(rule) ?? []), seed]);
  }
  console.log(failed.length === 0 ? '\nno violation' : `\n${failed.length} seeds violate:`);
  for (const [rule, found] of byRule) console.log(`  ${String(found.length).padStart(8)}  ${rule}: seeds ${found.slice(0, 8).join(', ')}`);
}

/** Prints the violations of a seed, and the command that repeats it. */
export function printFailure({ seed, violations }: SeedsResult['failed'][number]): void {
  console.log(`seed ${seed} (npm run simulate -- --seeds 1 --seed ${seed}):`);
  for (const rule of new Set(violations.map((violation) => violation.rule))) {
    console.log(`  ${rule}: ${violations.find((violation) => violation.rule === rule)!.sentence}`);
  }
}
