import { scaleLinear } from 'd3-scale';
import { area, curveStepAfter } from 'd3-shape';
import { count } from '../duration';
import type { Moment, RevisionRole, Revisions, StateCounts } from '../model';
import { CompactPath, element, text, widthOf } from './element';
import type { Palette } from './palette';
import type { TimeScale } from './time-scale';

/** One layer of the stack: a revision in a state. */
interface Layer {
  readonly role: RevisionRole;
  readonly state: keyof StateCounts;
}

/** From bottom to top: new fills from below, and what leaves stands on top. */
const LAYERS: readonly Layer[] = [
  { role: 'new', state: 'runs' }, { role: 'mid', state: 'runs' },
  { role: 'new', state: 'uncovered' }, { role: 'mid', state: 'uncovered' }, { role: 'old', state: 'uncovered' },
  { role: 'new', state: 'starting' }, { role: 'mid', state: 'starting' }, { role: 'old', state: 'starting' },
  { role: 'old', state: 'runs' },
  { role: 'old', state: 'draining' }, { role: 'mid', state: 'draining' }, { role: 'new', state: 'draining' },
];

/** A stretch of a layer between two moments, in pixels. */
interface Step {
  readonly x: number;
  readonly end: number;
  readonly top: number;
  readonly bottom: number;
  readonly value: number;
}

/** A stretch in which a layer is not empty. */
type Stretch = readonly Step[];

export interface StackOptions {
  readonly id: string;
  readonly moments: readonly Moment[];
  readonly scale: TimeScale;
  /** Until then counts are known: the end, or now. */
  readonly until: number;
  /** The largest count that is drawn; several places share none. */
  readonly largest: number;
  readonly top: number;
  readonly bottom: number;
  readonly palette: Palette;
}

/** The instances over time, by revision and state. */
export class Stack {
  public readonly y: (instances: number) => number;
  private readonly stretches: ReadonlyMap<Layer, readonly Stretch[]>;

  constructor(private readonly options: StackOptions) {
    const { largest, top, bottom } = options;
    const scale = scaleLinear().domain([0, Math.max(1, largest)]).range([bottom, top]);
    this.y = (instances) => scale(instances);
    this.stretches = this.stretchesOfLayers();
  }

  /** The areas, each with an edge in the colour of the surface. */
  public areas(): string {
    const paths = LAYERS.flatMap((layer) => this.stretches.get(layer)!.map((stretch) => this.area(layer, stretch)));
    return element('g', {}, ...paths);
  }

  /** A fine line for each instance, so that one can count. */
  public grid(instances: number): string {
    const { scale, palette, until } = this.options;
    const lines = Array.from({ length: Math.max(0, instances - 1) }, (_, index) => `M${scale.x0} ${Math.round(this.y(index + 1) * 10) / 10}H${Math.round(scale(until))}`);
    return element('path', { d: lines.join(''), stroke: palette.surface, 'stroke-width': '.8', 'stroke-opacity': '.32', fill: 'none' });
  }

  /** Names inside areas: the old revision, one between, the reach of a new one that did not stay, and how many are without the daemon. */
  public labels(revisions: Revisions, reach: readonly string[], rule: number | undefined): string {
    const { palette } = this.options;
    const old = revisions.old === undefined ? undefined : this.place({ role: 'old', state: 'runs' }, [revisions.old], { weight: 600, rule });
    const bad = reach.length === 0 ? undefined : this.place({ role: 'new', state: 'runs' }, reach, { weight: 650, rule, isLate: true });
    const mid = revisions.mid && this.place({ role: 'mid', state: 'runs' }, [revisions.mid], { weight: 600, rule });
    const labels = [
      old && text(old.x, old.y, old.words, { size: 12, weight: 600, fill: palette.onOld, halo: palette.old }),
      mid && text(mid.x, mid.y, mid.words, { size: 12, weight: 600, fill: palette.surface, halo: palette.mid }),
      bad && text(bad.x, bad.y, bad.words, { size: 12, weight: 650, fill: palette.surface, halo: palette.new }),
      ...this.uncoveredLabels(),
    ];
    return labels.filter((label) => label !== undefined && label !== '').join('');
  }

  /** The middle of a layer at its last moment, for a label beside the stack. */
  public lastMiddle(role: RevisionRole, state: keyof StateCounts): number | undefined {
    const layer = LAYERS.find((one) => one.role === role && one.state === state)!;
    const last = this.stretches.get(layer)!.at(-1)?.at(-1);
    return last && last.end >= this.options.scale(this.options.until) - 0.05 ? (last.top + last.bottom) / 2 : undefined;
  }

  private uncoveredLabels(): string[] {
    const { palette } = this.options;
    return LAYERS.filter(({ state }) => state === 'uncovered').flatMap((layer) => this.stretches.get(layer)!.flatMap((stretch) => {
      const most = Math.max(...stretch.map(({ value }) => value));
      const [x0, x1] = [stretch[0]!.x, stretch.at(-1)!.end];
      const top = Math.max(...stretch.map((step) => step.top));
      const bottom = Math.min(...stretch.map((step) => step.bottom));
      const words = [`${count(most)} without`, count(most)].find((form) => widthOf(form, { size: 12, weight: 650 }) < x1 - x0 - 6);
      if (words === undefined || bottom - top < 14) return [];
      return [text((x0 + x1) / 2, (top + bottom) / 2 + 4, words, { size: 12, weight: 650, fill: palette.alarm, anchor: 'middle' })];
    }));
  }

  /** A place for one of some words inside a layer, clear of the rule: the longest form first, at the first band that is high. */
  private place(
    layer: Layer, forms: readonly string[],
    { weight, rule, isLate = false }: { weight: 600 | 650; rule: number | undefined; isLate?: boolean },
  ): { x: number; y: number; words: string } | undefined {
    const known = LAYERS.find(({ role, state }) => role === layer.role && state === layer.state)!;
    for (const words of forms) {
      const width = widthOf(words, { size: 12, weight }) + 12;
      const starts = (step: Step): number[] => [step.x + 2, ...(rule !== undefined && rule > step.x && rule < step.end ? [rule + 2] : [])];
      const crosses = (x: number): boolean => rule !== undefined && rule > x - 2 && rule < x + width;
      const bands = this.stretches.get(known)!.flatMap((stretch) => stretch.flatMap(starts).map((x) => this.bandFrom(stretch, x, width)));
      const clear = bands.filter((band) => band !== undefined && band.height >= LOW_BAND && !crosses(band.x));
      // one that did not stay is named where it ended
      const best = (isLate ? clear.at(-1) : clear.find((band) => band!.height >= HIGH_BAND)) ?? clear[0];
      if (best) return { x: best.x + 6, y: (best.top + best.bottom) / 2 + 4, words };
    }
    return undefined;
  }

  private bandFrom(stretch: Stretch, x: number, width: number): { x: number; top: number; bottom: number; height: number } | undefined {
    if (x + width > stretch.at(-1)!.end) return undefined;
    const under = stretch.filter((step) => step.end > x && step.x < x + width);
    const top = Math.max(...under.map((step) => step.top));
    const bottom = Math.min(...under.map((step) => step.bottom));
    return { x, top, bottom, height: bottom - top };
  }

  private area({ role, state }: Layer, stretch: Stretch): string {
    const { id, palette } = this.options;
    const path = new CompactPath();
    const points = [...stretch, { ...stretch.at(-1)!, x: stretch.at(-1)!.end }];
    area<Step>().x(({ x }) => x).y0(({ bottom }) => bottom).y1(({ top }) => top).curve(curveStepAfter).context(path as never)(points);
    const edge = { stroke: palette.surface, 'stroke-width': 1 };
    if (state === 'uncovered') return element('path', { d: String(path), fill: palette.surface, stroke: palette.alarm, 'stroke-width': 2 });
    const fill = state === 'runs' ? palette[role] : `url(#${id}-${role}-${state === 'draining' ? 'd' : 's'})`;
    return element('path', { d: String(path), fill, ...edge });
  }

  private stretchesOfLayers(): Map<Layer, Stretch[]> {
    const { moments, scale, until } = this.options;
    const shown = moments.map((moment, index) => ({ moment, x: scale(moment.at), end: scale(moments[index + 1]?.at ?? until) }));
    const open = new Map<Layer, Step[]>();
    const all = new Map<Layer, Stretch[]>(LAYERS.map((layer) => [layer, []]));
    shown.filter(({ x, end }, index) => end > x || index === shown.length - 1).forEach(({ moment, x, end }) => {
      let below = 0;
      for (const layer of LAYERS) {
        const value = moment[layer.role]?.[layer.state] ?? 0;
        const step = { x, end, bottom: this.y(below), top: this.y(below + value), value };
        below += value;
        const steps = open.get(layer);
        if (value === 0) open.delete(layer);
        else if (steps) steps.push(step);
        else {
          const begun = [step];
          open.set(layer, begun);
          all.get(layer)!.push(begun);
        }
      }
    });
    return all;
  }
}

/** How high an area must be for a label, and for one that needs not be anywhere else. */
const LOW_BAND = 16;
const HIGH_BAND = 26;

/** A zigzag through the stack where time is left out. */
export function zigzag(x: number, top: number, bottom: number, palette: Palette): string {
  const steps = Math.max(3, Math.round((bottom - top) / 8));
  const points = Array.from({ length: steps + 1 }, (_, index) => `${x + (index % 2 === 0 ? -3 : 3)} ${Math.round(top + (bottom - top) * index / steps)}`);
  const d = `M${points.join('L')}`;
  const style = { d, fill: 'none', 'stroke-linejoin': 'round' };
  return element('path', { ...style, stroke: palette.surface, 'stroke-width': 5 }) + element('path', { ...style, stroke: palette.muted, 'stroke-width': '1.2' });
}
