import { aws_ecs as ecs, aws_iam as iam, aws_s3 as s3, aws_secretsmanager as secretsmanager, Duration, type Stack } from 'aws-cdk-lib';
import {
  DaemonCapability, DaemonIpcMode, DaemonPidMode, DaemonTaskDefinition, DaemonVolume,
  type DaemonContainerDefinition, type DaemonContainerDefinitionOptions, type DaemonTaskDefinitionProps,
} from '../../lib';
import { image } from './stack-with-daemon';

/** Every property of a task definition: the compiler misses one that is not here. */
export function everyTaskDefinitionProperty(stack: Stack): Required<DaemonTaskDefinitionProps> {
  const role = (name: string): iam.IRole => iam.Role.fromRoleArn(stack, name, `arn:aws:iam::111122223333:role/${name}`);
  return {
    family: 'agent',
    cpu: 512,
    memoryMiB: 1024,
    pidMode: DaemonPidMode.SHARED,
    ipcMode: DaemonIpcMode.SHARED,
    volumes: [
      DaemonVolume.host('proc', '/proc'),
      DaemonVolume.logFiles('logs'),
    ],
    taskRole: role('task'),
    executionRole: role('execution'),
    tags: { team: 'platform' },
    retainOldRevisions: true,
  };
}

/** Every property of a container. */
export function everyContainerProperty(stack: Stack, other: DaemonContainerDefinition): Required<DaemonContainerDefinitionOptions> {
  const linuxParameters = new ecs.LinuxParameters(stack, 'LinuxParameters', { initProcessEnabled: true });
  linuxParameters.addCapabilities(ecs.Capability.SYS_ADMIN);
  linuxParameters.dropCapabilities(ecs.Capability.CHOWN);
  linuxParameters.addDevices({ hostPath: '/dev/fuse', containerPath: '/dev/fuse0', permissions: [ecs.DevicePermission.READ] });
  linuxParameters.addTmpfs({ containerPath: '/tmp', size: 64, mountOptions: [ecs.TmpfsMountOption.NOEXEC] });
  const secret = new secretsmanager.Secret(stack, 'Secret');
  return {
    image: ecs.ContainerImage.fromRegistry('registry.example.com/agent:1', { credentials: secret }),
    containerName: 'all',
    command: ['run'],
    entryPoint: ['/agent'],
    workingDirectory: '/var/lib/agent',
    user: '1000:1000',
    cpu: 128,
    memoryLimitMiB: 256,
    memoryReservationMiB: 128,
    essential: false,
    environment: { MODE: 'host' },
    environmentFiles: [ecs.EnvironmentFile.fromBucket(s3.Bucket.fromBucketName(stack, 'Bucket', 'settings'), 'agent.env')],
    secrets: { API_KEY: ecs.Secret.fromSecretsManager(secret) },
    privileged: true,
    readonlyRootFilesystem: true,
    pseudoTerminal: true,
    interactive: true,
    linuxParameters,
    additionalCapabilities: [DaemonCapability.BPF],
    ulimits: [{ name: ecs.UlimitName.NOFILE, softLimit: 65536, hardLimit: 65536 }],
    systemControls: [{ namespace: 'net.core.somaxconn', value: '1024' }],
    logging: ecs.LogDrivers.splunk({ secretToken: ecs.Secret.fromSecretsManager(secret), url: 'https://splunk.example.com' }),
    firelensConfig: { type: ecs.FirelensLogRouterType.FLUENTBIT, options: { enableECSLogMetadata: false } },
    healthCheck: {
      command: ['agent health'], interval: Duration.seconds(20), timeout: Duration.seconds(4), retries: 2, startPeriod: Duration.seconds(15),
    },
    containerDependencies: [{ container: other, condition: ecs.ContainerDependencyCondition.START }],
    startTimeout: Duration.seconds(120),
    stopTimeout: Duration.seconds(30),
    enableRestartPolicy: true,
    restartIgnoredExitCodes: [0],
    restartAttemptPeriod: Duration.seconds(180),
    mountPoints: [{ containerPath: '/host/proc', sourceVolume: 'proc', readOnly: true }],
    listeningPorts: [{ port: 8125, protocol: ecs.Protocol.UDP }],
  };
}

/** A task definition in which each property of the L2 is set. */
export function addEverything(stack: Stack): DaemonTaskDefinition {
  const taskDefinition = new DaemonTaskDefinition(stack, 'Everything', everyTaskDefinitionProperty(stack));
  const other = taskDefinition.addContainer('other', { image, memoryLimitMiB: 512 });
  taskDefinition.addContainer('everything', everyContainerProperty(stack, other));
  return taskDefinition;
}
