// The construct library of a platform team: the agent of the company, with the version, alarms and bake time that the team has chosen.
// Other teams only place the construct.
import { aws_cloudwatch as cloudwatch, aws_ecs as ecs, aws_logs as logs, aws_ssm as ssm, Duration, Tags } from 'aws-cdk-lib';
import { DaemonCapacityProvider, DaemonTaskDefinition, ManagedDaemon, ManagedDaemonAddress } from 'cdk-ecs-managed-daemons';
import { Construct } from 'constructs';

/** Properties of a platform agent. */
export interface PlatformAgentProps {
  readonly cluster: ecs.ICluster;

  /** The capacity providers on whose instances the agent runs. */
  readonly instances: ecs.ManagedInstancesCapacityProvider[];

  /**
   * Alarms of the applications. ECS rolls back an update of the agent during which one of them fires.
   *
   * @default - only the alarms of the agent itself do
   */
  readonly alarms?: cloudwatch.IAlarmRef[];
}

/** The agent that collects metrics and traces on every instance of a cluster. */
export class PlatformAgent extends Construct {
  private readonly daemon: ManagedDaemon;

  constructor(scope: Construct, id: string, props: PlatformAgentProps) {
    super(scope, id);
    this.daemon = new ManagedDaemon(this, 'Daemon', {
      cluster: props.cluster,
      capacityProviders: props.instances.map((instances) => DaemonCapacityProvider.fromManagedInstances(instances)),
      daemonTaskDefinition: this.defineTask(),
      daemonName: 'platform-agent', // the same in every account, for the dashboards of the company
      critical: false, // its health check fails with a wrong API key too, which must not drain all instances
      bakeTime: Duration.minutes(10),
      alarms: props.alarms,
    });
    const period = Duration.minutes(1);
    this.guardWith('CpuHigh', this.daemon.metricCpuUtilization({ period }));
    this.guardWith('MemoryHigh', this.daemon.metricMemoryUtilization({ period }));
    Tags.of(this).add('owner', 'platform');
  }

  /** Starts a service after the agent, and sets the agent's address in its default container. */
  public serve(service: ecs.FargateService): void {
    service.taskDefinition.defaultContainer?.addEnvironment('DD_AGENT_HOST', ManagedDaemonAddress.IPV4);
    this.daemon.startBefore(service);
  }

  private defineTask(): DaemonTaskDefinition {
    const task = new DaemonTaskDefinition(this, 'Task', { cpu: 256, memoryMiB: 512 });
    const container = task.addContainer('datadog-agent', {
      image: ecs.ContainerImage.fromRegistry('public.ecr.aws/datadog/agent:7.84.2'),
      memoryLimitMiB: 512,
      environment: {
        DD_SITE: 'datadoghq.eu',
        ECS_MANAGED_INSTANCES: 'true',
        DD_CRI_SOCKET_PATH: '/var/run/containerd/containerd.sock',
        // applications have network namespaces of their own, so their traffic is not local
        DD_APM_NON_LOCAL_TRAFFIC: 'true',
        DD_DOGSTATSD_NON_LOCAL_TRAFFIC: 'true',
      },
      secrets: {
        DD_API_KEY: ecs.Secret.fromSsmParameter(
          ssm.StringParameter.fromSecureStringParameterAttributes(this, 'ApiKey', { parameterName: '/platform/datadog-api-key' })),
      },
      listeningPorts: [
        { port: 8126 }, { port: 8125, protocol: ecs.Protocol.UDP },
        // on loopback, which all daemons of an instance share
        { port: 5000 }, { port: 5001 }, { port: 5012 }, { port: 6062 }, { port: 6162 },
      ],
      healthCheck: { command: ['CMD', 'agent', 'health'], interval: Duration.seconds(10), startPeriod: Duration.seconds(30) },
      logging: ecs.LogDriver.awsLogs({ streamPrefix: 'platform-agent', logRetention: logs.RetentionDays.ONE_MONTH }),
    });
    container.addHostMount({ hostPath: '/var/run/containerd/containerd.sock' });
    container.addHostMount({ hostPath: '/sys/fs/cgroup/', containerPath: '/host/sys/fs/cgroup' });
    container.addHostMount({ hostPath: '/proc/', containerPath: '/host/proc' });
    return task;
  }

  private guardWith(id: string, metric: cloudwatch.Metric): void {
    this.daemon.addAlarm(new cloudwatch.Alarm(this, id, { metric, threshold: 90, evaluationPeriods: 3 }));
  }
}
