// Removes the declarations that an entry point does not import: nobody can import them from the package. Takes the path of the entry point.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const entryPoint = resolve(process.argv[2]);
const root = entryPoint.slice(0, entryPoint.lastIndexOf('types') + 'types'.length);
const reachable = new Set();
visit(entryPoint);

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
