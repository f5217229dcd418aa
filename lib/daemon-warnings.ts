import { Annotations, Token, type Duration } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { estimateRolloutMinutes } from './rollout-estimate';

/** The settings that are allowed together, and yet may not be what was meant. */
export interface DoubtfulSettings {
  readonly drainPercent: number;
  readonly bakeTime: Duration;
  readonly timeout?: Duration;
  readonly hasAlarms: boolean;
}

/** Annotates a daemon whose settings are allowed, but hardly meant. */
export function warnOfSettings(daemon: IConstruct, { drainPercent, bakeTime, timeout, hasAlarms }: DoubtfulSettings): void {
  if (Token.isUnresolved(drainPercent) || bakeTime.isUnresolved()) {
    return;
  }
  if (hasAlarms && bakeTime.toMinutes() === 0) {
    Annotations.of(daemon).addWarningV2(
      'cdk-ecs-managed-daemons:alarmsWithoutBakeTime',
      'the alarms are watched only until the last batch is through; set bakeTime to give a fault time to show',
    );
  }
  const estimate = estimateRolloutMinutes(drainPercent, bakeTime.toMinutes());
  if (timeout !== undefined && !timeout.isUnresolved() && timeout.toMinutes() < estimate) {
    Annotations.of(daemon).addWarningV2(
      'cdk-ecs-managed-daemons:timeoutBelowEstimate',
      `a rollout with these settings is estimated at ${estimate} minutes, more than the timeout of ${timeout.toMinutes()} minutes`,
    );
  }
}
