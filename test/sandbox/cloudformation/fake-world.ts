import { AwsError } from '../../../sandbox/core/aws-error';
import { VirtualClock } from '../../../sandbox/core/clock';
import { CloudFormation, type CloudFormationOptions } from '../../../sandbox/cloudformation';
import type { CallContext, Caller, Input, ServiceName } from '../../../sandbox/core/aws-service';
import type { World } from '../../../sandbox/core/world';

export interface CustomResourceEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly ResourceType: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: Record<string, unknown>;
  readonly OldResourceProperties?: Record<string, unknown>;
}

export interface Answer {
  readonly Status?: 'SUCCESS' | 'FAILED';
  readonly Reason?: string;
  readonly PhysicalResourceId?: string;
  readonly NoEcho?: boolean;
  readonly Data?: Record<string, unknown>;
}

/** What the function behind a custom resource does; `undefined` is no answer. */
export type Handler = (event: CustomResourceEvent) => Answer | undefined;

export interface RecordedCall {
  readonly service: ServiceName;
  readonly operation: string;
  readonly input: Input;
}

export const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:123456789012:function:handler';

const SUBMISSION = { StackName: 'Test', Capabilities: ['CAPABILITY_NAMED_IAM'] };

const OPERATOR: Caller = { kind: 'operator' };

/** CloudFormation alone: the other services are recorded, and custom resources are answered by `handler`. */
export class FakeWorld {
  public readonly clock = new VirtualClock('manual', new Date('2026-11-22T16:10:00.250Z'));
  public readonly calls: RecordedCall[] = [];
  public readonly events: CustomResourceEvent[] = [];
  /** Answers of other services; a throw is a refusal. */
  public readonly answers: Partial<Record<string, (input: Input) => unknown>> = {};
  public handler: Handler = ({ PhysicalResourceId, LogicalResourceId }) => ({ PhysicalResourceId: PhysicalResourceId ?? `id-of-${LogicalResourceId}` });
  public readonly cloudFormation: CloudFormation;
  private sequence = 0;

  constructor(options: CloudFormationOptions = {}) {
    const world: World = {
      partition: 'aws',
      region: 'us-east-1',
      accountId: '123456789012',
      endpoint: 'http://127.0.0.1:4566',
      clock: this.clock,
      random: () => {
        this.sequence = (this.sequence * 75 + 74) % 65537;
        return this.sequence / 65537;
      },
      call: async <T>(service: ServiceName, operation: string, input: Input) => this.answer(service, operation, input) as T,
      emit: () => undefined,
    };
    this.cloudFormation = new CloudFormation(world, { longPollSeconds: 0, ...options });
  }

  public async call<T = Input>(operation: string, input: Input, caller = OPERATOR): Promise<T> {
    const context: CallContext = { caller, parked: (promise) => promise };
    const perform = this.cloudFormation.operations[operation];
    if (!perform) throw new Error(`no operation ${operation}`);
    return await perform(input, context) as T;
  }

  public async create(template: unknown, input: Input = {}): Promise<string> {
    await this.call('CreateStack', { ...SUBMISSION, TemplateBody: JSON.stringify(template), ...input });
    return this.settled();
  }

  public async update(template: unknown, input: Input = {}): Promise<string> {
    await this.call('UpdateStack', { ...SUBMISSION, TemplateBody: JSON.stringify(template), ...input });
    return this.settled();
  }

  public async delete(input: Input = {}): Promise<string> {
    const id = (await this.stack()).StackId;
    await this.call('DeleteStack', { StackName: 'Test', ...input });
    return this.settled(id);
  }

  /** Lets everything happen that needs no time; returns the stack's status. */
  public async settled(name = 'Test'): Promise<string> {
    await this.clock.advance(0);
    return (await this.stack(name)).StackStatus;
  }

  public async stack(name = 'Test'): Promise<Input> {
    const { Stacks: stacks } = await this.call('DescribeStacks', { StackName: name });
    return stacks[0];
  }

  /** `LogicalId STATUS`, oldest first. */
  public async eventLines(name = 'Test'): Promise<string[]> {
    return (await this.stackEvents(name)).map((event) => `${event.LogicalResourceId} ${event.ResourceStatus}`);
  }

  /** Oldest first. */
  public async stackEvents(name = 'Test'): Promise<Input[]> {
    const { StackEvents: events } = await this.call('DescribeStackEvents', { StackName: name });
    return (events as Input[]).toReversed();
  }

  /** `Create A`, in order. */
  public get requests(): string[] {
    return this.events.map((event) => `${event.RequestType} ${event.LogicalResourceId}`);
  }

  public put(url: string, body: string, headers: Record<string, string> = {}): Promise<{ statusCode: number }> {
    const { pathname, searchParams } = new URL(url);
    return this.cloudFormation.receiveAnswer({
      method: 'PUT', path: pathname, query: searchParams, body: Buffer.from(body),
      headers: { 'content-type': '', 'content-length': String(Buffer.byteLength(body)), ...headers },
    });
  }

  public respond(event: CustomResourceEvent, answer: Answer): Promise<{ statusCode: number }> {
    const { StackId, RequestId, LogicalResourceId } = event;
    return this.put(event.ResponseURL, JSON.stringify({ Status: 'SUCCESS', StackId, RequestId, LogicalResourceId, ...answer }));
  }

  private async answer(service: ServiceName, operation: string, input: Input): Promise<unknown> {
    if (service === 'lambda' && operation === 'Invoke') {
      const event = JSON.parse(input.Payload) as CustomResourceEvent;
      this.events.push(event);
      const answer = this.handler(event);
      if (answer) await this.respond(event, answer);
      return { StatusCode: 202 };
    }
    this.calls.push({ service, operation, input });
    const known = this.answers[operation];
    if (!known) throw new AwsError('UnknownOperationException', `${service} ${operation}`);
    return known(input);
  }
}

/** A template of custom resources: properties by logical id. */
export const customTemplate = (
  resources: Record<string, Record<string, unknown>>, more: Record<string, unknown> = {},
): Record<string, unknown> => ({
  Resources: Object.fromEntries(Object.entries(resources).map(([
    logicalId, { DependsOn, DeletionPolicy, UpdateReplacePolicy, ...properties },
  ]) => [logicalId, {
    Type: 'Custom::Thing', DependsOn, DeletionPolicy, UpdateReplacePolicy, Properties: { ServiceToken: FUNCTION_ARN, ...properties },
  }])),
  ...more,
});
