import type { Shape, Summary, Tone } from '../verdict';
import { element } from './element';
import type { Palette } from './palette';

/** The colour of shapes and of text in a tone. */
export const toneColour = (tone: Tone, palette: Palette): string => ({
  ok: palette.ok, alarm: palette.sign, warning: palette.warning, new: palette.new, muted: palette.rule,
})[tone];

export const toneText = (tone: Tone, palette: Palette): string => ({
  ok: palette.okText, alarm: palette.alarm, warning: palette.warningText, new: palette.new, muted: palette.muted,
})[tone];

/** The sign of a verdict, 16 px wide around its middle. Each outcome has a shape of its own. */
export function sign({ shape, tone }: Pick<Summary, 'shape' | 'tone'>, x: number, y: number, scale: number, palette: Palette): string {
  return element('g', { transform: `translate(${x} ${y}) scale(${scale})` }, ...parts(shape, toneColour(tone, palette), palette.surface));
}

function parts(shape: Shape, colour: string, surface: string): string[] {
  const stroke = (d: string, of: string): string =>
    element('path', { d, fill: 'none', stroke: of, 'stroke-width': 1.8, 'stroke-linecap': 'round', 'stroke-linejoin': 'round' });
  const ring = element('circle', { r: 7, fill: 'none', stroke: colour, 'stroke-width': 2 });
  switch (shape) {
    case 'check': return [element('circle', { r: 8, fill: colour }), stroke('M-3.6.2-1.2 2.8 3.8-2.6', surface)];
    case 'equals': return [ring, stroke('M-3-1.6H3M-3 1.8H3', colour)];
    case 'back': return [
      element('rect', { x: -8, y: -8, width: 16, height: 16, rx: 3, fill: colour }),
      stroke('M-4-1H2.2a2.6 2.6 0 0 1 0 5.2H-1M-1.4-3.8-4.2-1-1.4 1.8', surface),
    ];
    case 'cross': return [element('path', { d: 'M-3.4-8.2H3.4L8.2-3.4V3.4L3.4 8.2H-3.4L-8.2 3.4V-3.4Z', fill: colour }), stroke('M-3-3 3 3M3-3-3 3', surface)];
    case 'double-arrow': return [ring, stroke('M-3-2.8-.2 0-3 2.8M.8-2.8 3.6 0 .8 2.8', colour)];
    case 'clock': return [ring, stroke('M0-4V.4H3', colour)];
    case 'warning': return [element('path', { d: 'M0-8 8.6 7H-8.6Z', fill: colour, stroke: colour, 'stroke-linejoin': 'round' }), stroke('M0-2.6V1.8M0 4.6V4.7', surface)];
  }
}
