import { AwsError } from '../../core/aws-error';
import type { Input } from '../../core/aws-service';

/** An operation of a durable execution, with the names of the API. */
export interface DurableOperation {
  readonly Id: string;
  readonly Type: 'EXECUTION' | 'STEP' | 'WAIT' | 'CONTEXT';
  readonly SubType?: string;
  readonly Name?: string;
  readonly ParentId?: string;
  readonly Status: 'STARTED' | 'PENDING' | 'READY' | 'SUCCEEDED' | 'FAILED';
  readonly StartTimestamp: Date;
  readonly EndTimestamp?: Date;
  readonly ExecutionDetails?: { readonly InputPayload: string };
  readonly StepDetails?: {
    readonly Attempt: number;
    readonly NextAttemptTimestamp?: Date;
    readonly Result?: string;
    readonly Error?: Input;
  };
  readonly WaitDetails?: { readonly ScheduledEndTimestamp: Date };
  readonly ContextDetails?: { readonly ReplayChildren?: boolean; readonly Result?: string; readonly Error?: Input };
}

const LONGEST_DELAY_SECONDS = 31_622_400;
const PAYLOAD_LIMIT_BYTES = 1024 * 1024;

/** The states from which each action of a step or context may start; `none` is an operation that does not exist yet. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'STEP START': ['none', 'READY'],
  'STEP RETRY': ['none', 'STARTED', 'READY'],
  'STEP SUCCEED': ['none', 'STARTED', 'READY'],
  'STEP FAIL': ['none', 'STARTED', 'READY'],
  'WAIT START': ['none'],
  'CONTEXT START': ['none'],
  'CONTEXT SUCCEED': ['none', 'STARTED'],
  'CONTEXT FAIL': ['none', 'STARTED'],
};

/** Refuses a list of updates that the service refuses; nothing has been applied by then. */
export function checkUpdates(updates: readonly Input[], operations: ReadonlyMap<string, DurableOperation>): void {
  const statuses = new Map<string, string>();
  const contexts = new Set([...operations.values()].filter(({ Type }) => Type === 'CONTEXT').map(({ Id }) => Id));
  for (const update of updates) {
    checkShape(update);
    const { Id, Type, Action, ParentId } = update;
    const status = statuses.get(Id) ?? operations.get(Id)?.Status ?? 'none';
    const allowed = ALLOWED[`${Type} ${Action}`];
    if (!allowed) throw invalid('Invalid action for the given operation type.');
    if (!allowed.includes(status)) throw invalid(`Invalid current ${Type} state to ${Action.toLowerCase()}.`);
    if (statuses.has(Id) && !(statuses.get(Id) === 'STARTED' && Action !== 'START')) {
      throw invalid('Cannot update the same operation twice in a single request.');
    }
    if (ParentId !== undefined && !contexts.has(ParentId)) throw invalid('Invalid parent operation id.');
    if (Type === 'CONTEXT') contexts.add(Id);
    statuses.set(Id, Action === 'START' ? 'STARTED' : 'CLOSED');
  }
}

function checkShape({ Id, Type, Name, SubType, Payload, Action, StepOptions, WaitOptions }: Input): void {
  if (!/^[a-zA-Z0-9_-]{1,64}$/.test(Id ?? '')) throw invalid('Operation update must have an Id of 1 to 64 letters, digits, - and _.');
  if (!['STEP', 'WAIT', 'CONTEXT'].includes(Type)) throw invalid(`The sandbox does not support operations of type ${Type}.`);
  if (Name !== undefined && !/^[\x20-\x7e]{1,256}$/.test(Name)) throw invalid(`Invalid operation name: ${Name}`);
  if (SubType !== undefined && !/^[a-zA-Z-_]{1,32}$/.test(SubType)) throw invalid(`Invalid operation subtype: ${SubType}`);
  if (Buffer.byteLength(Payload ?? '') > PAYLOAD_LIMIT_BYTES) throw invalid(`Operation payload size must be at most ${PAYLOAD_LIMIT_BYTES} bytes.`);
  if (Type === 'STEP' && Action === 'RETRY') checkDelay('NextAttemptDelaySeconds', StepOptions?.NextAttemptDelaySeconds);
  if (Type === 'WAIT' && Action === 'START') checkDelay('WaitSeconds', WaitOptions?.WaitSeconds);
}

/** The API's model requires an integer: a fraction fails to parse. */
function checkDelay(field: string, seconds: unknown): void {
  if (typeof seconds !== 'number' || !Number.isInteger(seconds)) {
    throw new AwsError('SerializationException', `${String(seconds)} can not be converted to an Integer (${field})`);
  }
  if (seconds < 1 || seconds > LONGEST_DELAY_SECONDS) {
    throw invalid(`Value '${seconds}' at '${field}' failed to satisfy constraint: Member must be between 1 and ${LONGEST_DELAY_SECONDS}`);
  }
}

/** The operation after an update, by the state table in docs/aws-behaviour.md. */
export function applyUpdate(update: Input, before: DurableOperation | undefined, now: Date): DurableOperation {
  const { Id, Type, SubType, Name, ParentId, Action } = update;
  const base = before ?? { Id, Type, SubType, Name, ParentId, Status: 'STARTED', StartTimestamp: now };
  const status = Action === 'SUCCEED' ? 'SUCCEEDED' : Action === 'FAIL' ? 'FAILED' : 'STARTED';
  const ended = status === 'STARTED' ? {} : { EndTimestamp: now };
  if (Type === 'WAIT') {
    return { ...base, Status: 'STARTED', WaitDetails: { ScheduledEndTimestamp: later(now, update.WaitOptions.WaitSeconds) } };
  }
  const result = {
    ...(update.Payload !== undefined && { Result: update.Payload as string }),
    ...(update.Error !== undefined && { Error: update.Error as Input }),
  };
  if (Type === 'CONTEXT') {
    const { ReplayChildren } = update.ContextOptions ?? {};
    const details = { ...(ReplayChildren !== undefined && { ReplayChildren: Boolean(ReplayChildren) }), ...result };
    return { ...base, ...ended, Status: status, ...(status !== 'STARTED' && { ContextDetails: details }) };
  }
  if (Action === 'START') return { ...base, Status: 'STARTED' };
  const attempt = (before?.StepDetails?.Attempt ?? 0) + 1;
  if (Action === 'RETRY') {
    const NextAttemptTimestamp = later(now, update.StepOptions.NextAttemptDelaySeconds);
    return { ...base, Status: 'PENDING', StepDetails: { Attempt: attempt, NextAttemptTimestamp, ...result } };
  }
  return { ...base, ...ended, Status: status, StepDetails: { Attempt: attempt, ...result } };
}

const later = (now: Date, seconds: number): Date => new Date(now.getTime() + seconds * 1000);

const invalid = (message: string): AwsError => new AwsError('InvalidParameterValueException', message);
