import { readFileSync } from 'node:fs';
import { REFERENCE, renderReference } from './sandbox-reference';

test('docs/sandbox-reference.md lists what the sandbox serves (npm run docgen)', async () => {
  expect(readFileSync(REFERENCE, 'utf8')).toBe(await renderReference());
});
