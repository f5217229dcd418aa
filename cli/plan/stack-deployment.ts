import type { Sandbox } from '../../sandbox';
import type { Template } from '../../sandbox/cloudformation/template/template';
import type { AssemblyStack } from './assembly';
import { uploadAssets } from './asset-upload';
import { DAEMON_TYPE } from './daemon-requests';
import { InputError } from './input-error';

const POLL_SECONDS = 10;

/** How the deployment of a stack has ended. */
export interface StackEnd {
  readonly stackName: string;
  readonly status: string;
  /** The resource that failed first, with CloudFormation's reason. */
  readonly failure?: { readonly logicalId: string; readonly type: string; readonly reason: string };
}

const WAY_ROUND = 'Move it to a stack without daemons, of which a plan deploys only what daemons need.';

/** Deploys a stack to the sandbox as `cdk deploy` would, and waits for the end in virtual time. */
export async function deployStack(sandbox: Sandbox, stack: AssemblyStack, template: Template): Promise<StackEnd> {
  const { stackName: StackName } = stack;
  await uploadAssets(sandbox, { ...stack, template });
  const before = await statusOf(sandbox, StackName);
  const events = before === undefined ? 0 : (await stackEvents(sandbox, StackName)).length;
  try {
    await sandbox.call('cloudformation', before === undefined ? 'CreateStack' : 'UpdateStack', {
      StackName,
      TemplateBody: JSON.stringify(template),
      Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'],
      Parameters: Object.entries(stack.parameters ?? {}).filter(([key]) => Object.hasOwn(template.Parameters ?? {}, key))
        .map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue })),
      Tags: Object.entries(stack.tags).map(([Key, Value]) => ({ Key, Value })),
    });
  } catch (error) {
    const { message } = error as Error;
    if (message === 'No updates are to be performed.') return { stackName: StackName, status: before! };
    throw new InputError(`The sandbox cannot deploy ${culprit(template, message)}the stack ${stack.id}: ${oneLine(message)}. ${WAY_ROUND}`);
  }
  const status = await ended(sandbox, StackName);
  return { stackName: StackName, status, failure: await failureIn(sandbox, StackName, events) };
}

/** Fails if a resource that is none of ours cannot be deployed: nothing can be said of the daemons then. */
export function checkDeployed({ failure }: StackEnd, stack: AssemblyStack): void {
  if (!failure || failure.type.startsWith(DAEMON_TYPE)) return;
  throw new InputError(
    `The sandbox cannot deploy ${failure.logicalId} (${failure.type}) of the stack ${stack.id}: ${oneLine(failure.reason)}. `
    + WAY_ROUND);
}

async function ended({ clock, ...sandbox }: Sandbox, stackName: string): Promise<string> {
  for (;;) {
    await clock.sleep(POLL_SECONDS);
    const status = await statusOf(sandbox, stackName);
    if (!status!.endsWith('_IN_PROGRESS')) return status!;
  }
}

async function statusOf({ call }: Pick<Sandbox, 'call'>, StackName: string): Promise<string | undefined> {
  const { Stacks } = await call('cloudformation', 'DescribeStacks', { StackName }).catch(() => ({ Stacks: [] }));
  return Stacks[0]?.StackStatus;
}

/** The events of a stack, newest first. */
async function stackEvents({ call }: Pick<Sandbox, 'call'>, StackName: string): Promise<Record<string, string>[]> {
  const events: Record<string, string>[] = [];
  let token: string | undefined;
  do {
    const { StackEvents, NextToken } = await call('cloudformation', 'DescribeStackEvents', { StackName, NextToken: token });
    events.push(...StackEvents);
    token = NextToken;
  } while (token !== undefined);
  return events;
}

async function failureIn(sandbox: Sandbox, stackName: string, eventsBefore: number): Promise<StackEnd['failure']> {
  const events = (await stackEvents(sandbox, stackName)).reverse().slice(eventsBefore);
  const failed = events.find(({ ResourceStatus, ResourceType }) => ResourceStatus!.endsWith('_FAILED') && ResourceType !== 'AWS::CloudFormation::Stack')
    ?? events.find(({ ResourceStatus }) => /_FAILED$|ROLLBACK_IN_PROGRESS$/.test(ResourceStatus!));
  return failed && { logicalId: failed.LogicalResourceId!, type: failed.ResourceType!, reason: failed.ResourceStatusReason ?? '' };
}

/** The resource with the function that the sandbox does not support; other refusals name their resource. */
function culprit({ Resources }: Template, message: string): string {
  const name = /Fn::\w+$/.exec(message)?.[0];
  const found = Object.entries(Resources).find(([, resource]) => name !== undefined && JSON.stringify(resource).includes(`"${name}"`));
  return found ? `${found[0]} (${found[1].Type}) of ` : '';
}

/** The name in the ARN of a stack. */
export const stackNameOf = (stackId: string): string => stackId.split('/')[1] ?? stackId;

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').replace(/\.$/, '').trim();
