import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The transitions that the diagram in docs/rollout.md shows, as `FROM --> TO`. */
export function diagram(): string[] {
  const text = readFileSync(join(__dirname, '../../docs/rollout.md'), 'utf8');
  const mermaid = /```mermaid\n(stateDiagram-v2\n[^`]*)```/.exec(text)?.[1] ?? '';
  return [...mermaid.matchAll(/^ *(\S+) --> (\S+)/gm)].map(([, from, to]) => `${from} --> ${to}`);
}

/** The transitions of a rollout that went through these phases. */
export const transitionsOf = (phases: readonly string[]): string[] =>
  ['[*]', ...phases].map((phase, index) => `${phase} --> ${phases[index] ?? '[*]'}`);
