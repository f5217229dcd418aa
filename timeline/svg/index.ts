import type { Timeline } from '../model';
import { pictureOf, type SvgOptions } from './picture';
import { wavesPicture } from './waves';

export type { SvgOptions } from './picture';
export type { Theme } from './palette';

/** A timeline as a picture: time along the top, instances stacked by revision and state. The same input gives the same bytes. */
export function toSvg(timeline: Timeline, options: SvgOptions = {}): string {
  return timeline.rollouts.length === 1 ? pictureOf(timeline, options) : wavesPicture(timeline, options);
}
