import { Names, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

const longestName = 255;

/** The name that ECS gets when the user states none: derived from the stack and the construct path. */
export function nameFromPath(scope: IConstruct): string {
  return Names.uniqueResourceName(scope, { maxLength: longestName, separator: '-', allowedSpecialCharacters: '_-' });
}

/** The one rule for names of daemons, families and containers. */
export function checkName(property: string, name: string | undefined): string | undefined {
  if (name === undefined || Token.isUnresolved(name) || /^[A-Za-z0-9_-]{1,255}$/.test(name)) {
    return undefined;
  }
  return `${property} must have 1 to ${longestName} letters, digits, hyphens and underscores, got: ${JSON.stringify(name)}`;
}
