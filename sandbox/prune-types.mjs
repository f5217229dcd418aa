// Removes the declarations that those of the library do not import: nobody can import them from the package.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), 'dist', 'types');
const reachable = new Set();
visit(join(root, 'index.d.ts'));

function visit(file) {
  if (reachable.has(file)) return;
  reachable.add(file);
  for (const [, path] of readFileSync(file, 'utf8').matchAll(/(?:from|import\()\s*['"](\.[^'"]*)['"]/g)) {
    const module = resolve(dirname(file), path);
    const found = [`${module}.d.ts`, join(module, 'index.d.ts')].find(existsSync);
    if (found) visit(found);
  }
}

for (const name of readdirSync(root, { recursive: true })) {
  const file = join(root, name);
  if (name.endsWith('.d.ts') && !reachable.has(file)) rmSync(file);
}
