import type { RevisionRole } from '../model';
import { element } from './element';
import type { Palette } from './palette';

/** Revision is colour, state is pattern: draining has diagonal lines, starting has dots. Ids begin with that of the picture. */
export function patterns(id: string, roles: readonly RevisionRole[], palette: Palette): string {
  const parts = roles.flatMap((role) => {
    const colour = palette[role];
    const ground = (opacity: string): string[] => [
      element('rect', { width: 6, height: 6, fill: palette.surface }),
      element('rect', { width: 6, height: 6, fill: colour, 'fill-opacity': opacity }),
    ];
    const size = { width: 6, height: 6, patternUnits: 'userSpaceOnUse' };
    return [
      element('pattern', { id: `${id}-${role}-d`, ...size, patternTransform: 'rotate(-45)' },
        ...ground('.22'), element('rect', { width: '2.2', height: 6, fill: colour })),
      element('pattern', { id: `${id}-${role}-s`, ...size },
        ...ground('.18'), ...[1.5, 4.5].map((at) => element('circle', { cx: at, cy: at, r: '1.15', fill: colour }))),
    ];
  });
  const stripes = (name: string, step: number, width: string, colour: string, ground: string[] = []): string => element('pattern', {
    id: `${id}-${name}`, width: step, height: step, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)',
  }, ...ground, element('rect', { width, height: step, fill: colour }));
  return element('defs', {}, ...parts,
    stripes('stall', 8, '1.6', palette.warning, [element('rect', { width: 8, height: 8, fill: palette.warning, 'fill-opacity': '.16' })]),
    stripes('plan', 7, '1', palette.rule));
}
