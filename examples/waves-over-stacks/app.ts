// Waves that keep their revision if a later one fails: a stack for each wave, deployed in order.
import { App, aws_ec2 as ec2, aws_ecs as ecs, aws_iam as iam, aws_logs as logs, Stack } from 'aws-cdk-lib';
import { DaemonCapacityProvider, DaemonTaskDefinition, ManagedDaemon, ManagedDaemonAddress } from 'cdk-ecs-managed-daemons';
import type { Construct } from 'constructs';

interface WaveStackProps {
  readonly desiredCount: number;
  readonly drainPercent?: number;
}

/** A cluster with its application, and a CloudWatch agent on each of its instances. */
class WaveStack extends Stack {
  constructor(scope: Construct, id: string, props: WaveStackProps) {
    super(scope, id);
    const vpc = new ec2.Vpc(this, 'Vpc', { maxAzs: 2, natGateways: 1, flowLogs: { all: {} } });
    const cluster = new ecs.Cluster(this, 'Cluster', { vpc, containerInsightsV2: ecs.ContainerInsights.ENABLED });
    const instances = new ecs.ManagedInstancesCapacityProvider(this, 'Instances', {
      subnets: vpc.privateSubnets,
      securityGroups: [new ec2.SecurityGroup(this, 'InstanceSecurityGroup', { vpc })],
    });
    cluster.addManagedInstancesCapacityProvider(instances);

    // in the stack of its daemon: each change creates a new ARN, which another stack could not import
    const agent = new DaemonTaskDefinition(this, 'AgentTask', { cpu: 256, memoryMiB: 512 });
    agent.addContainer('cloudwatch-agent', {
      image: ecs.ContainerImage.fromRegistry('public.ecr.aws/cloudwatch-agent/cloudwatch-agent:1.300072.0b1766'),
      memoryLimitMiB: 512,
      environment: { CW_CONFIG_CONTENT: JSON.stringify({ metrics: { namespace: 'Applications', metrics_collected: { statsd: {} } } }) },
      listeningPorts: [{ port: 8125, protocol: ecs.Protocol.UDP }],
      logging: ecs.LogDriver.awsLogs({ streamPrefix: 'agent', logRetention: logs.RetentionDays.ONE_MONTH }),
    });
    agent.addToTaskRolePolicy(new iam.PolicyStatement({
      actions: ['cloudwatch:PutMetricData'],
      resources: ['*'],
      conditions: { StringEquals: { 'cloudwatch:namespace': 'Applications' } },
    }));
    const daemon = new ManagedDaemon(this, 'Daemon', {
      cluster,
      capacityProviders: [DaemonCapacityProvider.fromManagedInstances(instances)],
      daemonTaskDefinition: agent,
      critical: false, // an instance without metrics keeps its applications
      drainPercent: props.drainPercent,
    });

    const application = new ecs.TaskDefinition(this, 'Application', {
      compatibility: ecs.Compatibility.MANAGED_INSTANCES, cpu: '512', memoryMiB: '1024',
    });
    application.addContainer('web', {
      image: ecs.ContainerImage.fromRegistry('public.ecr.aws/nginx/nginx:1.29'),
      environment: { STATSD_HOST: ManagedDaemonAddress.IPV4, STATSD_PORT: '8125' }, // the address of the daemons on the same instance
      logging: ecs.LogDriver.awsLogs({ streamPrefix: 'web', logRetention: logs.RetentionDays.ONE_MONTH }),
    });
    const service = new ecs.FargateService(this, 'Service', {
      cluster,
      taskDefinition: application,
      desiredCount: props.desiredCount,
      minHealthyPercent: 100,
      circuitBreaker: { rollback: true },
      capacityProviderStrategies: [{ capacityProvider: instances.capacityProviderName, weight: 1 }],
    });
    daemon.startBefore(service);
  }
}

/** Adds the stacks of all waves in order. The scope is an app, or a stage of a pipeline, which keeps the order of its stacks. */
export function addWaves(scope: Construct): void {
  const canary = new WaveStack(scope, 'Canary', { desiredCount: 4, drainPercent: 50 });
  const rest = new WaveStack(scope, 'Rest', { desiredCount: 8 });
  rest.addStackDependency(canary, 'the canary comes first');
}

addWaves(new App());
