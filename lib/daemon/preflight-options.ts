/** What an update does about a deployment alarm that could not guard it. */
export enum PreflightAlarmPolicy {
  /** The update fails, and nothing is changed. */
  FAIL = 'FAIL',

  /** The update waits until the alarm is OK. It fails when the time that is left gets too short for the rollout. */
  WAIT = 'WAIT',

  /** The update goes on, and tells that the alarm guards nothing. */
  PROCEED = 'PROCEED',
}

/**
 * What an update does about deployment alarms that could not guard it, before it changes anything.
 *
 * A create tells the state of its alarms and goes on: there is nothing to go back to, and alarms of the same stack have no data yet.
 * The rollback of a stack looks at no alarm. A missing alarm is always refused, for ECS would roll out without it.
 */
export interface PreflightOptions {
  /**
   * About an alarm that is in ALARM already, which ECS would ignore.
   *
   * PROCEED is for an update that repairs what the alarm is about.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-deployments.html
   * @default PreflightAlarmPolicy.FAIL
   */
  readonly alarmInAlarm?: PreflightAlarmPolicy;

  /**
   * About an alarm without data.
   *
   * @default - the update waits for two evaluation periods of the alarm, 2 to 10 minutes, and goes on then
   */
  readonly alarmWithoutData?: PreflightAlarmPolicy;
}
