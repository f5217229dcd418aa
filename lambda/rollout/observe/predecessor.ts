import type { ExecutionReader } from '../../execution';
import { newestAmong } from '../../execution-order';
import { hasEnded } from '../../executions';
import { parseReport } from '../../report';
import { executionNameIn, parseExecutionName } from '../../request';
import { READ_LAG_SECONDS, secondsSince } from '../../timing';

/** A deployment that is over. */
export interface EndedDeployment {
  readonly arn: string;
  /** Epoch milliseconds. */
  readonly endedAt: number;
}

/** What the request before this one has left behind that reads may not return yet (A28). */
export interface Predecessor {
  readonly deployment?: EndedDeployment;
  /** Whether it may have written tags. */
  readonly tagsMayBeOlder: boolean;
}

/** Reads the report of that request's execution. If it cannot be read, tags may be older than it, and no deployment is returned. */
export async function predecessorOf(executionArn: string, executions: ExecutionReader, now: number): Promise<Predecessor> {
  const name = executionNameIn(executionArn);
  const resource = parseExecutionName(name)?.resource;
  if (resource === undefined) return { tagsMayBeOlder: false };
  try {
    const last = newestAmong((await executions.newest()).filter((execution) => execution.name !== name), resource);
    if (!last) return { tagsMayBeOlder: false };
    if (!hasEnded(last)) return { tagsMayBeOlder: true }; // the list may not return its end yet
    const { result } = await executions.get(last.arn);
    const { rollout, endedAt } = result ? parseReport(result) : {};
    if (!rollout || endedAt === undefined) return { tagsMayBeOlder: true };
    if (secondsSince(Date.parse(endedAt), now) >= READ_LAG_SECONDS) return { tagsMayBeOlder: false };
    const deployment = rollout.deploymentStatus ? { arn: rollout.deploymentArn, endedAt: Date.parse(endedAt) } : undefined;
    return { deployment, tagsMayBeOlder: rollout.tagsWritten !== false };
  } catch {
    return { tagsMayBeOlder: true };
  }
}
