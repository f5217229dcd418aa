import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');

interface Row {
  readonly number: string;
  readonly tests: readonly { readonly file: string; readonly name: string }[];
}

const rows: Row[] = [...readFileSync(join(root, 'docs/failure-modes.md'), 'utf8').matchAll(/^\| (FM\d+) \|.*\| (.*) \|$/gm)].map(([, number, cell]) => ({
  number: number!,
  tests: cell!.split('<br>').map((text) => /^`(test\/\S+\.test\.ts)` (.+)$/.exec(text)).map((match) => ({ file: match?.[1] ?? '', name: match?.[2] ?? '' })),
}));

/** The names of the tests in a file, as they stand there; that of a table's tests stands behind the table. */
const namesIn = (file: string): string[] =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/^ *(?:test.*?|\]\))\((['"`])(.*?)\1, (?:async )?\(/gm)].map(([, , name]) => name!.replaceAll('\\', ''));

test('the table of failure modes has every row', () => {
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 31 }, (_, index) => `FM${index + 1}`));
});

test.each(rows)('the tests that are named for $number exist', ({ tests }) => {
  expect(tests.length).toBeGreaterThan(0);
  for (const { file, name } of tests) expect(namesIn(file)).toContain(name);
});
