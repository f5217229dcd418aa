import { CLUSTER_ARN, DAEMON_ARN, EcsRig, providerArn } from './ecs-rig';

let rig: EcsRig;
let daemonTaskDefinitionArn: string;

beforeEach(async () => {
  rig = await EcsRig.start({ fleets: { main: 0 } });
  daemonTaskDefinitionArn = (await rig.ecs.registerDaemonTaskDefinition({
    family: 'agent', containerDefinitions: [{ name: 'agent', image: 'agent:1', memory: 64 }], taskRoleArn: 'arn:task', executionRoleArn: 'arn:execution',
  })).daemonTaskDefinitionArn!;
});
afterEach(() => rig.close());

const passed = { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' };
const passRole = [
  { action: 'iam:PassRole', resources: ['arn:task'], context: passed },
  { action: 'iam:PassRole', resources: ['arn:execution'], context: passed },
];

test('CreateDaemon needs permissions on the daemon, its request tags, TagResource, and both roles (R53)', () => {
  const input = { daemonName: 'agent', clusterArn: CLUSTER_ARN, daemonTaskDefinitionArn, capacityProviderArns: [providerArn('main')] };
  const settings = {
    'ecs:cluster': CLUSTER_ARN, 'ecs:daemon-task-definition': daemonTaskDefinitionArn, 'ecs:capacity-provider': [providerArn('main')],
  };
  expect(rig.sandbox.ecs.requiredPermissions('CreateDaemon', { ...input, tags: [{ key: 'team', value: 'a' }] })).toEqual([
    { action: 'ecs:CreateDaemon', resources: [DAEMON_ARN], context: { ...settings, 'aws:RequestTag/team': 'a', 'aws:TagKeys': ['team'] } },
    { action: 'ecs:TagResource', resources: [DAEMON_ARN], context: { 'aws:RequestTag/team': 'a', 'aws:TagKeys': ['team'], 'ecs:CreateAction': 'CreateDaemon' } },
    ...passRole,
  ]);
  // without tags there are no keys of tags
  expect(rig.sandbox.ecs.requiredPermissions('CreateDaemon', input)).toEqual([{ action: 'ecs:CreateDaemon', resources: [DAEMON_ARN], context: settings }, ...passRole]);
});

test('UpdateDaemon and DeleteDaemon need permissions with the tags of the existing daemon', async () => {
  await rig.create('', { daemonTaskDefinitionArn, tags: [{ key: 'team', value: 'a' }] });
  const [update, ...roles] = rig.sandbox.ecs.requiredPermissions('UpdateDaemon', { daemonArn: DAEMON_ARN, daemonTaskDefinitionArn, capacityProviderArns: [] });
  expect(update).toMatchObject({ action: 'ecs:UpdateDaemon', resources: [DAEMON_ARN], context: { 'aws:ResourceTag/team': 'a', 'ecs:cluster': CLUSTER_ARN } });
  expect(roles).toEqual(passRole);
  expect(rig.sandbox.ecs.requiredPermissions('DeleteDaemon', { daemonArn: DAEMON_ARN })).toEqual([
    { action: 'ecs:DeleteDaemon', resources: [DAEMON_ARN], context: { 'aws:ResourceTag/team': 'a' } },
  ]);
  expect(rig.sandbox.ecs.requiredPermissions('TagResource', { resourceArn: DAEMON_ARN, tags: [{ key: 'new', value: 'b' }] })).toEqual([
    { action: 'ecs:TagResource', resources: [DAEMON_ARN], context: { 'aws:ResourceTag/team': 'a', 'aws:RequestTag/new': 'b', 'aws:TagKeys': ['new'] } },
  ]);
  expect(rig.sandbox.ecs.requiredPermissions('UntagResource', { resourceArn: DAEMON_ARN, tagKeys: ['team'] })).toEqual([
    { action: 'ecs:UntagResource', resources: [DAEMON_ARN], context: { 'aws:ResourceTag/team': 'a', 'aws:TagKeys': ['team'] } },
  ]);
});

test('DescribeCapacityProviders needs a permission on each of them, and on all if none is named', () => {
  expect(rig.sandbox.ecs.requiredPermissions('DescribeCapacityProviders', { capacityProviders: ['main', providerArn('other')] })).toEqual(
    ['main', 'other'].map((name) => ({ action: 'ecs:DescribeCapacityProviders', resources: [providerArn(name)], context: {} })));
  expect(rig.sandbox.ecs.requiredPermissions('DescribeCapacityProviders', {})).toMatchObject([{ resources: [providerArn('*')] }]);
});

test('a description of deployments and revisions needs permissions on the daemon and on each of them (R54)', async () => {
  const deploymentArn = await rig.create('', { daemonTaskDefinitionArn });
  expect(rig.sandbox.ecs.requiredPermissions('DescribeDaemonDeployments', { daemonDeploymentArns: [deploymentArn] })).toEqual([
    { action: 'ecs:DescribeDaemonDeployments', resources: [DAEMON_ARN], context: {} },
    { action: 'ecs:DescribeDaemonDeployments', resources: [deploymentArn] },
  ]);
  const unknown = DAEMON_ARN.replace(':daemon/', ':daemon-revision/') + '/1';
  expect(rig.sandbox.ecs.requiredPermissions('DescribeDaemonRevisions', { daemonRevisionArns: [unknown] })).toEqual([
    { action: 'ecs:DescribeDaemonRevisions', resources: [DAEMON_ARN], context: {} },
    { action: 'ecs:DescribeDaemonRevisions', resources: [unknown] },
  ]);
});

test('lists need permissions without a resource of their own', () => {
  expect(rig.sandbox.ecs.requiredPermissions('ListDaemons', { clusterArn: 'fleet' })).toEqual([
    { action: 'ecs:ListDaemons', resources: ['*'], context: { 'ecs:cluster': CLUSTER_ARN } },
  ]);
  expect(rig.sandbox.ecs.requiredPermissions('ListDaemonTaskDefinitions', {})).toEqual([{ action: 'ecs:ListDaemonTaskDefinitions', resources: ['*'] }]);
});

test('operations on task definitions need permissions on them', () => {
  expect(rig.sandbox.ecs.requiredPermissions('RegisterDaemonTaskDefinition', { family: 'agent', taskRoleArn: 'arn:task', executionRoleArn: 'arn:execution' })).toEqual([
    { action: 'ecs:RegisterDaemonTaskDefinition', resources: ['arn:aws:ecs:us-east-1:123456789012:daemon-task-definition/agent:*'], context: {} }, ...passRole,
  ]);
  expect(rig.sandbox.ecs.requiredPermissions('DescribeDaemonTaskDefinition', { daemonTaskDefinition: daemonTaskDefinitionArn })).toEqual([
    { action: 'ecs:DescribeDaemonTaskDefinition', resources: [daemonTaskDefinitionArn], context: {} },
  ]);
});
