import type { ConsoleView, RolloutView } from '../view';
import { arrange, byId, html, Keyed, set, svg, write } from './dom';
import { timeOfDay } from './words';

/** A picture that changes is loaded again at most so often, in milliseconds. */
const PICTURE_PAUSE = 1000;

interface Entry {
  readonly element: HTMLDetailsElement;
  readonly sign: SVGUseElement;
  readonly title: HTMLElement;
  readonly where: HTMLElement;
  readonly details: HTMLElement;
  readonly dark: HTMLSourceElement;
  readonly image: HTMLImageElement;
  /** What the picture is to show, what it shows, and when it was loaded. */
  version: number;
  loaded: number;
  loadedAt: number;
  /** Whether it is open because it was the newest. */
  isOpened: boolean;
}

const noEarlier = html('p', { class: 'muted' }, 'None.');
const none = html('p', { class: 'muted' }, 'No rollout yet. Deploy an app with a daemon to this sandbox.');

const entries = new Keyed((id): Entry => {
  const sign = svg('use');
  const [title, where, details] = [html('h3'), html('span', { class: 'muted' }), html('p', { class: 'muted' })];
  const dark = html('source', { media: '(prefers-color-scheme: dark)' });
  const image = html('img', { width: 700, height: 300 });
  const report = html('a', { href: `/console/rollouts/${id}`, target: '_blank' }, 'Report of this rollout');
  report.append(html('span', { class: 'hidden' }, `: ${id}`), ', with its batches, instances, and the picture as a table');
  const heading = html('summary', {}, svg('svg', { class: 'sign', viewBox: '0 0 18 18', 'aria-hidden': 'true' }, sign), html('span', {}, title, where));
  const element = html('details', { class: 'rollout' }, heading, details, html('figure', { tabindex: 0, role: 'region', 'aria-label': `Picture of ${id}` }, html('picture', {}, dark, image)), html('p', {}, report));
  const entry: Entry = { element, sign, title, where, details, dark, image, version: 0, loaded: 0, loadedAt: 0, isOpened: false };
  element.addEventListener('toggle', () => load(entry));
  image.addEventListener('load', () => { // the attributes keep the place before
    set(image, 'width', image.naturalWidth);
    set(image, 'height', image.naturalHeight);
  });
  return entry;
});

/** Draws the rollouts: those in progress and the newest, which is open until there is a newer one, and below the clusters those before. */
export function showRollouts({ rollouts }: ConsoleView): void {
  const all = Object.entries(rollouts).reverse();
  const ids = all.map(([id]) => id);
  const [newest] = ids;
  const present = ids.filter((id) => id === newest || rollouts[id]!.isRunning);
  if (newest !== undefined && !entries.has(newest)) {
    for (const id of ids) {
      const entry = entries.of(id);
      if (entry.isOpened) entry.element.open = entry.isOpened = false;
    }
    const entry = entries.of(newest);
    entry.element.open = entry.isOpened = true;
  }
  entries.keep(ids);
  for (const id of ids) update(id, rollouts[id]!);
  const earlier = ids.filter((id) => !present.includes(id));
  // the one that a rollout is moved to comes first, so that it is never removed
  arrange(byId('earlier'), earlier.length === 0 ? [noEarlier] : earlier.map((id) => entries.of(id).element));
  arrange(byId('rollouts'), present.length === 0 ? [none] : present.map((id) => entries.of(id).element));
}

function update(id: string, { sentence, subLine, where, stack, shape, startedAt, isRunning, version }: RolloutView): void {
  const entry = entries.of(id);
  set(entry.sign, 'href', `#sign-${shape}`);
  write(entry.title, sentence);
  write(entry.where, where);
  write(entry.details, `${subLine} · stack ${stack} · since ${timeOfDay(startedAt)} UTC`);
  set(entry.element, 'class', isRunning ? 'rollout running' : 'rollout');
  set(entry.image, 'alt', `Picture of the rollout over time. ${sentence}. ${subLine}.`);
  entry.element.dataset.id = id;
  entry.version = version;
  load(entry);
}

/** Loads the picture if it is to be seen and has changed. The one before stays until the new one is there. */
function load(entry: Entry): void {
  const { element, dark, image, version, loaded, loadedAt } = entry;
  if (!element.open || version === loaded) return;
  const wait = loadedAt + PICTURE_PAUSE - performance.now();
  if (loadedAt > 0 && wait > 0) return void setTimeout(() => load(entry), wait);
  entry.loaded = version;
  entry.loadedAt = performance.now();
  const address = `/console/rollouts/${element.dataset.id}.svg?version=${version}`;
  set(dark, 'srcset', `${address}&theme=dark`);
  set(image, 'src', `${address}&theme=light`);
}
