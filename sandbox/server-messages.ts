import type { SandboxOptions } from './index';

/** What the command sends to the process that serves. */
export type ToServer = { readonly kind: 'start'; readonly options: SandboxOptions } | { readonly kind: 'stop' };

/** What the process that serves sends to the command. */
export type FromServer =
  | { readonly kind: 'started'; readonly endpoint: string; readonly environment: Readonly<Record<string, string>> }
  | { readonly kind: 'failed'; readonly message: string; readonly code?: string }
  | { readonly kind: 'stopped'; readonly requests: readonly object[]; readonly instanceEvents: readonly object[] };
