/**
 * Why a read is not believed yet, or is taken for something else than it says: reads of ECS may be older than what was written.
 *
 * Each rule is one row. `npm run simulate -- --without NAME` plays the seeds without it.
 */
export interface ConsistencyRule<Read> {
  /** The rows of docs/aws-behaviour.md, docs/assumptions.md and docs/failure-modes.md that it rests on. */
  readonly ids: readonly string[];
  /** What goes wrong without it. */
  readonly reason: string;
  applies(read: Read): boolean;
}

export type ConsistencyRules<Read> = Readonly<Record<string, ConsistencyRule<Read>>>;
