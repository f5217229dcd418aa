import { Annotations, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { DaemonVolume } from './daemon-volume';
import { foreignHostPath } from './host-paths';
import type { CheckedContainer } from './task-definition-validation';

/** The quota of ordinary task definitions; that of daemons is not documented (A20). */
const mostContainers = 10;

/** Annotates a task definition with more containers than ECS may accept. */
export function warnOfContainerCount(taskDefinition: IConstruct, count: number): void {
  if (count === mostContainers + 1) {
    Annotations.of(taskDefinition).addWarningV2(
      'cdk-ecs-managed-daemons:manyContainers',
      `ECS accepts ${mostContainers} containers in a task definition and may refuse a daemon with more`,
    );
  }
}

/** Annotates a task definition whose containers can do more with a socket of the instance than listen to it. */
export function warnOfWritableSockets(taskDefinition: IConstruct, containers: CheckedContainer[], volumes: DaemonVolume[]): void {
  const isSocket = (path: string | undefined): boolean =>
    path !== undefined && !Token.isUnresolved(path) && path.endsWith('.sock') && foreignHostPath(path) === undefined;
  const sockets = new Map(volumes.filter(({ sourcePath }) => isSocket(sourcePath)).map(({ name, sourcePath }) => [name, sourcePath]));
  for (const { containerName, mountPoints } of containers) {
    for (const { sourceVolume, readOnly } of mountPoints) {
      if (sockets.has(sourceVolume) && !readOnly) {
        Annotations.of(taskDefinition).addWarningV2(
          'cdk-ecs-managed-daemons:writableSocket',
          `container ${JSON.stringify(containerName)} can replace the socket ${sockets.get(sourceVolume)} of the instance; mount it with readOnly true`,
        );
      }
    }
  }
}

/** Annotates a task definition one of whose volumes is of a path that Managed Instances do not have: it would be empty. */
export function warnOfForeignHostPath(taskDefinition: IConstruct, { name, sourcePath: path }: DaemonVolume): void {
  const foreign = path === undefined || Token.isUnresolved(path) ? undefined : foreignHostPath(path);
  if (foreign !== undefined) {
    Annotations.of(taskDefinition).addWarningV2(
      'cdk-ecs-managed-daemons:foreignHostPath',
      `the volume ${JSON.stringify(name)} mounts ${path}, a path of ${foreign.owner}, which Managed Instances do not have: ${foreign.instead}`,
    );
  }
}
