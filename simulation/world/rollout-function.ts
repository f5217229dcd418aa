import { DescribeAlarmsCommand, type CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DescribeStackEventsCommand, DescribeStacksCommand, type CloudFormationClient } from '@aws-sdk/client-cloudformation';
import {
  CreateDaemonCommand, DeleteDaemonCommand, DescribeCapacityProvidersCommand, DescribeDaemonCommand, DescribeDaemonDeploymentsCommand,
  DescribeDaemonRevisionsCommand, DescribeDaemonTaskDefinitionCommand,
  ListDaemonDeploymentsCommand, ListDaemonsCommand, ListTagsForResourceCommand, TagResourceCommand, UntagResourceCommand,
  UpdateDaemonCommand, type ECSClient,
} from '@aws-sdk/client-ecs';
import type { Put } from '../../lambda/answer';
import type { ExecutionReader } from '../../lambda/execution';
import type { Log } from '../../lambda/log';
import type { CloudFormationRequest } from '../../lambda/request';
import { carryOut } from '../../lambda/rollout/carry-out';
import { countingReads, sdkDaemonApi } from '../../lambda/rollout/aws/sdk-daemon-api';
import type { StackApi } from '../../lambda/rollout/aws/stack-api';
import { sdkStackApi } from '../../lambda/rollout/aws/sdk-stack-api';
import type { Input } from '../../sandbox/core/aws-service';
import type { SimulatedClock } from './clock';
import type { DurableExecution, Handler } from './engine';
import { stringified } from './custom-resources';
import type { CallService, CallSite } from './faults';
import type { Network, Process } from './network';
import type { Stack } from './stack';

// by class, since a bundler may rename classes of the same name
const OPERATIONS = new Map<unknown, readonly [service: CallService, operation: string, isWrite: boolean]>([
  [DescribeDaemonCommand, ['ecs', 'DescribeDaemon', false]],
  [DescribeDaemonDeploymentsCommand, ['ecs', 'DescribeDaemonDeployments', false]],
  [DescribeDaemonRevisionsCommand, ['ecs', 'DescribeDaemonRevisions', false]],
  [DescribeDaemonTaskDefinitionCommand, ['ecs', 'DescribeDaemonTaskDefinition', false]],
  [DescribeCapacityProvidersCommand, ['ecs', 'DescribeCapacityProviders', false]],
  [ListDaemonDeploymentsCommand, ['ecs', 'ListDaemonDeployments', false]],
  [ListDaemonsCommand, ['ecs', 'ListDaemons', false]],
  [ListTagsForResourceCommand, ['ecs', 'ListTagsForResource', false]],
  [CreateDaemonCommand, ['ecs', 'CreateDaemon', true]],
  [UpdateDaemonCommand, ['ecs', 'UpdateDaemon', true]],
  [DeleteDaemonCommand, ['ecs', 'DeleteDaemon', true]],
  [TagResourceCommand, ['ecs', 'TagResource', true]],
  [UntagResourceCommand, ['ecs', 'UntagResource', true]],
  [DescribeAlarmsCommand, ['cloudwatch', 'DescribeAlarms', false]],
  [DescribeStacksCommand, ['cloudformation', 'DescribeStacks', false]],
  [DescribeStackEventsCommand, ['cloudformation', 'DescribeStackEvents', false]],
]);

/** The attempts of the Lambda's client. */
const CLOUDFORMATION_ATTEMPTS = 5;
/** Permissions of the same deployment are effective by then. */
const SPREAD_SECONDS = 100;

/** Receives every call that a rollout sends. */
export interface CallListener {
  /** A read of ECS or CloudWatch, however often the client tries it. */
  read(execution: DurableExecution, process: Process): void;
  sent(execution: DurableExecution, operation: string, input: Input): void;
  /** Called for a call that the simulation does not support. */
  unknown(command: string): void;
  /** Around the arrival of a write; returns its reply. */
  arrived<T>(execution: DurableExecution, operation: string, input: Input, sentAt: number, arrive: () => T): T;
}

export interface RolloutFunctionOptions {
  readonly clock: SimulatedClock;
  /** The function's clock, in epoch milliseconds. */
  readonly now: () => number;
  /** The most entries of a page of events. @default - as AWS documents */
  readonly longestPage?: number;
  readonly network: Network;
  readonly call: (operation: string, input: Input) => Input;
  readonly stackOf: (id: string) => Stack | undefined;
  readonly executions: (process: Process, execution: DurableExecution) => ExecutionReader;
  readonly put: (process: Process) => Put;
  readonly log: Log;
  readonly listener: CallListener;
}

/** Returns the rollout function: the modules of the Lambda with AWS clients that call the simulation. */
export function rolloutFunction({
  clock, now, longestPage = 1000, network, call, stackOf, executions, put, log, listener,
}: RolloutFunctionOptions): Handler {
  return (payload, engine, process, execution) => {
    const sendWith = (attempts: number) => (command: { readonly input: Input }): Promise<unknown> => {
      const known = OPERATIONS.get(command.constructor);
      if (!known) listener.unknown(command.constructor.name);
      const [service, operation, isWrite] = known!;
      const { input } = command;
      const site: CallSite = { service, operation, isWrite, isNew: clock.now() - execution.startedAt < SPREAD_SECONDS * 1000 };
      const sentAt = clock.now();
      const identity = isWrite || service !== 'ecs' ? '' : `${operation} ${JSON.stringify(input)}`;
      if (isWrite && !process.isDead) listener.sent(execution, operation, input);
      if (!isWrite && !process.isDead && service !== 'cloudformation') listener.read(execution, process);
      return network.callPersistently(attempts, process, site, identity, () => {
        if (service === 'cloudformation') return aboutStack(operation, input, stackOf(String(input.StackName)), longestPage);
        return isWrite ? listener.arrived(execution, operation, input, sentAt, () => call(operation, input)) : call(operation, input);
      });
    };
    const client = (attempts: number) =>
      ({ send: sendWith(attempts) }) as unknown as Pick<ECSClient, 'send'> & Pick<CloudWatchClient, 'send'> & Pick<CloudFormationClient, 'send'>;
    // as many attempts as the Lambda's own clients make
    const { clients, readsMade } = countingReads({ reader: client(3), writer: client(1), cloudWatch: client(3) });
    return carryOut(JSON.parse(payload) as CloudFormationRequest, engine, {
      daemons: sdkDaemonApi(clients),
      readsMade,
      stacks: sdkStackApi(client(CLOUDFORMATION_ATTEMPTS)),
      executions: executions(process, execution),
      put: put(process),
      now,
      log,
      logGroup: '/aws/lambda/rollouts',
    });
  };
}

/** CloudFormation as the dispatcher reads it. */
export const stackReader = (network: Network, stackOf: RolloutFunctionOptions['stackOf'], longestPage = 1000) => (process: Process): StackApi =>
  sdkStackApi({
    send: (command: { readonly input: Input }) => {
      const [service, operation, isWrite] = OPERATIONS.get(command.constructor)!;
      return network.callPersistently(CLOUDFORMATION_ATTEMPTS, process, { service, operation, isWrite, isNew: true }, '', () =>
        aboutStack(operation, command.input, stackOf(String(command.input.StackName)), longestPage));
    },
  } as unknown as Pick<CloudFormationClient, 'send'>);

function aboutStack(operation: string, input: Input, stack: Stack | undefined, longestPage: number): Input {
  if (operation === 'DescribeStacks') return {
    Stacks: [{ StackStatus: stack?.status ?? 'DELETE_COMPLETE', Tags: Object.entries(stack?.tags ?? {}).map(([Key, Value]) => ({ Key, Value })) }],
  };
  if (!stack) return { StackEvents: [] };
  const from = Number(input.NextToken ?? 0);
  const events = stack.events.slice(from, from + longestPage).map(({ id, status, at, resource }) => ({
    EventId: id, ResourceStatus: status, Timestamp: new Date(at),
    ...(resource ? {
      LogicalResourceId: resource.logicalId, ResourceType: resource.type, ResourceProperties: JSON.stringify(stringified(resource.sent)),
    } : { PhysicalResourceId: stack.id }),
  }));
  return { StackEvents: events, NextToken: from + longestPage < stack.events.length ? String(from + longestPage) : undefined };
}
