/** Everything that a plan reads from an account, with the type of the resources; nothing is written. */
export const READS = {
  'cloudformation:DescribeStacks': 'stack',
  'cloudformation:GetTemplate': 'stack',
  'cloudformation:ListExports': '*',
  'cloudformation:ListStackResources': 'stack',
  'cloudwatch:DescribeAlarms': '*', // AWS authorizes a request for composite alarms on no alarm alone
  'ecs:DescribeContainerInstances': 'container-instance',
  'ecs:DescribeDaemon': 'daemon',
  'ecs:DescribeDaemonDeployments': 'daemon*', // on the daemon too (R54)
  'ecs:DescribeDaemonRevisions': 'daemon*',
  'ecs:DescribeDaemonTaskDefinition': 'daemon-task-definition',
  'ecs:ListContainerInstances': 'cluster',
  'ecs:ListDaemonDeployments': 'daemon',
  'ecs:ListDaemons': '*',
  'ecs:ListTagsForResource': 'daemon',
  'sts:GetCallerIdentity': 'none',
} as const;

export type Read = keyof typeof READS;

/** An account that can only be read. */
export interface Account {
  /** Throws an `InputError` that names the action if it fails. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a reply of AWS
  read(action: Read, input: Readonly<Record<string, unknown>>): Promise<any>;
}

/** How to reach an account, as with the AWS CLI. */
export interface AccountOptions {
  readonly profile?: string;
  readonly region?: string;
  readonly endpointUrl?: string;
}
