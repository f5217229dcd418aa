import type { Input, Permission } from '../../core/aws-service';
import { arnOf, type World } from '../../core/world';
import type { DaemonControlPlane } from '../daemon/daemon-control-plane';
import type { DaemonTaskDefinitions } from '../task-definitions/daemon-task-definitions';
import type { Tag, Tags } from '../tags';

export interface PermissionSources {
  readonly world: World;
  readonly tags: Tags;
  readonly controlPlane: DaemonControlPlane;
  readonly taskDefinitions: DaemonTaskDefinitions;
}

type Context = Record<string, string | readonly string[]>;

/** The permissions that IAM evaluates for a call. Keys of tags are there only when there are tags. */
export function permissionsFor(sources: PermissionSources, operation: string, input: Input): Permission[] {
  const { world } = sources;
  const action = `ecs:${operation}`;
  const resourceTags = (arn: string): Context => tagContext('aws:ResourceTag', sources.tags.list(arn));
  const daemonArn = String(input.daemonArn);
  switch (operation) {
    case 'CreateDaemon': {
      const clusterArn = clusterArnOf(world, input.clusterArn);
      const arn = arnOf(world, 'ecs', `daemon/${clusterArn.split('/').at(-1)}/${input.daemonName}`);
      const requested = requestTags(input.tags);
      return [
        { action, resources: [arn], context: { ...requested, ...settings(input), 'ecs:cluster': clusterArn } },
        ...(input.tags?.length ? [{ action: 'ecs:TagResource', resources: [arn], context: { ...requested, 'ecs:CreateAction': 'CreateDaemon' } }] : []),
        ...passRole(sources, input.daemonTaskDefinitionArn),
      ];
    }
    case 'UpdateDaemon': {
      const clusterArn = daemonArn.replace(/:daemon\/([^/]+)\/.*$/, ':cluster/$1');
      const context = { ...resourceTags(daemonArn), ...settings(input), 'ecs:cluster': clusterArn };
      // both writes pass the roles (R53)
      return [{ action, resources: [daemonArn], context }, ...passRole(sources, input.daemonTaskDefinitionArn)];
    }
    case 'DeleteDaemon':
    case 'DescribeDaemon':
    case 'ListDaemonDeployments':
      return [{ action, resources: [daemonArn], context: resourceTags(daemonArn) }];
    case 'DescribeDaemonDeployments': // needs permission on the daemon too (R54)
      return withDaemon(action, input.daemonDeploymentArns, resourceTags, (arn) =>
        sources.controlPlane.deployments.get(arn)?.options.daemon.arn ?? daemonOf(arn));
    case 'DescribeDaemonRevisions':
      return withDaemon(action, input.daemonRevisionArns, resourceTags, (arn) =>
        sources.controlPlane.revisions.get(arn)?.daemonArn ?? daemonOf(arn));
    case 'DescribeCapacityProviders': {
      const asked: unknown[] = input.capacityProviders?.length ? input.capacityProviders : ['*'];
      const arns = asked.map(String).map((reference) => (reference.startsWith('arn:') ? reference : arnOf(world, 'ecs', `capacity-provider/${reference}`)));
      return arns.map((arn) => ({ action, resources: [arn], context: resourceTags(arn) }));
    }
    case 'ListDaemons':
      return [{ action, resources: ['*'], context: { 'ecs:cluster': clusterArnOf(world, input.clusterArn) } }];
    case 'RegisterDaemonTaskDefinition': {
      const arn = arnOf(world, 'ecs', `daemon-task-definition/${input.family}:*`);
      const requested = requestTags(input.tags);
      return [
        { action, resources: [arn], context: requested },
        ...(input.tags?.length ? [{ action: 'ecs:TagResource', resources: [arn], context: requested }] : []),
        ...passRoles([input.taskRoleArn, input.executionRoleArn]),
      ];
    }
    case 'DescribeDaemonTaskDefinition':
    case 'DeleteDaemonTaskDefinition': {
      const reference = String(input.daemonTaskDefinition);
      const arn = reference.startsWith('arn:') ? reference : arnOf(world, 'ecs', `daemon-task-definition/${reference}`);
      return [{ action, resources: [arn], context: resourceTags(arn) }];
    }
    case 'TagResource': {
      const arn = String(input.resourceArn);
      return [{ action, resources: [arn], context: { ...resourceTags(arn), ...requestTags(input.tags) } }];
    }
    case 'UntagResource': {
      const arn = String(input.resourceArn);
      return [{ action, resources: [arn], context: { ...resourceTags(arn), ...(input.tagKeys?.length && { 'aws:TagKeys': input.tagKeys }) } }];
    }
    case 'ListContainerInstances':
      return [{ action, resources: [clusterArnOf(world, input.cluster)] }];
    case 'DescribeContainerInstances':
      return [{ action, resources: (input.containerInstances ?? []).map(String) }];
    case 'ListTagsForResource': {
      const arn = String(input.resourceArn);
      return [{ action, resources: [arn], context: resourceTags(arn) }];
    }
    default:
      return [{ action, resources: ['*'] }];
  }
}

/** A description of several resources needs the permission on each daemon and on each resource in the request. */
function withDaemon(
  action: string, arns: unknown, tagsOf: (daemonArn: string) => Context, daemonArnOf: (arn: string) => string,
): Permission[] {
  const asked = Array.isArray(arns) ? arns.map(String) : [];
  const daemonArns = [...new Set(asked.map(daemonArnOf))];
  return [
    ...daemonArns.map((arn) => ({ action, resources: [arn], context: tagsOf(arn) })),
    { action, resources: asked },
  ];
}

const daemonOf = (arn: string): string => arn.replace(/:daemon-(?:deployment|revision)\/(.*)\/[^/]*$/, ':daemon/$1');

const clusterArnOf = (world: World, reference: unknown): string => {
  const text = String(reference ?? 'default');
  return text.startsWith('arn:') ? text : arnOf(world, 'ecs', `cluster/${text}`);
};

/** The condition keys of what a request sets. */
const settings = (input: Input): Context => ({
  ...(input.daemonTaskDefinitionArn !== undefined && { 'ecs:daemon-task-definition': String(input.daemonTaskDefinitionArn) }),
  ...(input.capacityProviderArns?.length && { 'ecs:capacity-provider': input.capacityProviderArns.map(String) }),
  ...(input.propagateTags !== undefined && { 'ecs:propagate-tags': String(input.propagateTags) }),
  ...(input.enableECSManagedTags !== undefined && { 'ecs:enable-ecs-managed-tags': String(input.enableECSManagedTags) }),
  ...(input.enableExecuteCommand !== undefined && { 'ecs:enable-execute-command': String(input.enableExecuteCommand) }),
});

const requestTags = (tags: readonly Input[] | undefined): Context => {
  if (!tags?.length) return {};
  return {
    ...tagContext('aws:RequestTag', tags.map(({ key, value }) => ({ key: String(key), value: String(value ?? '') }))),
    'aws:TagKeys': tags.map(({ key }) => String(key)),
  };
};

const tagContext = (prefix: string, tags: readonly Tag[]): Context =>
  Object.fromEntries(tags.map(({ key, value }) => [`${prefix}/${key}`, value]));

function passRole(sources: PermissionSources, taskDefinitionArn: unknown): Permission[] {
  const content = sources.taskDefinitions.peek(taskDefinitionArn)?.content;
  return content ? passRoles([content.taskRoleArn, content.executionRoleArn]) : [];
}

const passRoles = (roleArns: readonly unknown[]): Permission[] =>
  [...new Set(roleArns)].filter((arn) => arn !== undefined).map((arn) => ({
    action: 'iam:PassRole',
    resources: [String(arn)],
    context: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
  }));
