/** SVG as text: the same calls give the same bytes. */

type Value = string | number | undefined;

/** An element; attributes are written in the given order, numbers with at most one decimal, and absent ones not at all. */
export function element(name: string, attributes: Readonly<Record<string, Value>>, ...children: string[]): string {
  const written = Object.entries(attributes).filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? round(value) : escape(value!)}"`).join('');
  return children.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${children.join('')}</${name}>`;
}

/** At most one decimal, and no leading zero. */
export const round = (value: number): string => String(Math.round(value * 10) / 10).replace(/^(-?)0\./, '$1.');

/** Names and reasons come from templates: text for an element or a quoted attribute, without characters that XML forbids. */
export function escape(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, ' ')
    .replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}

export interface TextStyle {
  readonly size?: 11 | 12 | 16;
  readonly weight?: 400 | 600 | 650;
  readonly fill: string;
  readonly anchor?: 'start' | 'middle' | 'end';
  /** The colour below, for a label over an area. */
  readonly halo?: string;
}

export function text(x: number, y: number, words: string, { size = 11, weight = 400, fill, anchor = 'start', halo }: TextStyle): string {
  return element('text', {
    x, y, 'font-size': size, fill,
    'text-anchor': anchor === 'start' ? undefined : anchor,
    'font-weight': weight === 400 ? undefined : weight,
    'paint-order': halo === undefined ? undefined : 'stroke',
    stroke: halo, 'stroke-width': halo === undefined ? undefined : 3, 'stroke-linejoin': halo === undefined ? undefined : 'round',
  }, escape(words));
}

/** Widths of characters in em, in the widest common font, DejaVu Sans; all others are as wide as a capital. */
const WIDTHS: readonly (readonly [RegExp, number])[] = [
  [/[ .,:;'|!ijlI]/, 0.32], [/[-()[\]/frt]/, 0.42], [/[mwMW%@→▲]/, 0.98], [/[\da-z_·]/, 0.64],
];
const CAPITAL = 0.73;
const BOLD = 1.09;

/** An estimate, which is too wide rather than too narrow: text is never measured. */
export function widthOf(words: string, { size = 11, weight = 400 }: Pick<TextStyle, 'size' | 'weight'> = {}): number {
  const em = [...words].reduce((sum, character) => sum + (WIDTHS.find(([characters]) => characters.test(character))?.[1] ?? CAPITAL), 0);
  return em * size * (weight === 400 ? 1 : BOLD);
}

/** The first of some forms that fits. */
export const fitting = (
  forms: readonly (string | undefined)[], width: number, style: Pick<TextStyle, 'size' | 'weight'> = {},
): string | undefined => forms.find((form) => form !== undefined && widthOf(form, style) <= width);

export const line = (x1: number, y1: number, x2: number, y2: number, stroke: string, more: Readonly<Record<string, Value>> = {}): string =>
  element('line', { x1, x2, y1, y2, stroke, ...more });

type More = Readonly<Record<string, Value>>;

export const rect = (x: number, y: number, width: number, height: number, fill: string, more: More = {}): string =>
  element('rect', { x, y, width: Math.max(0, width), height, fill, ...more });

/** Receives the calls of d3-shape, and writes horizontal and vertical lines in their short form. */
export class CompactPath {
  private written = '';
  private x = 0;
  private y = 0;

  public moveTo(x: number, y: number): void {
    [this.x, this.y] = [tenths(x), tenths(y)];
    this.written += `M${short(this.x)},${short(this.y)}`;
  }

  public lineTo(x: number, y: number): void {
    const [dx, dy] = [tenths(x) - this.x, tenths(y) - this.y];
    if (dx !== 0 && dy !== 0) this.written += `L${short(tenths(x))},${short(tenths(y))}`;
    else if (dx !== 0) this.written += `h${short(dx)}`;
    else if (dy !== 0) this.written += `v${short(dy)}`;
    [this.x, this.y] = [tenths(x), tenths(y)];
  }

  public closePath(): void {
    this.written += 'Z';
  }

  public toString(): string {
    return this.written;
  }
}

/** Whole numbers of tenths: sums of them do not drift. */
const tenths = (value: number): number => Math.round(value * 10);
const short = (value: number): string => round(value / 10);
