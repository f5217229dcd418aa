import { CloudFormationClient, DescribeStackEventsCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import type { StackApi } from './stack';

/** `StackApi` over the AWS SDK. */
export function sdkStackApi(client: Pick<CloudFormationClient, 'send'> = new CloudFormationClient({ maxAttempts: 5 })): StackApi {
  return {
    async describe(stackId) {
      const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stackId }));
      const { StackStatus: status = '', Tags } = Stacks?.[0] ?? {};
      return { status, tags: Tags && Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value])) };
    },
    async events(stackId, NextToken) {
      const { StackEvents, NextToken: nextToken } = await client.send(new DescribeStackEventsCommand({ StackName: stackId, NextToken }));
      return { events: StackEvents ?? [], nextToken };
    },
  };
}
