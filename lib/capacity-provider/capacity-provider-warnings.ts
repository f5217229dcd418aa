import { Annotations, Stack, type aws_ecs as ecs } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { providerOfApp } from './auto-scaling-providers';
import type { DaemonCapacityProvider } from './daemon-capacity-provider';

interface RenderedProvider {
  readonly Properties?: { readonly ManagedInstancesProvider?: { readonly AutoRepairConfiguration?: { readonly ActionsStatus?: unknown } } };
}

/** Annotates a critical daemon on a capacity provider of this app whose impaired instances ECS does not replace (R60). */
export function warnOfDisabledAutoRepair(daemon: IConstruct, { capacityProviderArn, _label: label }: DaemonCapacityProvider): void {
  const provider = providerOfApp(daemon, capacityProviderArn);
  if (provider !== undefined && autoRepairOf(provider) === 'DISABLED') {
    Annotations.of(daemon).addWarningV2(
      'cdk-ecs-managed-daemons:autoRepairDisabled',
      `the daemon is critical, but auto repair of the capacity provider ${JSON.stringify(label)} is DISABLED: ECS replaces no instance on which the`
      + ' daemon fails; enable autoRepairConfiguration, or set critical to false',
    );
  }
}

/** As rendered: the L2 construct has no such property, so that users override the template. */
function autoRepairOf(provider: ecs.CfnCapacityProvider): unknown {
  const template = Stack.of(provider).resolve(provider._toCloudFormation()) as { Resources: Record<string, RenderedProvider> };
  return Object.values(template.Resources)[0]?.Properties?.ManagedInstancesProvider?.AutoRepairConfiguration?.ActionsStatus;
}
