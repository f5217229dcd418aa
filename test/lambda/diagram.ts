import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The transitions between phases that docs/rollout.md shows, as `FROM --> TO`. */
export const diagram = (): string[] => diagramOf('docs/rollout.md');

/** The transitions between stages that lambda/README.md shows, as `FROM --> TO`. */
export const stageDiagram = (): string[] => diagramOf('lambda/README.md');

function diagramOf(page: string): string[] {
  const text = readFileSync(join(__dirname, '../..', page), 'utf8');
  const mermaid = /```mermaid\n(stateDiagram-v2\n[^`]*)```/.exec(text)?.[1] ?? '';
  return [...mermaid.matchAll(/^ *(\S+) --> (\S+)/gm)].map(([, from, to]) => `${from} --> ${to}`);
}

/** The transitions of a rollout that went through these phases. */
export const transitionsOf = (phases: readonly string[]): string[] =>
  ['[*]', ...phases].map((phase, index) => `${phase} --> ${phases[index] ?? '[*]'}`);
