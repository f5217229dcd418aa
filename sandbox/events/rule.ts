import type { Input } from '../core/aws-service';

/** A rule on the default event bus, with its targets. */
export interface Rule {
  readonly name: string;
  readonly arn: string;
  description?: string;
  roleArn?: string;
  /** Parsed; a rule that has only a schedule has none. */
  pattern?: object;
  patternText?: string;
  scheduleExpression?: string;
  isEnabled: boolean;
  tags: Input[];
  /** By id. */
  readonly targets: Map<string, Input>;
}

export const describeRule = (rule: Rule): object => ({
  Name: rule.name,
  Arn: rule.arn,
  EventPattern: rule.patternText,
  ScheduleExpression: rule.scheduleExpression,
  State: rule.isEnabled ? 'ENABLED' : 'DISABLED',
  Description: rule.description,
  RoleArn: rule.roleArn,
  EventBusName: 'default',
});
