import { CloudFormationClient, DescribeStackEventsCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { required } from '../../required';
import type { StackApi } from './stack-api';

/** `StackApi` over the AWS SDK. */
export function sdkStackApi(client: Pick<CloudFormationClient, 'send'> = new CloudFormationClient({ maxAttempts: 5 })): StackApi {
  return {
    async describe(stackId) {
      const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stackId }));
      const { StackStatus, Tags } = Stacks?.[0] ?? {};
      const tags = Tags && Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value]));
      return { status: required(StackStatus, 'StackStatus'), tags };
    },
    async events(stackId, NextToken) {
      const { StackEvents, NextToken: nextToken } = await client.send(new DescribeStackEventsCommand({ StackName: stackId, NextToken }));
      for (const { EventId, ResourceStatus, Timestamp } of StackEvents ?? []) required(EventId && ResourceStatus && Timestamp, 'a part of an event');
      return { events: StackEvents ?? [], nextToken };
    },
  };
}
