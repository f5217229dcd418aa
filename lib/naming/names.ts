import { Names, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { shown } from '../validation/class-validation';

const longestName = 255;

/** The name that ECS gets when the user states none: derived from the stack and the construct path. */
export function nameFromPath(scope: IConstruct): string {
  return Names.uniqueResourceName(scope, { maxLength: longestName, separator: '-', allowedSpecialCharacters: '_-' });
}

/** Derives the name of a volume from a path: `/var/log/agent` becomes `var-log-agent`. */
export function nameFromHostPath(path: string): string {
  const name = Token.isUnresolved(path) ? '' : path.replace(/[^A-Za-z0-9_]+/g, '-').replace(/^-|-$/g, '').slice(0, longestName);
  return name === '' ? 'root' : name;
}

/** The one rule for names of daemons, families and containers. */
export function checkName(property: string, name: string | undefined): string | undefined {
  if (name === undefined || Token.isUnresolved(name)) {
    return undefined;
  }
  if (typeof name !== 'string') {
    return `${property} must be a string, got: ${shown(name)}`;
  }
  if (/^[A-Za-z0-9_-]{1,255}$/.test(name)) {
    return undefined;
  }
  if (name.length > longestName) {
    return `${property} must have at most ${longestName} characters, got: ${name.length} characters in ${JSON.stringify(`${name.slice(0, 40)}…`)}`;
  }
  return `${property} must have 1 to ${longestName} letters, digits, hyphens and underscores, got: ${JSON.stringify(name)}`;
}

/** Daemons run on Linux only (A23). */
export function checkAbsolutePath(property: string, path: string | undefined): string | undefined {
  return path === undefined || Token.isUnresolved(path) || path.startsWith('/')
    ? undefined
    : `${property} must be an absolute path, got: ${JSON.stringify(path)}`;
}
