import type { Plugin } from 'esbuild';
import { readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Edit, SeededBug } from './bugs';

const LAMBDA = join(__dirname, '../../lambda');

/** Edits the modules while they are bundled; every edit must match exactly once. */
export function insert({ name, edits }: SeededBug): Plugin {
  return {
    name: 'insert',
    setup: (build) => {
      build.onLoad({ filter: /[\\/]lambda[\\/].*\.ts$/ }, ({ path }) => {
        const file = relative(LAMBDA, path).split(sep).join('/');
        const ours = edits.filter((edit) => edit.file === file);
        return ours.length === 0 ? undefined : { contents: ours.reduce(apply(name), readFileSync(path, 'utf8')), loader: 'ts' };
      });
    },
  };
}

const apply = (name: string) => (text: string, { file, from, to }: Edit): string => {
  const parts = text.split(from);
  if (parts.length !== 2) throw new Error(`"${name}" cannot be inserted: ${file} contains its text ${parts.length - 1} times: ${from}`);
  return parts.join(to);
};
