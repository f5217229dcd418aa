import type { aws_ecs as ecs } from 'aws-cdk-lib';
import { checkAbsolutePath } from './absolute-path';
import type { DaemonVolume } from './daemon-volume';
import { checkForeignVolumeProperties } from './foreign-properties';
import { checkName } from './resource-name';

/** What can be said of a volume from its own settings (R47). */
export function checkVolume(volume: DaemonVolume): (string | undefined)[] {
  const label = `the volume ${JSON.stringify(volume.name)}`;
  const given = [volume.host && 'host', volume.logDriver && 'logDriver'].filter((property) => property !== undefined);
  const sourcePath = volume.host?.sourcePath;
  return [
    checkName('the name of a volume', volume.name),
    ...checkForeignVolumeProperties(volume),
    given.length === 1 ? undefined : `${label} must have either host or logDriver, got: ${given.length === 0 ? 'neither' : 'both'}`,
    checkAbsolutePath(`host.sourcePath of ${label}`, sourcePath),
  ];
}

export function renderVolume({ name, host, logDriver }: DaemonVolume): ecs.CfnDaemonTaskDefinition.VolumeProperty {
  return {
    name,
    host: host === undefined ? undefined : { sourcePath: host.sourcePath },
    logDriverVolumeConfiguration: logDriver === undefined ? undefined : { driver: logDriver },
  };
}
