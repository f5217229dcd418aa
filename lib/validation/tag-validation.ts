import { Token } from 'aws-cdk-lib';

/** ECS allows 50 tags on a resource. */
export const mostTags = 50;

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Tag.html */
const allowedInTags = /[\p{L}\p{Z}\p{N}_.:/=+\-@]/u;

/** Where tags belong, how many there can be, and what their keys must not begin with. */
export interface TagRules {
  /** How messages say whose tags they are, and how many there can be. */
  readonly limit: string;
  readonly mostTags: number;
  readonly reservedPrefixes: string[];
}

/** Lists what ECS would refuse in the tags of a resource, and what is reserved. */
export function checkTags(tags: Record<string, string>, rules: TagRules): string[] {
  const keys = Object.keys(tags);
  return [
    keys.length > rules.mostTags ? `${rules.limit}, got: ${keys.length}` : undefined,
    ...keys.map((key) => checkTag(key, tags[key], rules.reservedPrefixes)),
  ].filter((problem) => problem !== undefined);
}

function checkTag(key: string, value: string, reservedPrefixes: string[]): string | undefined {
  if (Token.isUnresolved(key)) {
    return undefined;
  }
  if (reservedPrefixes.some((prefix) => key.toLowerCase().startsWith(prefix))) {
    return `the key of a tag must not begin with ${reservedPrefixes.map((prefix) => JSON.stringify(prefix)).join(' or ')}`
      + `, which ${reservedPrefixes.length > 1 ? 'are' : 'is'} reserved, got: ${JSON.stringify(key)}`;
  }
  if (key.length < 1 || key.length > 128) {
    return `the key of a tag must have 1 to 128 characters, got: ${key.length} characters in ${JSON.stringify(key)}`;
  }
  const [foreign] = [key, Token.isUnresolved(value) ? '' : value].flatMap((text) => [...text].filter((character) => !allowedInTags.test(character)));
  if (foreign !== undefined) {
    return `a tag must consist of letters, digits, spaces and + - = . _ : / @, got: ${JSON.stringify(foreign)} in the tag ${JSON.stringify(key)}`;
  }
  return !Token.isUnresolved(value) && value.length > 256
    ? `the value of a tag must have at most 256 characters, got: ${value.length} characters in the value of ${JSON.stringify(key)}`
    : undefined;
}
