import { App, aws_cloudwatch as cloudwatch, aws_ecs as ecs, Duration, Stack } from 'aws-cdk-lib';
import {
  DaemonCapacityProvider, DaemonTaskDefinition, ManagedDaemon, type ManagedDaemonProps,
} from 'cdk-ecs-managed-daemons';

/** The cluster and capacity provider that the app imports; a sandbox has them as a seeded fleet. */
export const FLEET = { cluster: 'apps', capacityProvider: 'managed', instances: 4, applicationTasksPerInstance: 2 } as const;

export const STACK = 'Agents';
export const REGION = 'us-east-1';
export const ACCOUNT = '123456789012';
export const DAEMON_ARN = `arn:aws:ecs:${REGION}:${ACCOUNT}:daemon/${FLEET.cluster}/agent`;

export interface AgentSettings {
  readonly imageTag?: string;
  readonly alarmNames?: readonly string[];
  readonly daemon?: Partial<Omit<ManagedDaemonProps, 'alarms'>>;
  /** Adds to the stack, or changes it. */
  readonly adapt?: (stack: Stack, daemon: ManagedDaemon) => void;
}

/** The smallest app with a daemon: one stack, on a fleet that exists. */
export function agentApp(settings: AgentSettings = {}, props: ConstructorParameters<typeof App>[0] = {}): App {
  const app = new App(props);
  const stack = new Stack(app, STACK, { env: { account: ACCOUNT, region: REGION } });
  const daemonTaskDefinition = new DaemonTaskDefinition(stack, 'Agent', { family: 'agent', cpu: 256, memoryMiB: 256 });
  daemonTaskDefinition.addContainer('agent', {
    image: ecs.ContainerImage.fromRegistry(`example.com/agent:${settings.imageTag ?? '1'}`),
    memoryLimitMiB: 256,
  });
  const { alarmNames } = settings;
  const daemon = new ManagedDaemon(stack, 'Daemon', {
    cluster: ecs.Cluster.fromClusterArn(stack, 'Cluster', `arn:aws:ecs:${REGION}:${ACCOUNT}:cluster/${FLEET.cluster}`),
    capacityProviders: [
      DaemonCapacityProvider.fromCapacityProviderArn(`arn:aws:ecs:${REGION}:${ACCOUNT}:capacity-provider/${FLEET.capacityProvider}`),
    ],
    daemonTaskDefinition,
    daemonName: 'agent',
    bakeTime: Duration.minutes(2),
    alarms: alarmNames?.map((name) => cloudwatch.Alarm.fromAlarmName(stack, name, name)),
    ...settings.daemon,
  });
  settings.adapt?.(stack, daemon);
  return app;
}
