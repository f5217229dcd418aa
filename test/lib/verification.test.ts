import { App, aws_ecs as ecs, aws_iam as iam, NestedStack, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { ManagedDaemon } from '../../lib';
import { StackWithDaemon } from './stack-with-daemon';

const TYPE = 'Custom::ECSManagedDaemonVerification';

let stack: StackWithDaemon;
let daemon: ManagedDaemon;

beforeEach(() => {
  stack = new StackWithDaemon();
  daemon = stack.addDaemon();
});

interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DependsOn?: string[];
}

const resources = (): Record<string, Resource> => Template.fromStack(stack).toJSON().Resources as Record<string, Resource>;
const verifications = (): Resource[] => Object.values(resources()).filter(({ Type }) => Type === TYPE);
const idOf = ({ node }: ManagedDaemon): string => stack.getLogicalId(node.defaultChild as ecs.CfnService);
const plainService = (id: string, scope: Stack = stack): ecs.CfnService => new ecs.CfnService(scope, id);

const fargateService = (): ecs.FargateService => {
  const taskDefinition = new ecs.TaskDefinition(stack, 'Application', {
    compatibility: ecs.Compatibility.MANAGED_INSTANCES, cpu: '256', memoryMiB: '512', networkMode: ecs.NetworkMode.AWS_VPC,
  });
  taskDefinition.addContainer('app', { image: ecs.ContainerImage.fromRegistry('public.ecr.aws/docker/library/nginx:1.29') });
  return new ecs.FargateService(stack, 'Service', {
    cluster: stack.cluster,
    taskDefinition,
    capacityProviderStrategies: [{ capacityProvider: stack.instances.capacityProviderName, weight: 1 }],
  });
};

test('a verification depends on the services, and changes with the revision of the daemon', () => {
  daemon.verifyAfter(fargateService());

  expect(verifications()).toEqual([{
    Type: TYPE,
    Properties: {
      ServiceToken: { 'Fn::GetAtt': ['ManagedDaemonProviderDispatcher80D9A1E6', 'Arn'] },
      ServiceTimeout: 3600,
      ContractVersion: '1',
      ClusterArn: { 'Fn::GetAtt': [expect.stringMatching(/^Cluster/), 'Arn'] },
      DaemonName: daemon.daemonName,
      RevisionArn: { 'Fn::GetAtt': [idOf(daemon), 'RevisionArn'] },
      Services: ['ServiceD69D759B'],
    },
    DependsOn: ['ServiceD69D759B'],
  }]);
});

test('the logical id of a verification is fixed', () => {
  daemon.verifyAfter(plainService('Web'));

  expect(Object.keys(resources()).filter((id) => resources()[id].Type === TYPE)).toEqual(['DaemonVerification1456632E']);
});

test('the services of a verification start after the daemon', () => {
  daemon.verifyAfter(plainService('Web'), plainService('Api'));

  expect(resources().Web.DependsOn).toEqual([idOf(daemon)]);
  expect(resources().Api.DependsOn).toEqual([idOf(daemon)]);
});

test('a daemon has one verification, which depends on all its services', () => {
  const [web, api, worker] = ['Web', 'Api', 'Worker'].map((id) => plainService(id));
  daemon.verifyAfter(web, api);
  daemon.verifyAfter(worker, web);

  expect(verifications()).toMatchObject([{ Properties: { Services: ['Web', 'Api', 'Worker'] }, DependsOn: ['Api', 'Web', 'Worker'] }]);
});

test('a daemon without verifyAfter has no verification', () => {
  daemon.startBefore(plainService('Web'));

  expect(verifications()).toEqual([]);
});

test('a verification needs no resource and no permission beyond those of the daemon', () => {
  daemon.verifyAfter(plainService('Web'));
  const without = new StackWithDaemon();
  without.addDaemon();
  const others = Object.fromEntries(Object.entries(resources()).filter(([id, { Type }]) => Type !== TYPE && id !== 'Web'));

  expect(others).toEqual(Template.fromStack(without).toJSON().Resources);
});

describe('a dependency on the daemon does not include its verification:', () => {
  /** The resources that a resource waits for, near and far. */
  const waitsFor = (id: string, all = resources(), seen = new Set<string>()): Set<string> => {
    const references = [...JSON.stringify(all[id]).matchAll(/"(?:Ref|Fn::GetAtt)":\[?"(\w+)"/g)].map(([, target]) => target);
    for (const target of [...references, ...all[id].DependsOn ?? []]) {
      if (target in all && !seen.has(target)) waitsFor(target, all, seen.add(target));
    }
    return seen;
  };

  test.each<[string, (second: ManagedDaemon, web: ecs.CfnService) => void]>([
    ['a service', () => undefined],
    ['a daemon that rolls out after it', (second) => second.rolloutAfter(daemon)],
    ['a daemon that rolls out before it', (second) => daemon.rolloutAfter(second)],
    ['a daemon that is verified after the same service', (second, web) => second.verifyAfter(web)],
    ['a resource in between', (second) => {
      const group = new iam.CfnGroup(stack, 'Group');
      group.node.addDependency(daemon);
      second.node.addDependency(group);
    }],
  ])('%s', (_, state) => {
    const second = stack.addDaemon('Second');
    const web = plainService('Web');
    daemon.verifyAfter(web);
    second.startBefore(web);
    state(second, web);

    const all = resources();
    expect(Object.keys(all).filter((id) => waitsFor(id, all).has(id))).toEqual([]);
    expect(waitsFor('Web', all)).toContain(idOf(second));
    expect([...waitsFor('Web', all)].filter((id) => all[id].Type === TYPE)).toEqual([]);
  });
});

describe('a service', () => {
  test('of a nested stack delays the verification with its stack', () => {
    const nested = new NestedStack(stack, 'Nested');
    daemon.verifyAfter(plainService('Web', nested));

    expect(verifications()).toMatchObject([{ Properties: { Services: ['Web'] }, DependsOn: [stack.getLogicalId(nested.nestedStackResource!)] }]);
  });

  test('of another stack is rejected, since neither stack could be first', () => {
    const other = new Stack(stack.node.root as App, 'Other');

    expect(() => daemon.verifyAfter(plainService('Here'), plainService('Web', other))).toThrow(expect.objectContaining({
      name: 'ValidationError',
      message: '[Stack/Daemon] services to verify after must be in the stack of the daemon or nested in it, got: "Other/Web"'
        + ' (its stack waits for that of the daemon, which therefore cannot wait for it)',
    }));
    expect(verifications()).toEqual([]);
    expect(resources().Here.DependsOn).toBeUndefined();
  });

  test('is rejected if imported', () => {
    const service = ecs.FargateService.fromFargateServiceArn(stack, 'Elsewhere', 'arn:aws:ecs:eu-west-1:111122223333:service/cluster/web');

    expect(() => daemon.verifyAfter(service)).toThrow('[Stack/Daemon] services must be defined in this app, got an imported one: "Stack/Elsewhere"');
  });
});
