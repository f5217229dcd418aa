import type { aws_ecs as ecs } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { reasonForMissing } from './unsupported-properties';
import { ValidationError } from '../validation/validation-error';

/** aws-ecs calls this on every container of an image asset, and does without it. */
const optionalCalls = ['_defaultDisableVersionConsistency'];

/**
 * What images and log drivers of aws-ecs are bound to: they are written for an `ecs.ContainerDefinition`, of which they use
 * little more than the execution role of its task definition.
 *
 * A driver that reaches for anything that a daemon does not have gets an error that says so, not an `undefined`.
 */
export function containerBindTarget(container: IConstruct, taskDefinition: IConstruct): ecs.ContainerDefinition {
  const target = refuseUnknownMembers(container, container, 'daemon container', {
    taskDefinition: refuseUnknownMembers(container, taskDefinition, 'daemon task definition'),
  });
  return target as unknown as ecs.ContainerDefinition;
}

function refuseUnknownMembers(
  scope: IConstruct, target: object, what: string, replaced: Record<string, unknown> = {},
): object {
  return new Proxy(target, {
    get(_, member) {
      if (typeof member === 'string' && member in replaced) {
        return replaced[member];
      }
      // symbols are the CDK's own bookkeeping, and absent ones are part of it
      if (typeof member === 'symbol' || member in target) {
        const value: unknown = Reflect.get(target, member);
        return typeof value === 'function' ? value.bind(target) : value;
      }
      if (optionalCalls.includes(member)) {
        return undefined;
      }
      const reason = reasonForMissing(member);
      throw new ValidationError(scope, `the image or log driver uses ${JSON.stringify(member)} of its ${what}, which has no such member`
        + (reason === undefined ? '' : `: ${reason}`));
    },
  });
}
