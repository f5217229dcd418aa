/** What an update does if a deployment alarm cannot protect it. */
export enum PreflightAlarmPolicy {
  /** Fails the update before anything changes. */
  FAIL = 'FAIL',

  /** Waits until the alarm is OK. Fails the update if the remaining time becomes too short for the rollout. */
  WAIT = 'WAIT',

  /** Continues the update and logs that the alarm does not protect it. */
  PROCEED = 'PROCEED',
}

/**
 * The checks of deployment alarms before an update changes anything.
 *
 * A create logs the state of its alarms and continues: there is no earlier version to return to, and alarms of the same stack have no
 * data yet. The rollback of a stack checks no alarm. A missing alarm always fails the deployment, because ECS would ignore it.
 */
export interface PreflightOptions {
  /**
   * What to do if an alarm is already in ALARM when the update starts. ECS ignores such alarms.
   *
   * Use PROCEED for an update that repairs the cause of the alarm.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-deployments.html
   * @default PreflightAlarmPolicy.FAIL
   */
  readonly alarmInAlarm?: PreflightAlarmPolicy;

  /**
   * What to do if an alarm has no data when the update starts.
   *
   * @default - the update waits for two evaluation periods of the alarm, 2 to 10 minutes, and then continues
   */
  readonly alarmWithoutData?: PreflightAlarmPolicy;
}
