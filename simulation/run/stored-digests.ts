import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../world/digest';

const FILE = join(__dirname, 'digests.txt');
const PARTS: readonly (keyof Digest)[] = ['all', 'withoutWords', 'effects'];

/** Returns the digests of seeds 1 to 2,000 as the last `--digest --update` has stored them. */
export function storedDigests(): Map<number, Digest> {
  const lines = readFileSync(FILE, 'utf8').split('\n').filter((line) => line !== '');
  return new Map(lines.map((line) => {
    const [seed, all, withoutWords, effects] = line.split(' ') as [string, string, string, string];
    return [Number(seed), { all, withoutWords, effects }];
  }));
}

export function storeDigests(digests: ReadonlyMap<number, Digest>): void {
  const lines = [...digests].sort(([one], [other]) => one - other).map(([seed, digest]) => [seed, ...PARTS.map((part) => digest[part])].join(' '));
  writeFileSync(FILE, `${lines.join('\n')}\n`);
}

/** For each part of a digest, the seeds in which it differs from what is stored. */
export function changedSeeds(stored: ReadonlyMap<number, Digest>, digests: ReadonlyMap<number, Digest>): Record<keyof Digest, number[]> {
  const changed = (part: keyof Digest): number[] =>
    [...digests.keys()].filter((seed) => stored.get(seed)?.[part] !== digests.get(seed)![part]).sort((one, other) => one - other);
  return { all: changed('all'), withoutWords: changed('withoutWords'), effects: changed('effects') };
}
