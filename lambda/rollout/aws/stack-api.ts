import type { StackEvent } from '@aws-sdk/client-cloudformation';

/** What a rollout asks of CloudFormation about its own stack. */
export interface StackApi {
  /** One call, whatever is read of it. */
  describe(stackId: string): Promise<StackDescription>;
  /** One page of events, newest first. */
  events(stackId: string, nextToken?: string): Promise<{ events: readonly Event[]; nextToken?: string }>;
}

/** What CloudFormation returns about a stack, as far as rollouts need it. */
export interface StackDescription {
  readonly status: string;
  /** Undefined if CloudFormation leaves them out. */
  readonly tags?: Readonly<Record<string, string>>;
}

export type Event = Partial<Pick<StackEvent,
  'EventId' | 'LogicalResourceId' | 'PhysicalResourceId' | 'ResourceProperties' | 'ResourceStatus' | 'ResourceType' | 'Timestamp'
>>;
