import { App, aws_cloudwatch as cloudwatch, aws_ecs as ecs, aws_iam as iam, Stack, Tags } from 'aws-cdk-lib';
import recommendedFeatureFlags from 'aws-cdk-lib/recommended-feature-flags.json';
import { DaemonTaskDefinition } from 'cdk-ecs-managed-daemons';

/** Two resources a daemon, its task definition among them: more would not fit into the 500 resources of a stack. */
export const daemonsPerStack = 200;

/** As many as draw no warning. */
const daemonsPerCapacityProvider = 4;

const account = '111122223333';
const region = 'eu-west-1';

/** What the CDK CLI tells every app unless it is told otherwise. */
const cliContext = {
  'aws:cdk:enable-path-metadata': true,
  'aws:cdk:enable-asset-metadata': true,
  'aws:cdk:version-reporting': true,
  'aws:cdk:bundling-stacks': ['**'],
};

/** The settings that all daemons have. They fit 55 minutes, so that none has gates. */
export const settings = {
  drainPercent: 25,
  bakeTimeInMinutes: 3,
  propagateTags: 'DAEMON',
  enableECSManagedTags: true,
  enableExecuteCommand: false,
  critical: true,
  tags: [{ key: 'component', value: 'agent' }],
} as const;

/** What a daemon is made of, whatever makes it. */
export interface DaemonPlan<Made> {
  readonly name: string;
  readonly cluster: ecs.ICluster;
  readonly capacityProviderArn: string;
  readonly taskDefinition: DaemonTaskDefinition;
  readonly alarm: cloudwatch.IAlarm;
  /** The daemon before it on its capacity provider. */
  readonly previous: Made | undefined;
}

/** Makes the daemons of one stack. */
export type DaemonMaker<Made> = (stack: Stack, id: string, plan: DaemonPlan<Made>) => Made;

/** An app of so many daemons, over as many stacks as they need, as the CDK CLI runs an app that `cdk init` made. */
export function fleet<Made>(daemons: number, makeDaemon: DaemonMaker<Made>, outdir?: string): App {
  const app = new App({ outdir, context: { ...recommendedFeatureFlags, ...cliContext } });
  Tags.of(app).add('team', 'observability');
  for (let first = 0; first < daemons; first += daemonsPerStack) {
    fillStack(new Stack(app, `Fleet${first / daemonsPerStack}`, { env: { account, region } }), Math.min(daemonsPerStack, daemons - first), makeDaemon);
  }
  return app;
}

function fillStack<Made>(stack: Stack, daemons: number, makeDaemon: DaemonMaker<Made>): void {
  const cluster = ecs.Cluster.fromClusterArn(stack, 'Cluster', `arn:aws:ecs:${region}:${account}:cluster/fleet`);
  const alarm = guardAlarm(stack);
  let previous: Made | undefined;
  for (let index = 0; index < daemons; index++) {
    const group = Math.floor(index / daemonsPerCapacityProvider);
    previous = makeDaemon(stack, `Daemon${index}`, {
      name: `${stack.stackName}-agent-${index}`,
      cluster,
      capacityProviderArn: `arn:aws:ecs:${region}:${account}:capacity-provider/instances-${group}`,
      taskDefinition: taskDefinition(stack, index),
      alarm,
      previous: index % daemonsPerCapacityProvider === 0 ? undefined : previous,
    });
  }
}

/** On the agents of the whole stack. It is also the one construct of aws-cdk-lib that makes the rest of the app an ordinary one. */
function guardAlarm(stack: Stack): cloudwatch.Alarm {
  return new cloudwatch.Alarm(stack, 'Alarm', {
    metric: new cloudwatch.Metric({ namespace: 'Agents', metricName: 'Dropped', dimensionsMap: { fleet: stack.stackName } }),
    threshold: 1,
    evaluationPeriods: 3,
  });
}

function taskDefinition(stack: Stack, index: number): DaemonTaskDefinition {
  const role = (name: string): iam.IRole =>
    iam.Role.fromRoleArn(stack, `${name}Role${index}`, `arn:aws:iam::${account}:role/${stack.stackName}-${name}-${index}`);
  const made = new DaemonTaskDefinition(stack, `TaskDefinition${index}`, { taskRole: role('Task'), executionRole: role('Execution') });
  made.addContainer('agent', {
    image: ecs.ContainerImage.fromRegistry('public.ecr.aws/cloudwatch-agent/cloudwatch-agent:1.300'), memoryLimitMiB: 512,
  });
  return made;
}
