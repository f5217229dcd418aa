import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pictures } from './pictures';

const root = join(__dirname, '..', '..');

describe('the pictures in docs/images/', () => {
  test('are those of today\'s renderer (npm run docs:pictures)', async () => {
    for (const { file, svg } of await pictures()) expect([basename(file), readFileSync(file, 'utf8')]).toEqual([basename(file), svg]);
  });

  test('have their sentence as alternative text where a page shows them', async () => {
    const [readme, page] = ['README.md', 'docs/rollout.md'].map((name) => readFileSync(join(root, name), 'utf8'));
    for (const { file, sentence } of (await pictures()).filter(({ file: name }) => name.endsWith('-light.svg'))) {
      expect(readme).toMatch(new RegExp(`<img alt="${sentence}\\. [^"]*" src="docs/images/${basename(file)}"`));
      expect(page).toContain(`![${sentence}](images/${basename(file)})`);
    }
  });
});
