import { Validations, type aws_ecs as ecs } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { checkAbsolutePath, checkName } from '../naming/names';
import type { DaemonVolume } from './daemon-volume';

/** Lists what is wrong with the name or the path of a volume. */
export function checkVolume({ name, sourcePath }: DaemonVolume): (string | undefined)[] {
  return [
    checkName('the name of a volume', name),
    checkAbsolutePath(`the host path of the volume ${JSON.stringify(name)}`, sourcePath),
  ];
}

export function renderVolume({ name, sourcePath, _logDriver: logDriver }: DaemonVolume): ecs.CfnDaemonTaskDefinition.VolumeProperty {
  return { name, host: logDriver === undefined ? { sourcePath } : undefined };
}

/** Renders the log drivers of volumes as an override of `Volumes`, by index: the L1 of aws-cdk-lib 2.265 does not have them. */
export function renderLogDrivers(volumes: DaemonVolume[]): Record<string, unknown> {
  return Object.fromEntries(volumes.flatMap(({ _logDriver: logDriver }, index) =>
    logDriver === undefined ? [] : [[index, { LogDriverVolumeConfiguration: { Driver: logDriver } }]]));
}

/**
 * Acknowledges what the offline validator of aws-cdk-lib finds in a log-driver volume: its schema does not have them, and apps of today's
 * `cdk init` would not synthesize. Up to aws-cdk-lib 2.265 at least, an acknowledgement holds for the whole app.
 */
export function acknowledgeLogDriver(resource: IConstruct, { _logDriver: logDriver }: DaemonVolume): void {
  if (logDriver !== undefined) {
    Validations.of(resource).acknowledge({
      id: 'CloudFormation-Validate::F3002',
      reason: 'CloudFormation has LogDriverVolumeConfiguration, which the schema of the validator does not have yet',
    });
  }
}
