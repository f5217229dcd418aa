import { Validations, type aws_ecs as ecs } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { checkAbsolutePath } from '../naming/names';
import type { DaemonVolume } from './daemon-volume';
import { checkForeignVolumeProperties } from './unsupported-properties';
import { checkName } from '../naming/names';

/** What can be said of a volume from its own settings (R47). */
export function checkVolume(volume: DaemonVolume): (string | undefined)[] {
  const label = `the volume ${JSON.stringify(volume.name)}`;
  const given = [volume.host && 'host', volume.logDriver && 'logDriver'].filter((property) => property !== undefined);
  const sourcePath = volume.host?.sourcePath;
  const foreign = checkForeignVolumeProperties(volume);
  return [
    checkName('the name of a volume', volume.name),
    ...foreign,
    // who states what no daemon has is told so, and no more
    given.length === 1 || foreign.length > 0 ? undefined : `${label} must have either host or logDriver, got: ${given.length === 0 ? 'neither' : 'both'}`,
    checkAbsolutePath(`host.sourcePath of ${label}`, sourcePath),
  ];
}

export function renderVolume({ name, host }: DaemonVolume): ecs.CfnDaemonTaskDefinition.VolumeProperty {
  return { name, host: host === undefined ? undefined : { sourcePath: host.sourcePath } };
}

/** Renders the log drivers of volumes as an override of `Volumes`, by index: the L1 of aws-cdk-lib 2.265 does not have them. */
export function renderLogDrivers(volumes: DaemonVolume[]): Record<string, unknown> {
  return Object.fromEntries(volumes.flatMap(({ logDriver }, index) =>
    logDriver === undefined ? [] : [[index, { LogDriverVolumeConfiguration: { Driver: logDriver } }]]));
}

/**
 * Acknowledges what the offline validator of aws-cdk-lib finds in a log-driver volume: its schema does not have them, and apps of today's
 * `cdk init` would not synthesize. Up to aws-cdk-lib 2.265 at least, an acknowledgement holds for the whole app.
 */
export function acknowledgeLogDriver(resource: IConstruct, { logDriver }: DaemonVolume): void {
  if (logDriver !== undefined) {
    Validations.of(resource).acknowledge({
      id: 'CloudFormation-Validate::F3002',
      reason: 'CloudFormation has LogDriverVolumeConfiguration, which the schema of the validator does not have yet',
    });
  }
}
