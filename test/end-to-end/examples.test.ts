import { Toolkit } from '@aws-cdk/toolkit-lib';
import { startSandbox, type InstanceEvent, type Sandbox } from '../../sandbox';
import { exampleNames, SynthesizedExample } from '../example-synthesis';
import { POLLING_MILLISECONDS } from './deployment';

// the sandbox's default
const TASKS_PER_INSTANCE = 2;

let sandbox: Sandbox;
let example: SynthesizedExample;
afterEach(async () => {
  await sandbox.close();
  example.remove();
});

/** The instances that have gone through an event, each once, in order. */
const instancesWith = (name: InstanceEvent['event']): string[] =>
  [...new Set(sandbox.ecs.instanceEvents.filter(({ event }) => event === name).map(({ instanceId }) => instanceId))];

/** The applications' instances on which an application task started before the daemon task ran. */
const unguarded = (): string[] => instancesWith('APPLICATION_TASK_STARTED').filter((instance) => {
  const events = sandbox.ecs.instanceEvents.filter(({ instanceId }) => instanceId === instance).map(({ event }) => event);
  return !events.slice(0, events.indexOf('APPLICATION_TASK_STARTED')).includes('DAEMON_TASK_RUNNING');
});

const stacks = async (): Promise<string[]> => {
  const { Stacks } = await sandbox.call('cloudformation', 'DescribeStacks', {});
  return Stacks.map(({ StackName, StackStatus }: Record<string, string>) => `${StackName} ${StackStatus}`);
};

test.each(exampleNames)('%s is deployed, its daemon before its application on every instance, and destroyed', async (name) => {
  sandbox = await startSandbox({ lambda: { cutsSuspensionPause: true } });
  Object.assign(process.env, sandbox.environment);
  const toolkit = new Toolkit({ ioHost: { notify: async () => undefined, requestResponse: async (request) => request.defaultResponse } });
  example = new SynthesizedExample(name);
  const names = example.assembly.stacks.map(({ stackName }) => stackName);
  const instances = example.applicationTasks / TASKS_PER_INSTANCE;
  const source = await toolkit.fromAssemblyDirectory(example.assembly.directory);

  await toolkit.deploy(source, { deploymentMethod: { method: 'direct' }, stackEventPollingInterval: POLLING_MILLISECONDS });
  expect(await stacks()).toEqual(names.map((stack) => `${stack} CREATE_COMPLETE`));
  expect(instancesWith('APPLICATION_TASK_STARTED')).toHaveLength(instances);
  expect(unguarded()).toEqual([]);

  await toolkit.destroy(source, { stackEventPollingInterval: POLLING_MILLISECONDS });
  expect(await stacks()).toEqual([]);
  expect(instancesWith('INSTANCE_TERMINATED')).toHaveLength(instances);
  const { clusterArns } = await sandbox.call('ecs', 'ListClusters', {});
  expect(clusterArns).toEqual([]);
});
