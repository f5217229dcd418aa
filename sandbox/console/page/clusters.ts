import type { ConsoleView, ProviderView } from '../view';
import { cellsOf, key, sizeOf, type Cells } from './cells';
import { arrange, byId, html, Keyed, write } from './dom';
import { countsOf, count } from './words';

interface Entry {
  readonly element: HTMLElement;
  readonly daemon: HTMLElement;
  readonly counts: HTMLElement;
  cells?: Cells;
  size?: ReturnType<typeof sizeOf>;
  /** What it shows. */
  shown?: string;
}

const legend = key();
const none = html('p', { class: 'muted' }, 'No capacity provider of Managed Instances yet. Deploy an app, or start the sandbox with --fleet.');

const entries = new Keyed((name): Entry => {
  const daemon = html('span', { class: 'muted' });
  const counts = html('p', { class: 'counts' });
  const element = html('section', { class: 'provider', 'aria-label': name }, html('h3', {}, `${name.replace('/', ' / ')} `, daemon), counts);
  return { element, daemon, counts };
});

/** Draws the capacity providers that have changed. */
export function showClusters({ providers }: ConsoleView): void {
  const names = Object.keys(providers);
  entries.keep(names);
  for (const name of names) update(entries.of(name), providers[name]!);
  arrange(byId('clusters'), names.length === 0 ? [none] : [legend, ...names.map((name) => entries.of(name).element)]);
}

function update(entry: Entry, provider: ProviderView): void {
  const shown = JSON.stringify(provider);
  if (shown === entry.shown) return;
  entry.shown = shown;
  write(entry.daemon, provider.daemon ?? '');
  const counts = countsOf(provider);
  entry.counts.replaceChildren(...counts.flatMap(([number, words], index) => [index === 0 ? '' : ' · ', html('b', {}, count(number)), ` ${words}`]));
  if (counts.length === 0) write(entry.counts, 'no instances');
  const instances = Object.keys(provider.cells).length;
  // a fleet that has more instances while it drains keeps its cells
  const isKept = entry.size !== undefined && instances > 0 && sizeOf(Math.ceil(instances / 2)) === entry.size;
  const size = isKept ? entry.size : sizeOf(instances);
  if (size !== entry.size) {
    entry.cells?.element.remove();
    entry.cells = cellsOf(instances);
    entry.size = size;
    entry.element.append(entry.cells.element);
  }
  entry.cells!.update(provider);
}
