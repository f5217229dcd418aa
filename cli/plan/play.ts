import { startSandbox, type AlarmRehearsal, type DeploymentStatusChange, type InstanceEvent, type Sandbox, type SandboxOptions } from '../../sandbox';
import type { TaskDefinition } from './causes';
import { createDaemonsToAdopt } from './daemons-to-adopt';
import { DAEMON_TYPE, recordRequests, type DaemonRequest } from './daemon-requests';
import { Fleets, isNamed } from './fleets';
import { OutsideResources, texts } from './outside-resources';
import type { PlanFailures, PlanFleet } from './options';
import { rehearse } from './rehearsed-failures';
import { checkDeployed, deployStack, type StackEnd } from './stack-deployment';
import type { PlannedStack } from './selected-stacks';
import { InputError } from './input-error';

/** What is played: an old app and a new one in the same environment. */
export interface Script {
  /** Undefined if nothing is deployed yet. */
  readonly old?: readonly PlannedStack[];
  readonly new: readonly PlannedStack[];
  readonly fleets: readonly PlanFleet[];
  readonly failures: PlanFailures;
  readonly applicationTasksPerInstance?: number;
  readonly account?: string;
  readonly region?: string;
}

/** A daemon of a live stack. */
export interface DeployedDaemon {
  readonly stackName: string;
  readonly logicalId: string;
  readonly daemonArn: string;
  readonly properties: DaemonRequest['properties'];
}

/** What has happened in the planned deployment. */
export interface Course {
  /** Virtual time at which the new app's deployment began, epoch milliseconds. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly stacks: readonly StackEnd[];
  /** Stacks that were not deployed because one that they depend on has failed, with the name of that one. */
  readonly skipped: readonly { readonly stackName: string; readonly failed: string }[];
  readonly requests: readonly DaemonRequest[];
  readonly instanceEvents: readonly InstanceEvent[];
  readonly deployments: readonly DeploymentStatusChange[];
  readonly before: readonly DeployedDaemon[];
  readonly after: readonly DeployedDaemon[];
  readonly fleets: Fleets;
  /** Alarms from outside of the app, which the plan assumes to exist and to be OK. */
  readonly outsideAlarms: readonly string[];
  /** The deployment alarms of the daemons. */
  readonly alarmNames: readonly string[];
  /** As ECS describes them, by ARN. */
  readonly taskDefinitions: ReadonlyMap<string, TaskDefinition>;
}

/** Deployed long ago: reads are not stale, and alarms have data. */
const REST_SECONDS = 3600;

/** Deploys the old app and then the new one to a sandbox of its own, in virtual time. */
export async function play<T>(script: Script, options: SandboxOptions, read: (course: Course, sandbox: Sandbox) => Promise<T>): Promise<T> {
  const alarms: AlarmRehearsal[] = [];
  const sandbox = await startSandbox({
    ...options,
    ...(script.account !== undefined && { accountId: script.account }),
    ...(script.region !== undefined && { region: script.region }),
    applicationTasksPerInstance: script.applicationTasksPerInstance,
    alarmsDuringRollouts: alarms,
    ecs: { throttle: 'off', ...options.ecs },
    lambda: { cutsSuspensionPause: true, maximumBusyEnvironments: 1, ...options.lambda },
  });
  try {
    return await read(await courseOn(sandbox, script, alarms), sandbox);
  } finally {
    await sandbox.close();
  }
}

async function courseOn(sandbox: Sandbox, script: Script, alarms: AlarmRehearsal[]): Promise<Course> {
  const { ecs, clock } = sandbox;
  const fleets = new Fleets(sandbox, script.fleets);
  const outside = new OutsideResources(sandbox, fleets);
  const taskDefinitions = new Map<string, TaskDefinition>();
  const requests = recordRequests(sandbox, async (request) => {
    await outside.provide(request);
    await describeTaskDefinition(sandbox, request, taskDefinitions);
  });
  const deployments: DeploymentStatusChange[] = [];
  ecs.onDeploymentStatus((change) => void deployments.push(change));
  for (const planned of script.old ?? []) await deployOld(sandbox, planned);
  await createDaemonsToAdopt(sandbox, outside, script.new);
  if (script.old) await clock.sleep(REST_SECONDS);
  await supplyAlarms(sandbox);
  outside.fill(script.old !== undefined);
  const before = await deployedDaemons(sandbox);
  rehearse(sandbox, script.failures, alarms, isNamed);
  const marks = [requests.length, deployments.length, ecs.instanceEvents.length] as const;
  const startedAt = clock.now();
  const { stacks, skipped } = await deployNew(sandbox, script.new);
  fleets.recognizeServices();
  const after = await deployedDaemons(sandbox);
  return {
    startedAt,
    endedAt: clock.now(),
    stacks,
    skipped,
    before,
    after,
    requests: requests.slice(marks[0]),
    deployments: deployments.slice(marks[1]),
    instanceEvents: ecs.instanceEvents.slice(marks[2]),
    fleets,
    outsideAlarms: outside.alarms,
    alarmNames: [...new Set([...requests, ...after].flatMap(({ properties }) => texts(properties.AlarmNames)))],
    taskDefinitions,
  };
}

/** CloudFormation deletes the old one later, so that it is described while it is there. */
async function describeTaskDefinition({ call }: Sandbox, { properties }: DaemonRequest, known: Map<string, TaskDefinition>): Promise<void> {
  const arn = properties.DaemonTaskDefinitionArn;
  if (typeof arn !== 'string' || known.has(arn)) return;
  const { daemonTaskDefinition } = await call('ecs', 'DescribeDaemonTaskDefinition', { daemonTaskDefinition: arn }).catch(() => ({ daemonTaskDefinition: {} }));
  known.set(arn, daemonTaskDefinition);
}

async function deployOld(sandbox: Sandbox, { stack, template }: PlannedStack): Promise<void> {
  const end = await deployStack(sandbox, stack, template);
  checkDeployed(end, stack);
  if (end.failure) throw new InputError(`The old app must be one that deploys, but ${end.failure.logicalId} of the stack ${stack.id} fails: ${end.failure.reason}`);
}

async function deployNew(sandbox: Sandbox, planned: readonly PlannedStack[]): Promise<Pick<Course, 'stacks' | 'skipped'>> {
  const stacks: StackEnd[] = [];
  const skipped: { stackName: string; failed: string }[] = [];
  for (const { stack, template } of planned) {
    const failed = [...stacks.filter(({ failure }) => failure), ...skipped].find(({ stackName }) => stack.dependencies.includes(stackName));
    if (failed) {
      skipped.push({ stackName: stack.stackName, failed: failed.stackName });
      continue;
    }
    const end = await deployStack(sandbox, stack, template);
    checkDeployed(end, stack);
    stacks.push(end);
  }
  return { stacks, skipped };
}

/** Alarms of the old app have had data for long. */
async function supplyAlarms({ cloudFormation, call }: Sandbox): Promise<void> {
  for (const { physicalId: AlarmName } of cloudFormation.deployed('AWS::CloudWatch::Alarm')) {
    await call('monitoring', 'SetAlarmState', { AlarmName, StateValue: 'OK', StateReason: 'assumed by the plan' });
  }
}

async function deployedDaemons({ call, cloudFormation }: Sandbox): Promise<DeployedDaemon[]> {
  const properties = new Map(cloudFormation.deployed(DAEMON_TYPE).map((resource) => [resource.physicalId, resource.properties]));
  const { Stacks } = await call('cloudformation', 'DescribeStacks', {});
  const daemons: DeployedDaemon[] = [];
  for (const { StackName } of Stacks as { StackName: string }[]) {
    const { StackResources } = await call('cloudformation', 'DescribeStackResources', { StackName });
    for (const { LogicalResourceId: logicalId, PhysicalResourceId: daemonArn, ResourceType } of StackResources) {
      const own = ResourceType === DAEMON_TYPE ? properties.get(daemonArn) : undefined;
      if (own) daemons.push({ stackName: StackName, logicalId, daemonArn, properties: own });
    }
  }
  return daemons;
}
