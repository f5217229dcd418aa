import type { Execution, ExecutionDetail, ExecutionReader } from '../../execution';
import { isGenuine, isNewer } from '../../execution-order';
import { hasEnded } from '../../executions';
import { parseProperties } from '../../properties';
import { parseReport } from '../../report';
import { type CloudFormationRequest, executionNameIn, parseExecutionName } from '../../request';
import type { Observation, Reads } from '../observation';

type Seen = NonNullable<Observation['execution']>;

/** The lists of Lambda are limited to 15 calls a second and account. */
const MOST_FORGED = 5;

/**
 * The newest rollout of a resource. Until the one that was found first has ended, one call is enough: who starts a newer one stops it.
 *
 * The list is asked else, whose calls are few in an account, and which may not show yet what was named to us.
 */
export async function observeExecution(
  reader: ExecutionReader, { resource, namedArn, followedArn }: NonNullable<Reads['execution']>,
): Promise<Seen> {
  const followedStatus = followedArn && await present(reader.status(followedArn));
  if (followedArn && followedStatus && !hasEnded({ status: followedStatus })) return alive(reader, followedArn, followedStatus);
  for (const forged: string[] = []; forged.length < MOST_FORGED;) {
    const own = named(namedArn, resource);
    const newest = newer(await reader.newestOf(resource, forged), own && !forged.includes(own.arn) ? own : undefined);
    const detail = newest && await present(reader.get(newest.arn));
    if (!detail) return 'gone';
    if (isGenuine(detail)) return hasEnded(detail) ? { arn: newest.arn, ...told(detail) } : alive(reader, newest.arn, detail.status);
    forged.push(newest.arn);
  }
  return 'gone';
}

async function alive(reader: ExecutionReader, arn: string, status: string): Promise<Seen> {
  if (status === 'RUNNING') return { arn, status };
  const pausedAt = await reader.pausedAt(arn).catch(() => undefined); // for people only: a wait must not fail for it
  return { arn, status, pausedSince: pausedAt === undefined ? undefined : new Date(pausedAt).toISOString() };
}

function told({ status, result, input }: ExecutionDetail): Pick<Exclude<Seen, 'gone'>, 'status' | 'report' | 'desired'> {
  return result ? { status, report: parseReport(result) } : { status, desired: desiredBy(input) };
}

/** The one that a property names, if it is of this resource. */
const named = (arn: string, resource: string): Execution | undefined =>
  parseExecutionName(executionNameIn(arn))?.resource === resource ? { arn, name: executionNameIn(arn), status: 'RUNNING', startedAt: 0 } : undefined;

const newer = (listed: Execution | undefined, other: Execution | undefined): Execution | undefined =>
  listed && other ? isNewer(other, listed) ? other : listed : listed ?? other;

/** An input without properties that we can read tells nothing. */
function desiredBy(input: string): Exclude<Seen, 'gone'>['desired'] {
  try {
    return parseProperties((JSON.parse(input) as CloudFormationRequest).ResourceProperties);
  } catch {
    return undefined;
  }
}

/** What is kept for some days only (EN31) may be gone. */
const present = <T>(answer: Promise<T>): Promise<T | undefined> => answer.catch((error: unknown) => {
  if ((error as Error).name === 'ResourceNotFoundException') return undefined;
  throw error;
});
