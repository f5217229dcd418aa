import type { SandboxOptions } from '../index';

export type OutputLevel = 'quiet' | 'normal' | 'verbose';

/** Some lines of a log, in the order of the log. */
export interface LogLines {
  readonly log: 'requests' | 'instanceEvents';
  readonly lines: string;
}

/** A message from the command to the server process. */
export type ToServer =
  | { readonly kind: 'start'; readonly options: SandboxOptions; readonly output: OutputLevel }
  | { readonly kind: 'stop'; readonly withLogs: boolean };

/** A message from the server process to the command. */
export type FromServer =
  | {
    readonly kind: 'started'; readonly endpoint: string; readonly environment: Readonly<Record<string, string>>;
    /** It has the key of the console. */
    readonly consoleAddress: string;
  }
  | { readonly kind: 'failed'; readonly message: string; readonly code?: string }
  | ({ readonly kind: 'logged' } & LogLines)
  | { readonly kind: 'stopped' };
