import type { ProviderView } from '../view';
import { html, set, svg, write } from './dom';
import { count, describe } from './words';

/** The instances of a capacity provider, each as a cell. One of them is selected, by the arrow keys or a click, and written out below. */
export interface Cells {
  readonly element: HTMLElement;
  update(provider: ProviderView): void;
}

/** Up to so many instances each have a name; up to the second number they are large squares. */
const MOST_NAMED = 60;
const MOST_LARGE = 400;

export const sizeOf = (instances: number): 'named' | 'large' | 'small' =>
  instances <= MOST_NAMED ? 'named' : instances <= MOST_LARGE ? 'large' : 'small';

/** Which cell the keys lead to, from the one at `index`. */
function target(key: string, index: number, perRow: number, last: number): number | undefined {
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: perRow, ArrowUp: -perRow }[key];
  const to = key === 'Home' ? 0 : key === 'End' ? last : step === undefined ? undefined : index + step;
  return to === undefined ? undefined : Math.min(Math.max(to, 0), last);
}

abstract class Selectable {
  protected provider!: ProviderView;
  protected ids: readonly string[] = [];
  protected index = 0;
  protected readonly output = html('p', { class: 'selected' });

  protected select(index: number): void {
    this.index = index;
    write(this.output, this.ids[index] === undefined ? 'No instances.' : describe(this.ids[index]!, this.provider));
  }

  /** The selection stays on its instance; if that is gone, it stays in its place. */
  protected receive(provider: ProviderView): void {
    const selected = this.ids[this.index];
    this.provider = provider;
    this.ids = Object.keys(provider.cells);
    const index = selected === undefined ? -1 : this.ids.indexOf(selected);
    this.select(index >= 0 ? index : Math.max(0, Math.min(this.index, this.ids.length - 1)));
  }

  protected onKey(event: KeyboardEvent, perRow: number): void {
    const to = event.ctrlKey || event.altKey || event.metaKey ? undefined : target(event.key, this.index, perRow, this.ids.length - 1);
    if (to === undefined) return;
    event.preventDefault();
    this.select(to);
  }
}

/** A button for each instance, with the end of its name and a dot for each application task. */
export class NamedCells extends Selectable implements Cells {
  private readonly list = html('ul', { class: 'cells' });
  public readonly element = html('div', {}, this.list, this.output);
  private readonly buttons = new Map<string, HTMLButtonElement>();

  constructor() {
    super();
    this.list.addEventListener('focusin', ({ target: button }) => this.select(this.ids.indexOf((button as HTMLElement).dataset.id!)));
    this.list.addEventListener('keydown', (event) => {
      const all = [...this.list.querySelectorAll('button')];
      const row = all.findIndex((button) => button.offsetTop > all[0]!.offsetTop);
      this.onKey(event, row < 0 ? all.length : row);
      all[this.index]?.focus();
    });
  }

  public update(provider: ProviderView): void {
    const hadFocus = this.list.contains(document.activeElement);
    this.receive(provider);
    set(this.list, 'aria-label', `Instances of ${provider.cluster}/${provider.name}, arrow keys move`);
    for (const [id, button] of this.buttons) {
      if (provider.cells[id] !== undefined) continue;
      button.parentElement!.remove();
      this.buttons.delete(id);
    }
    for (const id of this.ids) this.updateButton(id, provider);
    this.select(this.index);
    const selected = this.ids[this.index];
    if (hadFocus && !this.list.contains(document.activeElement) && selected !== undefined) this.buttons.get(selected)!.focus();
  }

  protected override select(index: number): void {
    super.select(index);
    for (const [id, button] of this.buttons) set(button, 'tabindex', id === this.ids[index] ? 0 : -1);
  }

  private updateButton(id: string, provider: ProviderView): void {
    let button = this.buttons.get(id);
    if (!button) {
      this.buttons.set(id, button = html('button', { type: 'button' }, html('b', {}, id.slice(-4)), html('i')));
      button.dataset.id = id;
      this.list.append(html('li', {}, button));
    }
    const [code, tasks] = provider.cells[id]!.split(' ') as [string, string];
    set(button, 'class', `cell ${code}`);
    set(button, 'aria-label', describe(id, provider));
    write(button.lastElementChild!, Number(tasks) === 0 ? '–' : Number(tasks) <= 4 ? '•'.repeat(Number(tasks)) : `${tasks} •`);
  }
}

const WIDTH = 580;

/** A square for each instance, drawn as one path for each revision and state: a thousand are as quick as one. */
export class SquareCells extends Selectable implements Cells {
  private readonly picture = svg('svg', { 'aria-hidden': 'true' });
  private readonly paths = new Map<string, SVGPathElement>();
  private readonly marker = svg('rect', { class: 'marker', rx: 2 });
  private readonly slider = html('div', { class: 'squares', role: 'slider', tabindex: 0, 'aria-valuemin': 1 }, this.picture);
  public readonly element = html('div', {}, this.slider, this.output);

  constructor(private readonly side: number, private readonly pitch: number) {
    super();
    this.picture.append(this.marker);
    this.slider.addEventListener('keydown', (event) => this.onKey(event, this.perRow));
    this.slider.addEventListener('click', ({ clientX, clientY }) => {
      const { left, top, width } = this.picture.getBoundingClientRect();
      const cell = (width / WIDTH) * this.pitch;
      const index = Math.floor((clientY - top) / cell) * this.perRow + Math.min(Math.floor((clientX - left) / cell), this.perRow - 1);
      if (index < this.ids.length) this.select(index);
    });
  }

  private get perRow(): number {
    return Math.floor((WIDTH + this.pitch - this.side) / this.pitch);
  }

  public update(provider: ProviderView): void {
    this.receive(provider);
    const shapes = new Map<string, string>();
    for (const [index, id] of this.ids.entries()) {
      const code = provider.cells[id]!.slice(0, 2);
      shapes.set(code, `${shapes.get(code) ?? ''}M${this.x(index)} ${this.y(index)}h${this.side}v${this.side}h-${this.side}z`);
    }
    for (const code of new Set([...shapes.keys(), ...this.paths.keys()])) {
      let path = this.paths.get(code);
      if (!path) this.paths.set(code, path = this.picture.insertBefore(svg('path', { class: code }), this.marker));
      set(path, 'd', shapes.get(code) ?? '');
    }
    set(this.picture, 'viewBox', `-2 -2 ${WIDTH + 4} ${Math.ceil(this.ids.length / this.perRow) * this.pitch + 4}`);
    set(this.slider, 'aria-label', `Instances of ${provider.cluster}/${provider.name}, arrow keys move`);
    set(this.slider, 'aria-valuemax', this.ids.length);
  }

  protected override select(index: number): void {
    super.select(index);
    set(this.slider, 'aria-valuenow', index + 1);
    set(this.slider, 'aria-valuetext', `${count(index + 1)} of ${count(this.ids.length)}: ${this.output.textContent}`);
    const place = { x: this.x(index) - 1, y: this.y(index) - 1, width: this.side + 2, height: this.side + 2 };
    for (const [name, value] of Object.entries(place)) set(this.marker, name, value);
  }

  private x(index: number): number {
    return (index % this.perRow) * this.pitch;
  }

  private y(index: number): number {
    return Math.floor(index / this.perRow) * this.pitch;
  }
}

export function cellsOf(instances: number): Cells {
  const size = sizeOf(instances);
  return size === 'named' ? new NamedCells() : size === 'large' ? new SquareCells(14, 18) : new SquareCells(8, 10);
}

/** The key of the cells, once for all. */
export function key(): HTMLElement {
  const entry = (code: string, words: string): HTMLElement => html('span', {}, html('em', { class: code }), words);
  return html('p', { class: 'key' }, entry('nr', 'runs the new revision'), entry('or', 'runs the old one'), entry('od', 'drains'),
    entry('ns', 'starts, daemon first'), entry('ou', 'without the daemon'), html('span', {}, '•• application tasks'));
}
