import { Annotations, Token, type Duration } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { answerMinutes, batchCount, estimateRolloutMinutes } from '../custom-resources/rollout-estimate';

/** The settings that are allowed together, and yet may not be what was meant. */
export interface DoubtfulSettings {
  readonly drainPercent: number;
  readonly bakeTime: Duration;
  /** Given, or chosen for them. */
  readonly timeoutInMinutes: number;
  readonly hasTimeout: boolean;
  readonly hasAlarms: boolean;
}

/** Warns about settings that are allowed, but probably a mistake. */
export function warnOfSettings(daemon: IConstruct, settings: DoubtfulSettings): void {
  const { drainPercent, bakeTime, timeoutInMinutes, hasTimeout, hasAlarms } = settings;
  if (Token.isUnresolved(drainPercent) || bakeTime.isUnresolved()) {
    if (!hasTimeout) {
      Annotations.of(daemon).addWarningV2(
        'cdk-ecs-managed-daemons:timeoutWithoutEstimate',
        `how long a rollout takes is known only at deployment, and it has ${answerMinutes} minutes; set timeout to give it what it needs`,
      );
    }
    return;
  }
  if (hasAlarms && bakeTime.toMinutes() === 0) {
    Annotations.of(daemon).addWarningV2(
      'cdk-ecs-managed-daemons:alarmsWithoutBakeTime',
      'the alarms are watched only until the last batch is through; set bakeTime to give a fault time to show',
    );
  }
  if (!hasAlarms && bakeTime.toMinutes() > 0) {
    Annotations.of(daemon).addWarningV2(
      'cdk-ecs-managed-daemons:bakeTimeWithoutAlarms',
      'bakeTime makes each rollout longer and guards nothing, because there are no alarms to watch; add alarms, or leave bakeTime out',
    );
  }
  if (drainPercent > 50) {
    Annotations.of(daemon).addWarningV2(
      'cdk-ecs-managed-daemons:largeDrainPercent',
      `a rollout drains ${drainPercent} percent of the instances at the same time, and moves as many of the application tasks; 50 or less`
      + ' leaves most of the fleet alone',
    );
  }
  const bakeMinutes = bakeTime.toMinutes();
  const estimate = estimateRolloutMinutes(drainPercent, bakeMinutes);
  if (timeoutInMinutes < estimate) {
    Annotations.of(daemon).addWarningV2(
      'cdk-ecs-managed-daemons:timeoutBelowEstimate',
      `a rollout with these settings is estimated at up to ${estimate} minutes (${batchCount(drainPercent)} batches of 10 minutes`
      + `${bakeMinutes > 0 ? `, each followed by a bake of ${bakeMinutes}, since AWS does not say that there is only one` : ''}), more than the`
      + ` ${hasTimeout ? '' : 'longest '}timeout of ${timeoutInMinutes} minutes`,
    );
  }
}

/** Warns about images with a mutable tag. */
export function warnOfMutableImage(daemon: IConstruct, imageName: string): void {
  if (isMutable(imageName)) {
    Annotations.of(daemon).addWarningV2(
      'cdk-ecs-managed-daemons:mutableImageTag',
      `the image ${JSON.stringify(imageName)} can change without a change of the template, and no rollout would follow`
      + '; name a version or a digest, or set rolloutToken',
    );
  }
}

/** Publishers move a tag without a digit from version to version, and one with a placeholder such as `3.x`. */
const isMovingTag = (tag: string): boolean =>
  /^v?\d+(\.\d+)*\.x/i.test(tag) || !/\d/.test(tag.replace(/(amd64|arm64(v8)?|x86_64)$/, ''));

/** Only the end of a name is known at synth if the rest is a token. */
function isMutable(imageName: string): boolean {
  if (imageName.includes('@')) {
    return false;
  }
  const tag = /:([\w.-]+)$/.exec(imageName)?.[1];
  return tag === undefined ? !Token.isUnresolved(imageName) : isMovingTag(tag);
}

/** Warns that the task role may lack the permissions for commands. */
export function warnOfExecuteCommandPermissions(daemon: IConstruct): void {
  Annotations.of(daemon).addWarningV2(
    'cdk-ecs-managed-daemons:executeCommandRights',
    'the task definition is imported: commands can be executed only if its task role allows the ssmmessages actions to create and open'
    + ' control channels and data channels',
  );
}
