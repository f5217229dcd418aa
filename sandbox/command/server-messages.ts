import type { SandboxOptions } from '../index';

export type OutputLevel = 'quiet' | 'normal' | 'verbose';

/** Some lines of a log, in the order of the log. */
export interface LogLines {
  readonly log: 'requests' | 'instanceEvents';
  readonly lines: string;
}

/** What the command sends to the process that serves. */
export type ToServer =
  | { readonly kind: 'start'; readonly options: SandboxOptions; readonly output: OutputLevel }
  | { readonly kind: 'stop'; readonly withLogs: boolean };

/** What the process that serves sends to the command. */
export type FromServer =
  | { readonly kind: 'started'; readonly endpoint: string; readonly environment: Readonly<Record<string, string>> }
  | { readonly kind: 'failed'; readonly message: string; readonly code?: string }
  | ({ readonly kind: 'logged' } & LogLines)
  | { readonly kind: 'stopped' };
