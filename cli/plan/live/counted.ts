/** Instances of a capacity provider, and how many of them drain. */
export interface Counted {
  readonly instances: number;
  readonly draining: number;
}
