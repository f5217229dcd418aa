import { App, Aspects, aws_cloudwatch as cloudwatch, aws_ecs as ecs, aws_iam as iam, Stack } from 'aws-cdk-lib';
import {
  DaemonCapacityProvider, DaemonTaskDefinition, ManagedDaemon, type ManagedDaemonProps,
} from 'cdk-ecs-managed-daemons';

/** The cluster and capacity provider that the app imports; a sandbox has them as a seeded fleet. */
export const FLEET = { cluster: 'apps', capacityProvider: 'managed', instances: 4, applicationTasksPerInstance: 2 } as const;

export const STACK = 'Agents';
export const REGION = 'us-east-1';
export const ACCOUNT = '123456789012';

export const clusterArn = (name: string): string => `arn:aws:ecs:${REGION}:${ACCOUNT}:cluster/${name}`;
export const capacityProviderArn = (name: string): string => `arn:aws:ecs:${REGION}:${ACCOUNT}:capacity-provider/${name}`;
export const daemonArn = (name: string): string => `arn:aws:ecs:${REGION}:${ACCOUNT}:daemon/${FLEET.cluster}/${name}`;
export const image = (tag: string): string => `example.com/agent:${tag}`;

export interface AgentSettings {
  /** @default - the one stack that most tests need */
  readonly stackName?: string;
  readonly imageTag?: string;
  readonly alarmNames?: readonly string[];
  /** @default - the app defines a task definition */
  readonly taskDefinitionArn?: string;
  readonly cluster?: string;
  readonly capacityProvider?: string;
  readonly daemon?: Partial<Omit<ManagedDaemonProps, 'alarms'>>;
  /** Defines cluster and capacity providers in the stack itself. */
  readonly make?: (stack: Stack) => Pick<ManagedDaemonProps, 'cluster' | 'capacityProviders'>;
  /** Removes the daemon. An empty cluster stays, since a stack must have a resource. */
  readonly withoutDaemon?: boolean;
  /** Adds to the stack, or changes it. */
  readonly adapt?: (stack: Stack, daemon: ManagedDaemon) => void;
  /** Actions that are removed from every policy of the stack. */
  readonly withheldPermissions?: readonly string[];
}

/** The smallest app with a daemon: one stack, on a fleet that exists, rolled out in one batch. */
export function agentApp(settings: AgentSettings = {}, props: ConstructorParameters<typeof App>[0] = {}): App {
  const app = new App(props);
  const stack = new Stack(app, settings.stackName ?? STACK, { env: { account: ACCOUNT, region: REGION } });
  if (settings.withoutDaemon) {
    new ecs.CfnCluster(stack, 'Empty');
    return app;
  }
  const { alarmNames, cluster = FLEET.cluster, capacityProvider = FLEET.capacityProvider } = settings;
  const daemon = new ManagedDaemon(stack, 'Daemon', {
    ...settings.make?.(stack) ?? {
      cluster: ecs.Cluster.fromClusterArn(stack, 'Cluster', clusterArn(cluster)),
      capacityProviders: [DaemonCapacityProvider.fromCapacityProviderArn(capacityProviderArn(capacityProvider))],
    },
    daemonTaskDefinition: settings.taskDefinitionArn === undefined ? taskDefinition(stack, settings)
      : DaemonTaskDefinition.fromDaemonTaskDefinitionAttributes(stack, 'Agent', { daemonTaskDefinitionArn: settings.taskDefinitionArn }),
    daemonName: 'agent',
    drainPercent: 100,
    alarms: alarmNames?.map((name) => cloudwatch.Alarm.fromAlarmName(stack, name, name)),
    ...settings.daemon,
  });
  settings.adapt?.(stack, daemon);
  if (settings.withheldPermissions) withhold(stack, settings.withheldPermissions);
  return app;
}

function taskDefinition(stack: Stack, { imageTag = '1' }: AgentSettings): DaemonTaskDefinition {
  const definition = new DaemonTaskDefinition(stack, 'Agent', { family: 'agent', cpu: 256, memoryMiB: 256 });
  definition.addContainer('agent', { image: ecs.ContainerImage.fromRegistry(image(imageTag)), memoryLimitMiB: 256 });
  return definition;
}

function withhold(stack: Stack, actions: readonly string[]): void {
  Aspects.of(stack).add({
    visit: (node) => {
      if (!(node instanceof iam.CfnPolicy || node instanceof iam.CfnManagedPolicy)) return;
      const { Statement } = stack.resolve(node.policyDocument) as { Statement: { Action: string | string[] }[] };
      const left = Statement
        .map((statement) => ({ ...statement, Action: [statement.Action].flat().filter((action) => !actions.includes(action)) }))
        .filter(({ Action }) => Action.length > 0);
      node.addPropertyOverride('PolicyDocument.Statement', left);
    },
  });
}
