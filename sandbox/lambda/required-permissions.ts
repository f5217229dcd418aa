import type { Input, Permission } from '../core/aws-service';
import { arnOf, type World } from '../core/world';
import { parseFunctionReference } from './functions/function-reference';

const ON_EXECUTION = new Set([
  'CheckpointDurableExecution', 'GetDurableExecutionState', 'GetDurableExecution', 'GetDurableExecutionHistory', 'StopDurableExecution',
  'PauseDurableExecution', 'ResumeDurableExecution',
]);
const ON_QUALIFIED_FUNCTION = new Set(['Invoke', 'GetFunction', 'GetFunctionConfiguration']);
const ON_RESOURCE = new Set(['TagResource', 'UntagResource', 'ListTags']);

/** The permission that an operation needs. */
export function permissionsFor(world: World, operation: string, input: Input): Permission[] {
  const action = operation === 'Invoke' ? 'lambda:InvokeFunction' : `lambda:${operation}`;
  if (ON_EXECUTION.has(operation)) return [{ action, resources: [input.DurableExecutionArn] }];
  if (ON_RESOURCE.has(operation)) return [{ action, resources: [input.Resource] }];
  if (input.FunctionName === undefined) return [{ action, resources: ['*'] }];
  const { name, qualifier } = parseFunctionReference(input);
  const suffix = qualifier !== undefined && ON_QUALIFIED_FUNCTION.has(operation) ? `:${qualifier}` : '';
  return [{ action, resources: [arnOf(world, 'lambda', `function:${name}${suffix}`)] }];
}
