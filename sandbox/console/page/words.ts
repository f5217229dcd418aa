import { parseCell, type Cell, type ProviderView } from '../view';

export const timeOfDay = (at: number): string => new Date(at).toISOString().slice(11, 19);

export const count = (number: number): string => number.toLocaleString('en-US');

export const counted = (number: number, noun: string): string => `${count(number)} ${noun}${number === 1 ? '' : 's'}`;

const ROLES = { n: 'new', m: 'mid', o: 'old' } as const;

function revisionOf([role]: Cell, { revisions }: ProviderView): string {
  return role === '-' ? '' : revisions[ROLES[role]] ?? `the ${ROLES[role]} revision`;
}

function stateInWords(cell: Cell, provider: ProviderView): string {
  const [role, state] = cell;
  const revision = revisionOf(cell, provider);
  if (role === '-') return { r: 'runs no daemon', u: 'runs no daemon', s: 'starts', d: 'drains' }[state];
  return { r: `runs ${revision}`, u: 'without the daemon', s: `starts with ${revision}`, d: `drains ${revision}` }[state];
}

/** What an instance does, in one line. */
export function describe(id: string, provider: ProviderView): string {
  const cell = parseCell(provider.cells[id]!);
  const [, , tasks, since] = cell;
  return `${id.slice(-4)}: ${stateInWords(cell, provider)}, ${counted(tasks, 'application task')}, since ${timeOfDay(since)}, ${id}`;
}

/** How many instances do what, in the order in which a rollout goes. */
export function countsOf(provider: ProviderView): (readonly [number: number, words: string])[] {
  const cells = Object.values(provider.cells).map(parseCell);
  const runs = (['n', 'm', 'o'] as const).map((role): [number, string] => {
    const those = cells.filter(([ofRole, state]) => ofRole === role && state === 'r');
    return [those.length, those[0] ? `run ${revisionOf(those[0], provider)}` : ''];
  });
  const inState = (words: string, matches: (cell: Cell) => boolean): [number, string] => [cells.filter(matches).length, words];
  const all = [
    ...runs,
    inState('run no daemon', ([role, state]) => role === '-' && state === 'r'),
    inState('start', ([, state]) => state === 's'),
    inState('drain', ([, state]) => state === 'd'),
    inState('without the daemon', ([, state]) => state === 'u'),
  ];
  return all.filter(([number]) => number > 0);
}
