import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DAEMON_ARN, OWNER_TAGS, properties, updateRequest } from '../../test/lambda/requests';

interface OperationUpdate {
  readonly Id: string;
  readonly Type: string;
  readonly SubType?: string;
  readonly Name?: string;
  readonly Action: string;
  readonly Payload?: string;
}

export const EXECUTION_ARN = 'arn:aws:lambda:us-east-1:123456789012:function:rollout:1/durable-execution/agent/1';

/** A daemon at rest, as the APIs of ECS and CloudFormation tell of it. */
const replies: Readonly<Record<string, object>> = {
  DescribeDaemon: {
    daemon: {
      daemonArn: DAEMON_ARN, status: 'ACTIVE', deploymentArn: 'deployment-1',
      currentRevisions: [{
        arn: 'revision-1', totalRunningCount: 3, totalWithoutDaemonCount: 0,
        capacityProviders: properties().CapacityProviderArns.map((arn) => ({ arn })),
      }],
    },
  },
  DescribeDaemonDeployments: {
    daemonDeployments: [{
      daemonDeploymentArn: 'deployment-1', status: 'SUCCESSFUL', createdAt: 0, finishedAt: 300,
      targetDaemonRevision: { arn: 'revision-1', totalRunningInstanceCount: 3, totalWithoutDaemonInstanceCount: 0, totalDrainingInstanceCount: 0 },
    }],
  },
  DescribeDaemonRevisions: {
    daemonRevisions: [{
      daemonRevisionArn: 'revision-1', daemonTaskDefinitionArn: properties().DaemonTaskDefinitionArn,
      propagateTags: 'NONE', enableECSManagedTags: true, enableExecuteCommand: false, critical: true,
    }],
  },
  ListTagsForResource: { tags: Object.entries(OWNER_TAGS).map(([key, value]) => ({ key, value })) },
};

/** A stack that is being updated, and of which no events are kept, as the query API of CloudFormation returns it. */
const stackReplies: Readonly<Record<string, string>> = {
  DescribeStacks: `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>demo</StackName>
    <StackId>${updateRequest({}, {}).StackId}</StackId><CreationTime>2026-11-22T12:00:00Z</CreationTime>
    <StackStatus>UPDATE_IN_PROGRESS</StackStatus></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`,
  DescribeStackEvents: '<DescribeStackEventsResponse><DescribeStackEventsResult><StackEvents/></DescribeStackEventsResult></DescribeStackEventsResponse>',
};

/** Answers what one request of CloudFormation asks of AWS, from a process of its own: what it costs is not the functions'. */
export class Endpoint {
  /** How many answers CloudFormation was given, and the last of them. */
  public answers = 0;
  public lastAnswer = '';
  private started?: string;
  private readonly server: Server = createServer((request, response) => void this.serve(request, response));

  public async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const path = decodeURIComponent(request.url ?? '');
    const target = String(request.headers['x-amz-target'] ?? '').split('.')[1] ?? '';
    const stackReply = stackReplies[new URLSearchParams(body).get('Action') ?? ''];
    const send = (status: number, value: object): void => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (request.method === 'PUT') {
      this.answers++;
      this.lastAnswer = body;
      response.end();
    } else if (path.endsWith('/invocations')) {
      this.started = String(request.headers['x-amz-durable-execution-name']);
      response.writeHead(202, { 'x-amz-durable-execution-arn': EXECUTION_ARN }).end();
    } else if (path.endsWith('/checkpoint')) {
      send(200, { CheckpointToken: 'token', NewExecutionState: { Operations: (JSON.parse(body).Updates as OperationUpdate[]).map(applied) } });
    } else if (path.includes('/durable-executions')) {
      send(200, { DurableExecutions: [{
        DurableExecutionArn: EXECUTION_ARN, DurableExecutionName: this.started, Status: 'RUNNING', StartTimestamp: Date.now() / 1000,
      }] });
    } else if (target in replies) {
      send(200, replies[target]!);
    } else if (stackReply) {
      response.writeHead(200, { 'content-type': 'text/xml' }).end(stackReply);
    } else {
      // ends the benchmark: a refusal would be tried again, and measured
      throw new Error(`the endpoint has no reply to ${request.method} ${path} ${target} ${body}`);
    }
  }
}

function applied({ Id, Type, SubType, Name, Action, Payload }: OperationUpdate): object {
  const now = Date.now() / 1000;
  // no attempt is counted, so that a retry would begin again for ever
  if (Action !== 'START' && Action !== 'SUCCEED') throw new Error(`the rollout function asked to ${Action} the operation ${Name}`);
  return Action === 'START'
    ? { Id, Type, SubType, Name, Status: 'STARTED', StartTimestamp: now, StepDetails: { Attempt: 1 } }
    : { Id, Type, SubType, Name, Status: 'SUCCEEDED', StartTimestamp: now, EndTimestamp: now, StepDetails: { Attempt: 1, Result: Payload } };
}
