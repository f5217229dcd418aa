import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');

interface Row {
  readonly id: string;
  readonly files: readonly string[];
}

const rows: Row[] = [...readFileSync(join(root, 'docs/failure-modes.md'), 'utf8').matchAll(/^\| <a id="\w+"><\/a>(FM\d+) \|.*\| (.*) \|$/gm)]
  .map(([, id, cell]) => ({ id: id!, files: [...cell!.matchAll(/`([^`]+\.test\.ts)`/g)].map(([, file]) => file!) }));

/** The ids at the end of the names of a file's tests and of their groups. */
const idsIn = (file: string): string[] =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/^ *(?:test|it|describe|[\])]).*\(['"`].* \(((?:[A-Z]+\d+(?:, )?)+)\)['"`], /gm)]
    .flatMap(([, ids]) => ids!.split(', ')).filter((id) => id.startsWith('FM'));

const testFiles = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.test.ts')).map((file) => `test/${file}`);

test('the table of failure modes has every row', () => {
  expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: 31 }, (_, index) => `FM${index + 1}`));
});

test.each(rows)('the files that the row of $id names are those with a test of it', ({ id, files }) => {
  expect([...files].sort()).toEqual(testFiles.filter((file) => idsIn(file).includes(id)).sort());
});
