import type { Execution, ExecutionDetail, ExecutionReader } from './execution';
import { DROPPED, parseReport } from './report';
import { type CloudFormationRequest, dateOf, executionName, parseExecutionName } from './request';

/** The executions of the same resource as `name`. */
export const ofSameResource = (executions: readonly Execution[], name: string): Execution[] => {
  const resource = parseExecutionName(name)?.resource;
  return resource === undefined ? [] : ofResource(executions, resource);
};

/** The one with the newest request of a resource, which is the first part of its name. */
export function newestAmong(executions: readonly Execution[], resource: string): Execution | undefined {
  const [first, ...others] = ofResource(executions, resource);
  return first && others.reduce((newest, other) => isNewer(other, newest) ? other : newest, first);
}

const ofResource = (executions: readonly Execution[], resource: string): Execution[] =>
  executions.filter(({ name, startedAt }) => {
    const parts = parseExecutionName(name);
    return parts?.resource === resource && !isForged(parts.moment, startedAt);
  });

/**
 * Whether an execution carries out a request of the resource and the date that its name states, and has not dropped it.
 *
 * Whoever invokes the rollout function chooses the name, and no name that the dispatcher has not chosen speaks for a resource.
 */
export function isGenuine({ name, input, result }: ExecutionDetail): boolean {
  if (!name || !input) return true; // unknown
  try {
    if (result && parseReport(result).outcome === DROPPED) return false;
    const [stated, carried] = [name, executionName(JSON.parse(input) as CloudFormationRequest)].map(parseExecutionName);
    return stated?.resource === carried!.resource && stated.moment === carried!.moment;
  } catch {
    return false;
  }
}

/** Whether one of the executions is for a newer request than `own`. An execution that cannot be read counts. */
export async function isOutdated(own: Execution, others: readonly Execution[], reader: Pick<ExecutionReader, 'get'>): Promise<boolean> {
  for (const other of others) {
    if (isNewer(other, own) && await reader.get(other.arn).then(isGenuine, () => true)) return true;
  }
  return false;
}

/** The dispatcher drops a request that is dated more than 15 minutes ahead. Five more allow for a clock that differs from AWS's. */
const MOST_SECONDS_AHEAD = 20 * 60;

/** Whether a name is dated ahead of its start. Whoever invokes the rollout function could choose one that outdates later requests. */
function isForged(moment: string, startedAt: number): boolean {
  const issued = dateOf(moment);
  return issued !== undefined && startedAt > 0 && issued - startedAt > MOST_SECONDS_AHEAD * 1000;
}

/**
 * Whether `other` is for a newer request than `own`: by the moment of issue, and by arrival where that says nothing.
 *
 * Two deliveries that see each other agree on it (FM31), unless both came in the same millisecond.
 */
export function isNewer(other: Execution, own: Execution): boolean {
  const [a, b] = [parseExecutionName(other.name)!.moment, parseExecutionName(own.name)!.moment];
  if (a !== b) return a > b;
  return other.startedAt > own.startedAt;
}
