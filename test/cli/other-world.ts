import { readAssembly } from '../../cli/plan/assembly';
import { uploadAssets } from '../../cli/plan/asset-upload';
import { startSandbox, type FleetSeed, type Sandbox, type SandboxOptions } from '../../sandbox';
import { DEFAULT_TIMING, type EcsAssumptions } from '../../sandbox/ecs';
import { ASSUMPTION_VALUES } from '../../simulation/scenario/assumption-values';
import { Random } from '../../simulation/world/random';

/** What has really happened to the daemons of an app in its second deployment. */
export interface Reality {
  /** Drains, by the name of the capacity provider. */
  readonly drained: Readonly<Record<string, number>>;
  /** Minutes from the request to the last answer, by the name of the daemon. */
  readonly minutes: Readonly<Record<string, number>>;
  readonly status: string;
}

/**
 * The assumptions on which a plan's bounds do not rest: what differs from them must not matter. Replies that lack fields at random are
 * faults as lost replies are: each costs another round of reads, which the budget of reads delays by minutes.
 */
const VARIED = [
  'supersededPath', 'rollbackDeployment', 'emptyProviderBake', 'arnVisibilityDelay', 'afterDelete', 'createExisting',
  'tagLag', 'deploymentArnFormat', 'taskDefinitionNotFound', 'unknownStatus', 'counterLag', 'throttle', 'insufficientData',
  'missingAlarm', 'terminalFlip', 'nonCriticalSuccess', 'maxContainers', 'logDrivers', 'deletedTaskDefinition', 'compositeAlarms', 'logAlarms',
] as const satisfies readonly (keyof EcsAssumptions)[];

/** A world of a seed: delays, ages of reads and assumptions that no plan knows. */
export function worldOf(seed: number): SandboxOptions {
  const random = new Random(seed);
  const assumptions = Object.fromEntries(VARIED.map((name) => [name, random.pick<unknown>(ASSUMPTION_VALUES[name])]));
  return {
    seed,
    timing: Object.fromEntries(Object.entries(DEFAULT_TIMING).map(([name, seconds]) => [name, seconds * random.between(0.7, 1.5)])),
    ecs: { ...assumptions, readLag: random.integer(0, 120), readAge: 'random' },
    lambda: { cutsSuspensionPause: true },
  };
}

/** Deploys the old assembly and then the new one on fleets that exist from the start, by calls of CloudFormation alone. */
export async function deployInWorld(
  world: SandboxOptions, folders: readonly string[], fleets: readonly FleetSeed[], alarm?: string,
): Promise<Reality> {
  const sandbox = await startSandbox({ ...world, fleets });
  try {
    if (alarm !== undefined) await putAlarm(sandbox, alarm);
    const answers = recordAnswers(sandbox);
    await deploy(sandbox, folders[0]!);
    await sandbox.clock.sleep(3600);
    await putOutOfDoubt(sandbox);
    const [firstEvent, firstAnswer, firstRequest] = [sandbox.ecs.instanceEvents.length, answers.length, sandbox.requests.length];
    const status = await deploy(sandbox, folders[1]!);
    const drained: Record<string, number> = {};
    for (const { event, capacityProvider } of sandbox.ecs.instanceEvents.slice(firstEvent)) {
      if (event === 'INSTANCE_DRAINING') drained[capacityProvider] = (drained[capacityProvider] ?? 0) + 1;
    }
    return { drained, minutes: minutesOf(sandbox, firstRequest, answers.slice(firstAnswer)), status };
  } finally {
    await sandbox.close();
  }
}

interface Answer {
  readonly at: number;
  readonly stackId: string;
  readonly logicalId: string;
}

function recordAnswers({ cloudFormation, clock }: Sandbox): Answer[] {
  const answers: Answer[] = [];
  const receive = cloudFormation.receiveAnswer.bind(cloudFormation);
  cloudFormation.receiveAnswer = (request) => {
    const { StackId: stackId, LogicalResourceId: logicalId } = JSON.parse(request.body.toString());
    answers.push({ at: clock.now(), stackId, logicalId });
    return receive(request);
  };
  return answers;
}

/** From the first request for a daemon to the last answer of it and its gates, whose logical ids begin with that of the daemon. */
function minutesOf({ requests }: Sandbox, from: number, answers: readonly Answer[]): Record<string, number> {
  const minutes: Record<string, number> = {};
  for (const { service, operation, caller, input, time } of requests.slice(from)) {
    if (service !== 'lambda' || operation !== 'Invoke' || caller !== 'cloudformation') continue;
    const { ResourceType, StackId, LogicalResourceId, ResourceProperties } = JSON.parse(String(input.Payload));
    if (ResourceType !== 'Custom::ECSManagedDaemon' || minutes[ResourceProperties.DaemonName] !== undefined) continue;
    const stem = LogicalResourceId.slice(0, -8);
    const own = answers.filter(({ stackId, logicalId }) => stackId === StackId && logicalId.startsWith(stem));
    const last = Math.max(...own.map(({ at }) => at));
    minutes[ResourceProperties.DaemonName] = (last - Date.parse(time)) / 60_000;
  }
  return minutes;
}

async function deploy(sandbox: Sandbox, folder: string): Promise<string> {
  let status = '';
  for (const stack of readAssembly(folder)) {
    await uploadAssets(sandbox, stack);
    const StackName = stack.stackName;
    const exists = await sandbox.call('cloudformation', 'DescribeStacks', { StackName }).then(() => true, () => false);
    const input = { StackName, TemplateBody: JSON.stringify(stack.template), Capabilities: ['CAPABILITY_NAMED_IAM'] };
    const started = await sandbox.call('cloudformation', exists ? 'UpdateStack' : 'CreateStack', input).then(() => true, () => false);
    do {
      if (started) await sandbox.clock.sleep(10);
      status = (await sandbox.call('cloudformation', 'DescribeStacks', { StackName })).Stacks[0].StackStatus;
    } while (status.endsWith('_IN_PROGRESS'));
  }
  return status;
}

async function putAlarm({ call }: Sandbox, AlarmName: string): Promise<void> {
  await call('monitoring', 'PutMetricAlarm', { AlarmName, Period: 60, EvaluationPeriods: 1, ComparisonOperator: 'GreaterThanThreshold', Threshold: 0 });
  await call('monitoring', 'SetAlarmState', { AlarmName, StateValue: 'OK', StateReason: 'test' });
}

async function putOutOfDoubt({ call, cloudFormation }: Sandbox): Promise<void> {
  for (const { physicalId: AlarmName } of cloudFormation.deployed('AWS::CloudWatch::Alarm')) {
    await call('monitoring', 'SetAlarmState', { AlarmName, StateValue: 'OK', StateReason: 'test' });
  }
}
