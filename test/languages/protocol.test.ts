import { App, aws_cloudwatch as cloudwatch, aws_ecs as ecs, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  DaemonCapacityProvider, DaemonTagPropagation, DaemonTaskDefinition, ManagedDaemon, ManagedDaemonWaves, type DaemonTarget,
} from 'cdk-ecs-managed-daemons';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { entriesOf, enumMember, JsiiProcess, map, struct, type Reference, type Value } from './jsii-process';

const clusterArn = 'arn:aws:ecs:eu-west-1:123456789012:cluster/apps';
const capacityProviderArn = 'arn:aws:ecs:eu-west-1:123456789012:capacity-provider/managed';
const image = 'public.ecr.aws/cloudwatch-agent/cloudwatch-agent:1.300072.0b1766';

const folder = mkdtempSync(join(tmpdir(), 'other-languages-'));
let language: JsiiProcess;
beforeAll(async () => {
  language = await JsiiProcess.start(folder);
  await language.load(join(__dirname, '..', '..'));
}, 180_000); // aws-cdk-lib is packed and unpacked
afterAll(async () => {
  await language.stop();
  rmSync(folder, { recursive: true });
});

const own = (name: string): string => `cdk-ecs-managed-daemons.${name}`;
const core = (name: string): string => `aws-cdk-lib.${name}`;

const minutes = (amount: number): Promise<Value> => language.invokeStatic(core('Duration'), 'minutes', amount);

const stackOfOtherLanguage = async (): Promise<Reference> => language.create(core('Stack'), await language.create(core('App')), 'Agents');

async function templateOf(stack: Reference): Promise<Record<string, unknown>> {
  const template = await language.invokeStatic(core('assertions.Template'), 'fromStack', stack) as Reference;
  return entriesOf(await language.invoke(template, 'toJSON'));
}

/** What every other language sends for a daemon with a cluster, a capacity provider and a task definition. */
async function addDaemon(stack: Reference, more: Record<string, Value> = {}): Promise<Reference> {
  const taskDefinition = await language.create(own('DaemonTaskDefinition'), stack, 'Agent', struct(own('DaemonTaskDefinitionProps'), {
    cpu: 1024, memoryMiB: 512,
  }));
  await language.invoke(taskDefinition, 'addContainer', 'agent', struct(own('DaemonContainerDefinitionOptions'), {
    image: await language.invokeStatic(core('aws_ecs.ContainerImage'), 'fromRegistry', image),
    memoryLimitMiB: 512,
    environment: map({ LEVEL: 'info' }),
  }));
  return language.create(own('ManagedDaemon'), stack, 'Daemon', struct(own('ManagedDaemonProps'), {
    cluster: await language.invokeStatic(core('aws_ecs.Cluster'), 'fromClusterArn', stack, 'Cluster', clusterArn),
    capacityProviders: [await language.invokeStatic(own('DaemonCapacityProvider'), 'fromCapacityProviderArn', capacityProviderArn)],
    daemonTaskDefinition: taskDefinition,
    ...more,
  }));
}

test('an app of another language has the template of its TypeScript twin', async () => {
  const twin = new Stack(new App(), 'Agents');
  const taskDefinition = new DaemonTaskDefinition(twin, 'Agent', { cpu: 1024, memoryMiB: 512 });
  taskDefinition.addContainer('agent', {
    image: ecs.ContainerImage.fromRegistry(image), memoryLimitMiB: 512, environment: { LEVEL: 'info' },
  });
  const daemon = new ManagedDaemon(twin, 'Daemon', {
    cluster: ecs.Cluster.fromClusterArn(twin, 'Cluster', clusterArn),
    capacityProviders: [DaemonCapacityProvider.fromCapacityProviderArn(capacityProviderArn)],
    daemonTaskDefinition: taskDefinition,
    bakeTime: Duration.minutes(10),
    drainPercent: 50,
    propagateTags: DaemonTagPropagation.DAEMON,
    tags: { team: 'platform' },
  });
  const metric = daemon.metricCpuUtilization({ period: Duration.minutes(1) });
  daemon.addAlarm(new cloudwatch.Alarm(twin, 'CpuHigh', { metric, threshold: 90, evaluationPeriods: 3 }));
  new CfnOutput(twin, 'DaemonArn', { value: daemon.daemonArn });

  const stack = await stackOfOtherLanguage();
  const otherDaemon = await addDaemon(stack, {
    bakeTime: await minutes(10),
    drainPercent: 50,
    propagateTags: enumMember(own('DaemonTagPropagation'), 'DAEMON'),
    tags: map({ team: 'platform' }),
  });
  const otherMetric = await language.invoke(otherDaemon, 'metricCpuUtilization',
    struct(core('aws_cloudwatch.MetricOptions'), { period: await minutes(1) }));
  await language.invoke(otherDaemon, 'addAlarm', await language.create(core('aws_cloudwatch.Alarm'), stack, 'CpuHigh',
    struct(core('aws_cloudwatch.AlarmProps'), { metric: otherMetric, threshold: 90, evaluationPeriods: 3 })));
  await language.create(core('CfnOutput'), stack, 'DaemonArn', struct(core('CfnOutputProps'), { value: await language.get(otherDaemon, 'daemonArn') }));

  const template = Template.fromStack(twin);
  expect(await templateOf(stack)).toEqual(template.toJSON());
  template.resourceCountIs('Custom::ECSManagedDaemon', 1);
  template.resourceCountIs('AWS::ECS::DaemonTaskDefinition', 1);
  template.resourceCountIs('AWS::CloudWatch::Alarm', 1);
});

test('waves of another language are those of their TypeScript twin', async () => {
  const twin = new Stack(new App(), 'Agents');
  const taskDefinition = new DaemonTaskDefinition(twin, 'Agent');
  taskDefinition.addContainer('agent', { image: ecs.ContainerImage.fromRegistry(image), memoryLimitMiB: 512 });
  const cluster = ecs.Cluster.fromClusterArn(twin, 'Cluster', clusterArn);
  const target = (targetName: string): DaemonTarget =>
    ({ targetName, cluster, capacityProviders: [DaemonCapacityProvider.fromCapacityProviderArn(`${capacityProviderArn}-${targetName}`)] });
  const waves = new ManagedDaemonWaves(twin, 'Waves', {
    daemonTaskDefinition: taskDefinition,
    waves: [{ waveName: 'canary', targets: [target('one')], bakeTime: Duration.minutes(5) }, { waveName: 'rest', targets: [target('two'), target('three')] }],
  });
  new CfnOutput(twin, 'DaemonArn', { value: waves.daemonFor('two').daemonArn });

  const stack = await stackOfOtherLanguage();
  const otherDefinition = await language.create(own('DaemonTaskDefinition'), stack, 'Agent');
  await language.invoke(otherDefinition, 'addContainer', 'agent', struct(own('DaemonContainerDefinitionOptions'), {
    image: await language.invokeStatic(core('aws_ecs.ContainerImage'), 'fromRegistry', image), memoryLimitMiB: 512,
  }));
  const otherCluster = await language.invokeStatic(core('aws_ecs.Cluster'), 'fromClusterArn', stack, 'Cluster', clusterArn);
  const otherTarget = async (targetName: string): Promise<Value> => struct(own('DaemonTarget'), {
    targetName,
    cluster: otherCluster,
    capacityProviders: [await language.invokeStatic(own('DaemonCapacityProvider'), 'fromCapacityProviderArn', `${capacityProviderArn}-${targetName}`)],
  });
  const otherWaves = await language.create(own('ManagedDaemonWaves'), stack, 'Waves', struct(own('ManagedDaemonWavesProps'), {
    daemonTaskDefinition: otherDefinition,
    waves: [
      struct(own('DaemonWave'), { waveName: 'canary', targets: [await otherTarget('one')], bakeTime: await minutes(5) }),
      struct(own('DaemonWave'), { waveName: 'rest', targets: [await otherTarget('two'), await otherTarget('three')] }),
    ],
  }));
  const otherDaemon = await language.invoke(otherWaves, 'daemonFor', 'two') as Reference;
  await language.create(core('CfnOutput'), stack, 'DaemonArn', struct(core('CfnOutputProps'), { value: await language.get(otherDaemon, 'daemonArn') }));

  const template = Template.fromStack(twin);
  expect(await templateOf(stack)).toEqual(template.toJSON());
  template.resourceCountIs('Custom::ECSManagedDaemon', 3);
});

test('what a construct refuses is said in the other language', async () => {
  const stack = await stackOfOtherLanguage();
  await expect(addDaemon(stack, { drainPercent: 0 })).rejects.toThrow('[Agents/Daemon] drainPercent must be from 1 to 100, got: 0');
});

test('defaults for a daemon can be injected by a class of the other language', async () => {
  const stack = await stackOfOtherLanguage();
  const injector = await language.implement(core('IPropertyInjector'), {
    constructUniqueId: await language.getStatic(own('ManagedDaemon'), 'PROPERTY_INJECTION_ID'),
    inject: (props) => map({ drainPercent: 50, ...(props as Record<string, Value>) }),
  });
  const injectors = await language.invokeStatic(core('PropertyInjectors'), 'of', stack) as Reference;
  await language.invoke(injectors, 'add', injector);
  await addDaemon(stack);

  const template = Template.fromJSON(await templateOf(stack));
  template.hasResourceProperties('Custom::ECSManagedDaemon', { DrainPercent: 50 });
});
