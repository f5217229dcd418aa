import type { Plugin } from 'esbuild';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(__dirname, '../../lambda/rollout/consistency');

/** Bundles the Lambda without one of its consistency rules. Throws if there is no rule of that name. */
export function withoutRule(rule: string): Plugin {
  const tables = readdirSync(FOLDER).map((file) => ({ path: join(FOLDER, file), text: readFileSync(join(FOLDER, file), 'utf8') }));
  const table = tables.find(({ text }) => text.includes(`\n  '${rule}': {`));
  const rules = tables.flatMap(({ text }) => [...text.matchAll(/^ {2}'([a-z-]+)': \{$/gm)].map(([, name]) => name));
  if (!table) throw new Error(`there is no consistency rule "${rule}"; the rules are ${rules.join(', ')}`);
  const [, name] = /export const (\w+_RULES) = /.exec(table.text) ?? [];
  return {
    name: 'without-rule',
    setup: (build) => {
      build.onLoad({ filter: /[\\/]consistency[\\/][a-z]+\.ts$/ }, ({ path }) =>
        path === table.path ? { contents: `${table.text}\n${name}['${rule}'].applies = () => false;\n`, loader: 'ts' } : undefined);
    },
  };
}
