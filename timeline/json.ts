import type { Timeline } from './model';

/** A timeline as JSON, which `timeline.schema.json` describes: the same input gives the same bytes. */
export const toJson = (timeline: Timeline): string => `${JSON.stringify(timeline, undefined, 2)}\n`;

/**
 * Reads a timeline that was written as JSON.
 *
 * @throws Error if it is not JSON, or of another version
 */
export function parseTimeline(text: string): Timeline {
  const timeline = JSON.parse(text) as Partial<Timeline>;
  if (timeline.version !== 1 || !Array.isArray(timeline.rollouts)) {
    throw new Error(`the file must be a timeline of version 1, got version: ${JSON.stringify(timeline.version)}`);
  }
  return timeline as Timeline;
}
