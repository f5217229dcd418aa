import { CloudFormationClient, DescribeStacksCommand, GetTemplateCommand, ListExportsCommand, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  DescribeContainerInstancesCommand, DescribeDaemonCommand, DescribeDaemonDeploymentsCommand, DescribeDaemonRevisionsCommand,
  DescribeDaemonTaskDefinitionCommand, ECSClient, ListContainerInstancesCommand, ListDaemonDeploymentsCommand, ListDaemonsCommand,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-ecs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Account, AccountOptions, Read } from './reads';

/** Retries throttled reads for about half a minute. */
const MOST_ATTEMPTS = 8;

/* eslint-disable @typescript-eslint/no-explicit-any -- each command takes an input of its own */
type CommandClass = new (input: any) => any;
interface Client { send(command: any): Promise<unknown> }
/* eslint-enable @typescript-eslint/no-explicit-any */

const COMMANDS: Readonly<Record<Read, CommandClass>> = {
  'cloudformation:DescribeStacks': DescribeStacksCommand,
  'cloudformation:GetTemplate': GetTemplateCommand,
  'cloudformation:ListExports': ListExportsCommand,
  'cloudformation:ListStackResources': ListStackResourcesCommand,
  'cloudwatch:DescribeAlarms': DescribeAlarmsCommand,
  'ecs:DescribeContainerInstances': DescribeContainerInstancesCommand,
  'ecs:DescribeDaemon': DescribeDaemonCommand,
  'ecs:DescribeDaemonDeployments': DescribeDaemonDeploymentsCommand,
  'ecs:DescribeDaemonRevisions': DescribeDaemonRevisionsCommand,
  'ecs:DescribeDaemonTaskDefinition': DescribeDaemonTaskDefinitionCommand,
  'ecs:ListContainerInstances': ListContainerInstancesCommand,
  'ecs:ListDaemonDeployments': ListDaemonDeploymentsCommand,
  'ecs:ListDaemons': ListDaemonsCommand,
  'ecs:ListTagsForResource': ListTagsForResourceCommand,
  'sts:GetCallerIdentity': GetCallerIdentityCommand,
};

/** Opens an account over the AWS SDK, with its chain of credentials and its configuration files. */
export function openAccount({ profile, region, endpointUrl }: AccountOptions): Account & { region(): Promise<string> } {
  const configuration = {
    ...(profile !== undefined && { profile }),
    ...(region !== undefined && { region }),
    ...(endpointUrl !== undefined && { endpoint: endpointUrl }),
    maxAttempts: MOST_ATTEMPTS,
  };
  const ecs = new ECSClient(configuration);
  const clients: Readonly<Record<string, Client>> = {
    cloudformation: new CloudFormationClient(configuration),
    cloudwatch: new CloudWatchClient(configuration),
    ecs,
    sts: new STSClient(configuration),
  };
  return {
    region: () => ecs.config.region(),
    read: (action, input) => clients[action.split(':')[0]!]!.send(new COMMANDS[action](input)),
  };
}
