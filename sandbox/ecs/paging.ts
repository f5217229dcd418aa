import type { Input } from '../core/aws-service';
import type { World } from '../core/world';
import { invalidParameter } from './errors';

/** A request for a list, whose pages are no longer than the sandbox's longest (A38). */
export const paged = (input: Input, { longestPage }: World): Input =>
  (longestPage === undefined ? input : { ...input, maxResults: Math.min(longestPage, input.maxResults ?? longestPage) });

/**
 * One page of a list, and the token of the next one; no list operation of daemons has a paginator (R14).
 *
 * What a read does not return is undefined in the list, and keeps its place: another page may be read at another age. The token counts from
 * the end of the list that does not grow.
 */
export function pageOf<T>(
  items: readonly (T | undefined)[], input: Input, defaultSize: number, order: 'grows-at-end' | 'grows-at-start' = 'grows-at-end',
): { page: T[]; nextToken?: string } {
  const size = input.maxResults ?? defaultSize;
  if (!Number.isInteger(size) || size < 1 || size > 100) throw invalidParameter('maxResults must be between 1 and 100.');
  const fromFixedEnd = (place: number): number => order === 'grows-at-start' ? items.length - place : place;
  const start = input.nextToken === undefined ? 0 : fromFixedEnd(Number(Buffer.from(String(input.nextToken), 'base64').toString()));
  if (!Number.isInteger(start) || start < 0) throw invalidParameter('Invalid token.');
  const page: T[] = [];
  let end = start;
  for (; end < items.length && page.length < size; end++) if (items[end] !== undefined) page.push(items[end]!);
  const hasMore = items.slice(end).some((item) => item !== undefined);
  return { page, ...(hasMore && { nextToken: Buffer.from(String(fromFixedEnd(end))).toString('base64') }) };
}
