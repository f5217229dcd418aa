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

/**
 * The deployment that the request before this one has seen to its end, by the report of its execution: a read that returns it in progress
 * is older (A28). Undefined if there is none, if reads must show its end by now, or if nobody knows.
 */
export async function endedBefore(executionArn: string, executions: ExecutionReader, now: number): Promise<EndedDeployment | undefined> {
  const name = executionNameIn(executionArn);
  const resource = parseExecutionName(name)?.resource;
  if (resource === undefined) return undefined;
  try {
    const older = (await executions.newest()).filter((execution) => execution.name !== name && hasEnded(execution));
    const last = newestAmong(older, resource);
    const { result } = last ? await executions.get(last.arn) : {};
    const { rollout, endedAt } = result ? parseReport(result) : {};
    if (!rollout?.deploymentStatus || endedAt === undefined) return undefined;
    const ended = { arn: rollout.deploymentArn, endedAt: Date.parse(endedAt) };
    return secondsSince(ended.endedAt, now) < READ_LAG_SECONDS ? ended : undefined;
  } catch {
    return undefined;
  }
}
