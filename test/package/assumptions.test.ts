import { readFileSync } from 'node:fs';
import { ASSUMPTIONS, renderAssumptions } from './assumptions';

test('docs/assumptions.md lists every assumption of the sandbox (npm run docgen)', () => {
  expect(readFileSync(ASSUMPTIONS, 'utf8')).toBe(renderAssumptions());
});
