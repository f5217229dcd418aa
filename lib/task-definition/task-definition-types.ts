import { aws_ecs as ecs } from 'aws-cdk-lib';
import { checkClass, isObjectWith, shown } from '../validation/class-validation';
import {
  argument, checkedByItsRule, flag, instance, listOf, mapOf, oneOf, required, struct, text, type Problems, type TypeCheck,
} from '../validation/type-checks';
import type { DaemonContainerDefinitionOptions } from './daemon-container-options';
import type { DaemonListeningPort } from './daemon-listening-port';
import type { DaemonTaskDefinitionAttributes, DaemonTaskDefinitionProps } from './daemon-task-definition-props';
import type { DaemonHostMount, DaemonVolume } from './daemon-volume';

const mountPoint = struct<ecs.MountPoint>({ containerPath: required(text), sourceVolume: required(text), readOnly: flag });
const ulimit = struct<ecs.Ulimit>({ name: required(text), softLimit: checkedByItsRule, hardLimit: checkedByItsRule });
const systemControl = struct<ecs.SystemControl>({ namespace: required(text), value: required(text) });
const listeningPort = struct<DaemonListeningPort>({ port: checkedByItsRule, protocol: oneOf(ecs.Protocol) });
const dependency: TypeCheck = (name, value) => [checkClass(name, 'an object with a container', 'container', value)
  ?? checkClass(`${name}.container`, 'a container of the task definition', 'containerName', (value as { container: unknown }).container)];
const settingsOfVolume = struct<Pick<DaemonVolume, 'name' | 'sourcePath'>>({ name: required(text), sourcePath: text });
const volume: TypeCheck = (name, value) => isObjectWith('_logDriver', value)
  ? settingsOfVolume(name, value)
  : [`${name} must be created with DaemonVolume.host() or DaemonVolume.logFiles(), got: ${shown(value)}`];

export const checkTypesOfMountPoints = (values: unknown): Problems => listOf(mountPoint)('mountPoints', values);
export const checkTypesOfUlimits = (values: unknown): Problems => listOf(ulimit)('ulimits', values);
export const checkTypesOfListeningPorts = (values: unknown): Problems => listOf(listeningPort)('listeningPorts', values);
export const checkTypesOfDependencies = (values: unknown): Problems => listOf(dependency)('containerDependencies', values);
export const checkTypesOfHostMount = argument<DaemonHostMount>('the host mount', { hostPath: required(text), containerPath: text, readOnly: flag });
export const checkTypesOfVolume = (value: unknown): Problems => required(volume)('volume', value);
export const checkTypeOfText = required(text);

/** A secret whose class is another one has its own advice. */
export const checkTypeOfSecret: TypeCheck = (name, secret) => [isObjectWith('grantRead', secret) && isObjectWith('arn', secret)
  ? undefined
  : `the secret ${JSON.stringify(String(name).replace(/^secrets\./, ''))} must be an ecs.Secret, use ecs.Secret.fromSecretsManager() or fromSsmParameter()`];

/** Lists the options of a container that have another type than TypeScript demands: JavaScript lets them through. */
export const checkTypesOfContainer = argument<DaemonContainerDefinitionOptions>('the options of a container', {
  image: (name, image) => [checkClass(name, 'an ecs.ContainerImage', 'bind', image)],
  containerName: checkedByItsRule,
  command: listOf(text),
  entryPoint: listOf(text),
  workingDirectory: text,
  user: text,
  cpu: checkedByItsRule,
  memoryLimitMiB: checkedByItsRule,
  memoryReservationMiB: checkedByItsRule,
  essential: flag,
  environment: mapOf(text),
  environmentFiles: listOf(instance('an ecs.EnvironmentFile', 'bind')),
  secrets: mapOf(checkTypeOfSecret),
  privileged: flag,
  readonlyRootFilesystem: flag,
  pseudoTerminal: flag,
  interactive: flag,
  linuxParameters: instance('an ecs.LinuxParameters', 'renderLinuxParameters'),
  additionalCapabilities: listOf(checkedByItsRule),
  ulimits: listOf(ulimit),
  systemControls: listOf(systemControl),
  logging: instance('an ecs.LogDriver', 'bind'),
  firelensConfig: instance('an ecs.FirelensConfig with a type', 'type'),
  healthCheck: instance('an ecs.HealthCheck with a command', 'command'),
  containerDependencies: listOf(dependency),
  startTimeout: checkedByItsRule,
  stopTimeout: checkedByItsRule,
  enableRestartPolicy: flag,
  restartIgnoredExitCodes: listOf(checkedByItsRule),
  restartAttemptPeriod: checkedByItsRule,
  mountPoints: listOf(mountPoint),
  listeningPorts: listOf(listeningPort),
});

/** The same for a task definition. */
export const checkTypesOfTaskDefinition = argument<DaemonTaskDefinitionProps>('props', {
  family: checkedByItsRule,
  cpu: checkedByItsRule,
  memoryMiB: checkedByItsRule,
  pidMode: checkedByItsRule,
  ipcMode: checkedByItsRule,
  volumes: listOf(volume),
  taskRole: checkedByItsRule,
  executionRole: checkedByItsRule,
  tags: mapOf(text),
  retainOldRevisions: flag,
});

const aRole = instance('an iam.Role', 'roleArn');

/** The same for what is known of an imported task definition. */
export const checkTypesOfImportedTaskDefinition = argument<DaemonTaskDefinitionAttributes>('attributes', {
  daemonTaskDefinitionArn: checkedByItsRule, taskRole: aRole, executionRole: aRole,
});
