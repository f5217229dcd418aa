import type { Sandbox } from '../../sandbox';
import { Resolver } from '../../sandbox/cloudformation/template/intrinsics';
import type { JsonObject, Template } from '../../sandbox/cloudformation/template/template';
import { DAEMON_TYPE, daemonArnOf, type Properties } from './daemon-requests';
import type { OutsideResources } from './outside-resources';
import type { PlannedStack } from './selected-stacks';

const POLL_SECONDS = 30;

/**
 * Creates the daemons of other owners that the new app adopts, on capacity providers that have no instances yet. A daemon whose cluster
 * and capacity providers are created by the app itself has no other owner.
 */
export async function createDaemonsToAdopt(sandbox: Sandbox, outside: OutsideResources, planned: readonly PlannedStack[]): Promise<void> {
  for (const properties of planned.flatMap(({ template }) => adoptingIn(template, sandbox))) {
    if (await exists(sandbox, properties)) continue;
    await outside.provide({ type: 'Create', properties });
    const daemonTaskDefinitionArn = typeof properties.DaemonTaskDefinitionArn === 'string'
      ? properties.DaemonTaskDefinitionArn : await outside.registerTaskDefinition('of-another-owner', 1);
    const { daemonArn } = await sandbox.call('ecs', 'CreateDaemon', {
      clusterArn: properties.ClusterArn,
      daemonName: properties.DaemonName,
      daemonTaskDefinitionArn,
      capacityProviderArns: properties.CapacityProviderArns,
      propagateTags: properties.PropagateTags,
      enableECSManagedTags: isTrue(properties.EnableECSManagedTags),
      enableExecuteCommand: isTrue(properties.EnableExecuteCommand),
      critical: isTrue(properties.Critical),
      tags: [{ key: 'owner', value: 'another' }],
    });
    await ended(sandbox, daemonArn);
  }
}

const exists = ({ call }: Sandbox, properties: Properties): Promise<boolean> =>
  call('ecs', 'DescribeDaemon', { daemonArn: daemonArnOf(properties) }).then(() => true, () => false);

const isTrue = (value: unknown): boolean => String(value) === 'true';

/** The properties of the daemons that adopt, as far as they can be resolved before the app is deployed. */
function adoptingIn(template: Template, { accountId, region }: Sandbox): Properties[] {
  const resolver = new Resolver({
    template,
    parameters: new Map(),
    pseudoParameters: new Map(Object.entries({ 'AWS::AccountId': accountId, 'AWS::Region': region, 'AWS::Partition': 'aws' })),
    availabilityZones: [],
    ref: unresolved, getAtt: unresolved, importValue: unresolved, stackOutput: unresolved,
  });
  return Object.values(template.Resources).flatMap(({ Type, Properties: properties = {} }) => {
    if (Type !== DAEMON_TYPE || !isTrue(properties.AdoptExisting)) return [];
    const { DaemonTaskDefinitionArn, ...others } = properties;
    const resolved = resolvedIn(resolver, others);
    return resolved ? [{ ...resolved, ...resolvedIn(resolver, { DaemonTaskDefinitionArn: DaemonTaskDefinitionArn! }) }] : [];
  });
}

const NAMES = new Set([
  'ClusterArn', 'CapacityProviderArns', 'DaemonName', 'PropagateTags', 'EnableECSManagedTags', 'EnableExecuteCommand', 'Critical',
  'DaemonTaskDefinitionArn',
]);

function resolvedIn(resolver: Resolver, properties: JsonObject): JsonObject | undefined {
  try {
    return resolver.object(Object.fromEntries(Object.entries(properties).filter(([name]) => NAMES.has(name))));
  } catch {
    return undefined; // it refers to a resource of the app
  }
}

function unresolved(): never {
  throw new Error('not known before the deployment');
}

async function ended({ call, clock }: Sandbox, daemonArn: string): Promise<void> {
  for (;;) {
    await clock.sleep(POLL_SECONDS);
    const { daemon } = await call('ecs', 'DescribeDaemon', { daemonArn });
    const { daemonDeployments } = await call('ecs', 'DescribeDaemonDeployments', { daemonDeploymentArns: [daemon.deploymentArn] });
    if (daemonDeployments[0]?.status === 'SUCCESSFUL') return;
  }
}
