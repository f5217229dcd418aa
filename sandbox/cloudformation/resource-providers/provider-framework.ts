import { parseJsonDocument } from '../../core/json-document';
import type { Input } from '../../core/aws-service';
import type { ProviderContext } from './resource-provider';
import { isObject, type JsonObject } from '../template/template';

/** The functions of a user behind the function of the CDK's Provider framework. */
export interface UserHandlers {
  readonly onEvent: string;
  readonly isComplete?: string;
}

export interface FrameworkResult {
  readonly PhysicalResourceId: string;
  readonly Data?: JsonObject;
  readonly NoEcho?: boolean;
}

/** The user's function is not one that the sandbox can run. */
export class CannotRun extends Error {}

/** Finds the user's functions if a service token is that of the Provider framework, whose own code needs an AWS SDK to call them. */
export async function userHandlersOf(serviceToken: string, context: ProviderContext): Promise<UserHandlers | undefined> {
  const { Handler: handler, Environment: environment } = await context.call<Input>(
    'lambda', 'GetFunctionConfiguration', { FunctionName: serviceToken },
  ).catch(() => ({}) as Input);
  const { USER_ON_EVENT_FUNCTION_ARN: onEvent, USER_IS_COMPLETE_FUNCTION_ARN: isComplete } = environment?.Variables ?? {};
  return handler === 'framework.onEvent' && onEvent !== undefined ? { onEvent, isComplete } : undefined;
}

/** Does what the framework does: calls `onEvent`, then `isComplete` until it is complete. */
export async function runUserHandlers(
  { onEvent, isComplete }: UserHandlers, event: JsonObject, context: ProviderContext,
): Promise<FrameworkResult> {
  const answer = await invoke(onEvent, event, context);
  const physicalId = String(answer.PhysicalResourceId ?? event.PhysicalResourceId ?? event.RequestId);
  let result: JsonObject = { ...answer, PhysicalResourceId: physicalId };
  if (isComplete !== undefined) {
    await context.waitFor(`${context.logicalId} to be complete`, async () => {
      const { IsComplete: complete, Data: data } = await invoke(isComplete, { ...event, ...result }, context);
      if (complete !== true) return false;
      result = { ...result, Data: { ...asObject(result.Data), ...asObject(data) } };
      return true;
    });
  }
  return { PhysicalResourceId: physicalId, Data: asObject(result.Data), NoEcho: result.NoEcho === true };
}

async function invoke(functionName: string, event: JsonObject, context: ProviderContext): Promise<JsonObject> {
  const { Payload: payload, FunctionError: failed } = await context.call<Input>('lambda', 'Invoke', {
    FunctionName: functionName, Payload: JSON.stringify(event),
  });
  const answer = parseJsonDocument(Buffer.from(payload).toString());
  if (failed === undefined) return asObject(answer);
  const { errorType = 'Error', errorMessage = '' } = asObject(answer);
  const message = `${String(errorType)}: ${String(errorMessage)} (function ${functionName.split(':')[6] ?? functionName})`;
  throw errorType === 'Runtime.Unsupported' ? new CannotRun(message) : new Error(message);
}

const asObject = (value: unknown): JsonObject => (isObject(value) ? value : {});
