import { Token } from 'aws-cdk-lib';

/** Daemons run on Linux only (A23). */
export function checkAbsolutePath(property: string, path: string | undefined): string | undefined {
  return path === undefined || Token.isUnresolved(path) || path.startsWith('/')
    ? undefined
    : `${property} must be an absolute path, got: ${JSON.stringify(path)}`;
}
