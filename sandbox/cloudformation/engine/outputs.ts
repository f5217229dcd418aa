import { AwsError } from '../../core/aws-error';
import type { Resolver } from '../template/intrinsics';
import { exportsOf } from './scope';
import type { Stack, StackOutput, StackRevision } from './stack';
import { isObject, type Json } from '../template/template';

export function resolveOutputs(revision: StackRevision, resolver: Resolver): StackOutput[] {
  return Object.entries(revision.template.Outputs ?? {})
    .filter(([, output]) => output.Condition === undefined || resolver.condition(output.Condition))
    .map(([key, output]) => ({
      key,
      value: asText(resolver.value(output.Value)),
      description: output.Description,
      exportName: output.Export && asText(resolver.value(output.Export.Name)),
    }));
}

/** An export has one owner, and while another stack uses it, it can neither change nor go. */
export function checkExports(stack: Stack, outputs: readonly StackOutput[], stacks: readonly Stack[]): void {
  const others = stacks.filter((other) => other !== stack);
  for (const { exportName } of outputs) {
    const owner = exportsOf(others).find(({ name }) => name === exportName);
    if (exportName !== undefined && owner) throw refusal(`Export with name ${exportName} is already exported by stack ${owner.stack.name}.`);
  }
  for (const { exportName, value } of stack.outputs) {
    const user = exportName === undefined ? undefined : others.find((other) => other.imports.has(exportName));
    if (!user) continue;
    const next = outputs.find((output) => output.exportName === exportName);
    if (!next) throw refusal(`Cannot delete export ${exportName} as it is in use by ${user.name}.`);
    if (next.value !== value) throw refusal(`Cannot update export ${exportName} as it is in use by ${user.name}.`);
  }
}

const refusal = (message: string): AwsError => new AwsError('ValidationError', message);

const asText = (value: Json): string => (isObject(value) || Array.isArray(value) ? JSON.stringify(value) : String(value));
