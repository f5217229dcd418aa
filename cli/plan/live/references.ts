import { Resolver } from '../../../sandbox/cloudformation/template/intrinsics';
import type { Json, Template } from '../../../sandbox/cloudformation/template/template';
import { DAEMON_TYPE } from '../daemon-requests';
import type { LiveStack } from './deployed-app';

/** What the daemons of a template refer to, as far as it can be resolved before the deployment. */
export interface DaemonReferences {
  readonly daemonArn?: string;
  readonly clusterArn?: string;
  readonly capacityProviderArns: readonly string[];
  readonly alarmNames: readonly string[];
}

export interface AccountScope {
  readonly account: string;
  readonly region: string;
  readonly exports: Readonly<Record<string, string>>;
}

/** Resolves a template with the resources of the stack that is deployed. */
export function referencesIn(template: Template, stack: LiveStack | undefined, scope: AccountScope): DaemonReferences[] {
  const resolver = resolverOf(template, stack, scope);
  const text = (value: Json | undefined): string | undefined => {
    const resolved = value === undefined ? undefined : attempt(() => resolver.value(value));
    return typeof resolved === 'string' ? resolved : undefined;
  };
  const texts = (value: Json | undefined): string[] => (Array.isArray(value) ? value : []).flatMap((entry) => text(entry) ?? []);
  return Object.values(template.Resources).filter(({ Type }) => Type === DAEMON_TYPE).map(({ Properties: properties = {} }) => {
    const [clusterArn, name] = [text(properties.ClusterArn), text(properties.DaemonName)];
    return {
      clusterArn,
      daemonArn: clusterArn === undefined || name === undefined ? undefined : `${clusterArn.replace(':cluster/', ':daemon/')}/${name}`,
      capacityProviderArns: texts(properties.CapacityProviderArns),
      alarmNames: texts(properties.AlarmNames),
    };
  });
}

function resolverOf(template: Template, stack: LiveStack | undefined, { account, region, exports }: AccountScope): Resolver {
  const resource = (logicalId: string): { type: string; physicalId: string } => stack?.resources.get(logicalId) ?? unresolved();
  return new Resolver({
    template,
    parameters: new Map(Object.entries(template.Parameters ?? {}).map(([key, { Default }]) => [key, Default ?? '']).concat(
      (stack?.parameters ?? []).map(({ key, value, resolved = value }) => [key, resolved])) as [string, Json][]),
    pseudoParameters: new Map(Object.entries({
      'AWS::AccountId': account, 'AWS::Region': region, 'AWS::Partition': partitionOf(region), 'AWS::StackName': stack?.name ?? '', 'AWS::StackId': stack?.id ?? '',
    })),
    availabilityZones: [],
    ref: (logicalId) => resource(logicalId).physicalId,
    getAtt: (logicalId, attribute) => {
      const { type, physicalId } = resource(logicalId);
      if (type === 'AWS::ECS::Cluster' && attribute === 'Arn') return `arn:${partitionOf(region)}:ecs:${region}:${account}:cluster/${physicalId}`;
      return attribute.endsWith('Arn') && physicalId.startsWith('arn:') ? physicalId : unresolved();
    },
    importValue: (name) => exports[name] ?? unresolved(),
    stackOutput: unresolved,
  });
}

export const partitionOf = (region: string): string => (region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws');

function unresolved(): never {
  throw new Error('it is not known before the deployment');
}

function attempt<T>(resolve: () => T): T | undefined {
  try {
    return resolve();
  } catch {
    return undefined;
  }
}
