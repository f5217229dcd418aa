const hash = /[0-9a-f]{64}/g;

/** Masks asset hashes, so that a snapshot speaks of the template and not of the bundle's bytes. */
export const test = (value: unknown): boolean => typeof value === 'string' && new RegExp(hash).test(value);

export const print = (value: unknown): string => JSON.stringify((value as string).replace(hash, '<hash>'));
