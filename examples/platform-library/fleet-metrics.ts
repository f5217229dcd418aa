// The library of a small platform team: one construct, with the version and the pace of rollouts that the team has chosen.
import { aws_cloudwatch as cloudwatch, aws_ecs as ecs, aws_iam as iam, aws_logs as logs, Duration } from 'aws-cdk-lib';
import { DaemonCapacityProvider, DaemonTaskDefinition, ManagedDaemon } from 'cdk-ecs-managed-daemons';
import { Construct } from 'constructs';

/** Properties of the metrics agent. */
export interface FleetMetricsProps {
  readonly cluster: ecs.ICluster;

  /** The capacity provider on whose instances the agent runs. */
  readonly instances: ecs.ManagedInstancesCapacityProvider;

  /**
   * The version of the agent. A change replaces every instance.
   *
   * @default - the version that the platform team has tested
   */
  readonly version?: string;

  /**
   * The share of instances that drain at once, in percent. A change takes effect with the next update.
   *
   * @default 25
   */
  readonly drainPercent?: number;
}

/** The agent that collects metrics on every instance of a cluster. */
export class FleetMetrics extends Construct {
  private readonly daemon: ManagedDaemon;

  constructor(scope: Construct, id: string, props: FleetMetricsProps) {
    super(scope, id);
    const task = new DaemonTaskDefinition(this, 'Task', { cpu: 256, memoryMiB: 512 });
    task.addContainer('cloudwatch-agent', {
      image: ecs.ContainerImage.fromRegistry(`public.ecr.aws/cloudwatch-agent/cloudwatch-agent:${props.version ?? '1.300072.0b1766'}`),
      memoryLimitMiB: 512,
      environment: { CW_CONFIG_CONTENT: JSON.stringify({ metrics: { namespace: 'Fleet', metrics_collected: { statsd: {} } } }) },
      listeningPorts: [{ port: 8125, protocol: ecs.Protocol.UDP }],
      logging: ecs.LogDriver.awsLogs({ streamPrefix: 'fleet-metrics', logRetention: logs.RetentionDays.ONE_MONTH }),
    });
    task.addToTaskRolePolicy(new iam.PolicyStatement({
      actions: ['cloudwatch:PutMetricData'],
      resources: ['*'],
      conditions: { StringEquals: { 'cloudwatch:namespace': 'Fleet' } },
    }));
    this.daemon = new ManagedDaemon(this, 'Daemon', {
      cluster: props.cluster,
      capacityProviders: [DaemonCapacityProvider.fromManagedInstances(props.instances)],
      daemonTaskDefinition: task,
      daemonName: 'fleet-metrics',
      critical: false, // an instance without metrics keeps its applications
      drainPercent: props.drainPercent ?? 25,
      bakeTime: Duration.minutes(10),
    });
    this.daemon.addAlarm(new cloudwatch.Alarm(this, 'CpuHigh', {
      metric: this.daemon.metricCpuUtilization({ period: Duration.minutes(1) }), threshold: 90, evaluationPeriods: 3,
    }));
  }

  /** Starts a service after the agent. */
  public serve(service: ecs.FargateService): void {
    this.daemon.startBefore(service);
  }
}
