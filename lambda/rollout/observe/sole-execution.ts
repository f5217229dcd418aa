import type { ExecutionReader } from '../../execution';
import { isNewer, ofSameResource } from '../../execution-order';
import { executionNameIn, parseExecutionName } from '../../request';
import { LIST_LAG_SECONDS, PREDECESSOR_SECONDS, secondsSince } from '../../timing';

/** What is known of the executions of our own function. */
interface Surroundings {
  readonly executions: ExecutionReader;
  readonly now: () => number;
}

/**
 * Since when no older rollout of the same resource runs. It throws while one does, or may.
 *
 * CloudFormation cuts requests short and goes on at once (E9), while the front desk stops what they have begun only when it comes to
 * it, if need be at a later delivery (FM9).
 */
export async function aloneSince(executionArn: string, startedAt: number, { executions, now }: Surroundings): Promise<number> {
  const name = executionNameIn(executionArn);
  if (!parseExecutionName(name) || secondsSince(startedAt, now()) >= PREDECESSOR_SECONDS) return now();
  const running = ofSameResource(await executions.alive(), name);
  const own = running.find((execution) => execution.name === name);
  // the list shows what was started before us when it shows us
  if (!own && secondsSince(startedAt, now()) < LIST_LAG_SECONDS) throw new Error('this rollout is not listed yet');
  const older = running.find((execution) => execution.name !== name && !(own && isNewer(execution, own)));
  if (older) throw new Error(`the rollout ${older.name} of an older request still runs`);
  return now();
}
