import type { Input, Permission } from '../core/aws-service';
import { arnOf, type World } from '../core/world';

/** The permissions that a call of CloudWatch needs. An operation on an alarm has the alarm as resource; a description has no resource. */
export function permissionsFor(world: World, operation: string, input: Input): Permission[] {
  const action = `cloudwatch:${operation}`;
  const alarmArns = (names: readonly unknown[]): string[] => names.map((name) => arnOf(world, 'cloudwatch', `alarm:${name}`));
  switch (operation) {
    case 'PutMetricAlarm':
    case 'PutCompositeAlarm':
    case 'PutLogAlarm':
    case 'SetAlarmState':
      return [{ action, resources: alarmArns([input.AlarmName]) }];
    case 'DeleteAlarms':
      return [{ action, resources: alarmArns(input.AlarmNames ?? []) }];
    case 'ListTagsForResource':
    case 'TagResource':
    case 'UntagResource':
      return [{ action, resources: [String(input.ResourceARN)] }];
    case 'DescribeAlarms':
      // with composite alarms among the types AWS authorizes the call on `*` only; a role that lists alarms is refused
      return [{ action, resources: input.AlarmNames?.length && !input.AlarmTypes?.includes('CompositeAlarm') ? alarmArns(input.AlarmNames) : ['*'] }];
    default:
      return [{ action, resources: ['*'] }];
  }
}
