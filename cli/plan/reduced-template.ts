import { definedDependencies, dependenciesIn } from '../../sandbox/cloudformation/template/references';
import type { Template } from '../../sandbox/cloudformation/template/template';

/** The types on which daemons and their instances depend. */
const NEEDED_TYPES = new Set([
  'AWS::ECS::Cluster', 'AWS::ECS::ClusterCapacityProviderAssociations', 'AWS::ECS::CapacityProvider', 'AWS::ECS::Service', 'AWS::ECS::Daemon',
  'AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm', 'AWS::CloudFormation::Stack',
]);

/**
 * The part of a stack without daemons that other stacks need: clusters, capacity providers, services, alarms, the outputs that `isUsed`,
 * and what they refer to. Undefined if nothing is needed.
 */
export function reducedTemplate(template: Template, isUsed: (exportName: string) => boolean): Template | undefined {
  const outputs = Object.entries(template.Outputs ?? {}).filter(([key, { Export }]) => isUsed(key) || (typeof Export?.Name === 'string' && isUsed(Export.Name)));
  const kept = new Set<string>();
  const keep = (logicalId: string): void => {
    if (kept.has(logicalId) || !Object.hasOwn(template.Resources, logicalId)) return;
    kept.add(logicalId);
    definedDependencies(template, logicalId).forEach(keep);
  };
  for (const [logicalId, { Type }] of Object.entries(template.Resources)) if (NEEDED_TYPES.has(Type)) keep(logicalId);
  for (const [, output] of outputs) for (const name of dependenciesIn(output.Value)) keep(name);
  if (kept.size === 0 && outputs.length === 0) return undefined;
  const resources = Object.entries(template.Resources).filter(([logicalId]) => kept.has(logicalId));
  return {
    ...template,
    // a template needs a resource
    Resources: resources.length > 0 ? Object.fromEntries(resources) : { Nothing: { Type: 'AWS::CloudFormation::WaitConditionHandle' } },
    Outputs: Object.fromEntries(outputs),
  };
}
