// Waves that stay when a later one fails: each is a stack of its own, deployed after the one before it.
import { App, aws_ec2 as ec2, aws_ecs as ecs, aws_logs as logs, Duration, Stack } from 'aws-cdk-lib';
import { DaemonCapacityProvider, DaemonTaskDefinition, ManagedDaemon } from 'cdk-ecs-managed-daemons';
import type { Construct } from 'constructs';
import { acknowledgeCommonFindings } from './acknowledgements';

interface WaveStackProps {
  readonly desiredCount: number;
  readonly drainPercent?: number;
}

/** A cluster with its application, and a node exporter on each of its instances. */
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

    // a task definition belongs into the stack of its daemon: each edit makes a new ARN, which no other stack could import
    const exporter = new DaemonTaskDefinition(this, 'Exporter', { cpu: 256, memoryMiB: 128 });
    exporter.addVolume({ name: 'root', host: { sourcePath: '/' } });
    exporter.addContainer('node-exporter', {
      image: ecs.ContainerImage.fromRegistry('quay.io/prometheus/node-exporter:v1.9.1'),
      command: ['--path.rootfs=/host'],
      memoryLimitMiB: 128,
      mountPoints: [{ sourceVolume: 'root', containerPath: '/host', readOnly: true }],
      listeningPorts: [{ port: 9100 }],
      readonlyRootFilesystem: true,
      healthCheck: { command: ['CMD', 'wget', '-q', '-O', '/dev/null', 'http://127.0.0.1:9100/'], interval: Duration.seconds(10) },
      logging: ecs.LogDriver.awsLogs({ streamPrefix: 'node-exporter', logRetention: logs.RetentionDays.ONE_MONTH }),
    });
    const daemon = new ManagedDaemon(this, 'Daemon', {
      cluster,
      capacityProviders: [DaemonCapacityProvider.fromManagedInstances(instances)],
      daemonTaskDefinition: exporter,
      drainPercent: props.drainPercent,
    });

    const application = new ecs.TaskDefinition(this, 'Application', {
      compatibility: ecs.Compatibility.MANAGED_INSTANCES, cpu: '512', memoryMiB: '1024',
    });
    application.addContainer('web', {
      image: ecs.ContainerImage.fromRegistry('public.ecr.aws/nginx/nginx:1.29'),
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

    acknowledgeCommonFindings(this);
  }
}

/** The stacks of all waves in their order. The scope is an app, or a stage of a pipeline, which keeps the order of its stacks. */
export function addWaves(scope: Construct): void {
  const canary = new WaveStack(scope, 'Canary', { desiredCount: 4, drainPercent: 50 });
  const rest = new WaveStack(scope, 'Rest', { desiredCount: 8 });
  rest.addStackDependency(canary, 'the canary comes first');
}

addWaves(new App());
