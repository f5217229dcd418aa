import { startSandbox, type AlarmRehearsal, type DeploymentStatusChange, type InstanceEvent, type Sandbox, type SandboxOptions } from '../../sandbox';
import type { TaskDefinition } from './causes';
import { createDaemonsToAdopt } from './daemons-to-adopt';
import { DAEMON_TYPE, recordRequests, type DaemonRequest } from './daemon-requests';
import { Fleets, isNamed } from './fleets';
import { isUpdatable, type DeployedApp, type LiveStack } from './live/deployed-app';
import { timingOf } from './live/pace';
import { nameIn, Replica } from './live/replica';
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
  /** What the account has, of a plan against it; `old` has its stacks. */
  readonly deployed?: DeployedApp;
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

/** A stack that is not deployed: one that it depends on has failed, or CloudFormation refuses the deployment. */
export interface SkippedStack {
  readonly stackName: string;
  readonly failed?: string;
  readonly refusal?: string;
}

/** What has happened in the planned deployment. */
export interface Course {
  /** Virtual time at which the new app's deployment began, epoch milliseconds. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly stacks: readonly StackEnd[];
  readonly skipped: readonly SkippedStack[];
  readonly requests: readonly DaemonRequest[];
  readonly instanceEvents: readonly InstanceEvent[];
  readonly deployments: readonly DeploymentStatusChange[];
  readonly before: readonly DeployedDaemon[];
  readonly after: readonly DeployedDaemon[];
  readonly fleets: Fleets;
  /** What was changed outside CloudFormation, by the ARN of the daemon. */
  readonly manualChanges: ReadonlyMap<string, readonly string[]>;
  readonly deployed?: DeployedApp;
  /** Alarms from outside of the app, which the plan assumes to exist and to be OK. */
  readonly outsideAlarms: readonly string[];
  /** The deployment alarms of the daemons. */
  readonly alarmNames: readonly string[];
  /** As ECS describes them, by ARN. */
  readonly taskDefinitions: ReadonlyMap<string, TaskDefinition>;
}

/** Tasks on an instance, where the account has the number of instances: services bring as few as possible. */
const FEW_INSTANCES = 1000;

/** Deployed long ago: reads are not stale, and alarms have data. */
const REST_SECONDS = 3600;

/** Deploys the old app and then the new one to a sandbox of its own, in virtual time. */
export async function play<T>(script: Script, options: SandboxOptions, read: (course: Course, sandbox: Sandbox) => Promise<T>): Promise<T> {
  const alarms: AlarmRehearsal[] = [];
  const { deployed } = script;
  let isOld = true;
  const sandbox = await startSandbox({
    ...options,
    ...(deployed?.pace && { timing: timingOf(deployed.pace) }),
    cloudFormation: {
      ...options.cloudFormation,
      nameOf: (stack, logicalId) => (isOld ? nameIn(deployed?.stacks.get(stack), logicalId) : undefined),
    },
    ...(script.account !== undefined && { accountId: script.account }),
    ...(script.region !== undefined && { region: script.region }),
    applicationTasksPerInstance: script.applicationTasksPerInstance ?? (deployed ? FEW_INSTANCES : undefined),
    alarmsDuringRollouts: alarms,
    ecs: { throttle: 'off', ...options.ecs },
    lambda: { cutsSuspensionPause: true, maximumBusyEnvironments: 1, ...options.lambda },
  });
  try {
    return await read(await courseOn(sandbox, script, alarms, () => { isOld = false; }), sandbox);
  } finally {
    await sandbox.close();
  }
}

async function courseOn(sandbox: Sandbox, script: Script, alarms: AlarmRehearsal[], onNew: () => void): Promise<Course> {
  const { ecs, clock } = sandbox;
  const { deployed } = script;
  const known = [...script.fleets, ...deployed?.fleets ?? []];
  const fleets = new Fleets(sandbox, known, deployed !== undefined, script.applicationTasksPerInstance);
  const outside = new OutsideResources(sandbox, fleets, deployed && ((name) => deployed.alarms.get(name)));
  const replica = deployed && new Replica(sandbox, deployed, outside);
  const taskDefinitions = new Map<string, TaskDefinition>();
  const requests = recordRequests(sandbox, async (request) => {
    await outside.provide(request);
    await describeTaskDefinition(sandbox, request, taskDefinitions);
  });
  const deployments: DeploymentStatusChange[] = [];
  ecs.onDeploymentStatus((change) => void deployments.push(change));
  await replica?.prepare(script.new.map(({ stack }) => stack));
  for (const planned of script.old ?? []) await deployOld(sandbox, planned);
  if (replica) await replica.provideDaemons(await ownersOf(sandbox, deployed!));
  else await createDaemonsToAdopt(sandbox, outside, script.new);
  if (script.old) await clock.sleep(REST_SECONDS);
  if (replica) await replica.supplyAlarms();
  else await supplyAlarms(sandbox);
  outside.fill(script.old !== undefined);
  await replica?.startDeployments();
  onNew();
  const before = await deployedDaemons(sandbox);
  rehearse(sandbox, script.failures, alarms, isNamed);
  const marks = [requests.length, deployments.length, ecs.instanceEvents.length] as const;
  const startedAt = clock.now();
  const { stacks, skipped } = await deployNew(sandbox, script.new, deployed);
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
    manualChanges: replica?.manualChanges ?? new Map(),
    deployed,
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

async function deployNew(sandbox: Sandbox, planned: readonly PlannedStack[], deployed?: DeployedApp): Promise<Pick<Course, 'stacks' | 'skipped'>> {
  const stacks: StackEnd[] = [];
  const skipped: SkippedStack[] = [];
  for (const { stack, template } of planned) {
    const { stackName } = stack;
    const status = deployed?.stacks.get(stackName)?.status;
    if (status !== undefined && !isUpdatable(status)) {
      skipped.push({ stackName, refusal: `CloudFormation does not update the stack ${stackName} while it is ${status}` });
      continue;
    }
    const failed = [...stacks.filter(({ failure }) => failure), ...skipped].find((other) => stack.dependencies.includes(other.stackName));
    if (failed) {
      skipped.push({ stackName, failed: failed.stackName });
      continue;
    }
    const end = await deployStack(sandbox, stack, template);
    checkDeployed(end, stack);
    stacks.push(end);
  }
  return { stacks, skipped };
}

/** The live stacks, by the ARN of each daemon that they have. */
async function ownersOf(sandbox: Sandbox, { stacks }: DeployedApp): Promise<Map<string, LiveStack>> {
  const daemons = await deployedDaemons(sandbox);
  return new Map(daemons.map(({ daemonArn, stackName }) => [daemonArn, stacks.get(stackName)!]));
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
