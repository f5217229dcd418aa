import { AwsError } from '../../../sandbox/core/aws-error';
import { FakeWorld, customTemplate } from './fake-world';

let world: FakeWorld;
let revision: number;

beforeEach(() => {
  world = new FakeWorld();
  revision = 0;
  world.answers.RegisterDaemonTaskDefinition = ({ family }) => ({ daemonTaskDefinitionArn: `arn:aws:ecs:us-east-1:123456789012:daemon-task-definition/${family}:${++revision}` });
  world.answers.DeleteDaemonTaskDefinition = () => ({});
});

const taskDefinition = (image: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  Type: 'AWS::ECS::DaemonTaskDefinition',
  Properties: { Family: 'agent', ContainerDefinitions: [{ Name: 'agent', Image: image, DockerLabels: { Free: 'Form' } }] },
  ...more,
});

const template = (image: string, more: Record<string, unknown> = {}) => {
  const custom = customTemplate({ User: { Definition: { Ref: 'Definition' } } }) as { Resources: object };
  return { Resources: { Definition: taskDefinition(image, more), ...custom.Resources } };
};

const writes = () => world.calls.filter(({ operation }) => !operation.startsWith('Get'));
const operations = () => writes().map(({ operation }) => operation);

test('a replacing property creates the new resource first, moves references, and deletes the old one in cleanup (E3)', async () => {
  await world.create(template('agent:1'));
  expect(await world.update(template('agent:2'))).toBe('UPDATE_COMPLETE');
  expect(world.events[1]!.ResourceProperties.Definition).toMatch(/agent:2$/);
  expect(world.calls.at(-1)).toMatchObject({ operation: 'DeleteDaemonTaskDefinition', input: { daemonTaskDefinition: expect.stringMatching(/agent:1$/) } });
  expect((await world.eventLines()).slice(-9)).toEqual([
    'Definition UPDATE_IN_PROGRESS', 'Definition UPDATE_IN_PROGRESS', 'Definition UPDATE_COMPLETE', 'User UPDATE_IN_PROGRESS', 'User UPDATE_COMPLETE',
    'Test UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'Definition DELETE_IN_PROGRESS', 'Definition DELETE_COMPLETE', 'Test UPDATE_COMPLETE',
  ]);
  const reasons = (await world.stackEvents()).map(({ ResourceStatusReason: reason }) => reason);
  expect(reasons).toContain('Requested update requires the creation of a new physical resource; hence creating one.');
});

test('properties arrive in the spelling of the API, free maps untouched (E3)', async () => {
  await world.create(template('agent:1'));
  expect(world.calls[0]!.input).toEqual({
    family: 'agent', containerDefinitions: [{ name: 'agent', image: 'agent:1', dockerLabels: { Free: 'Form' } }],
  });
});

test('the new half of a replacement is deleted in the cleanup of the rollback (E7)', async () => {
  await world.create(template('agent:1'));
  world.handler = ({ ResourceProperties: { Definition: definition }, PhysicalResourceId }) => (
    String(definition).endsWith(':2') ? { Status: 'FAILED', Reason: 'no', PhysicalResourceId } : { PhysicalResourceId }
  );
  expect(await world.update(template('agent:2'))).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(world.events.at(-1)).toMatchObject({ RequestType: 'Update', ResourceProperties: { Definition: expect.stringMatching(/:1$/) } });
  expect(operations().slice(1)).toEqual(['RegisterDaemonTaskDefinition', 'DeleteDaemonTaskDefinition']);
  expect(world.calls.at(-1)!.input.daemonTaskDefinition).toMatch(/:2$/);
  const lines = await world.eventLines();
  expect(lines.indexOf('Definition DELETE_IN_PROGRESS')).toBeGreaterThan(lines.indexOf('Test UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS'));
});

test('a replacement that fails leaves the old half in place', async () => {
  await world.create(template('agent:1'));
  world.answers.RegisterDaemonTaskDefinition = () => {
    throw new AwsError('ClientException', 'No such image');
  };
  expect(await world.update(template('agent:2'))).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(operations()).not.toContain('DeleteDaemonTaskDefinition');
  const { StackResources: resources } = await world.call('DescribeStackResources', { StackName: 'Test', LogicalResourceId: 'Definition' });
  expect(resources).toMatchObject([{ ResourceStatus: 'UPDATE_COMPLETE', PhysicalResourceId: expect.stringMatching(/:1$/) }]);
});

describe('retention (E12)', () => {
  test('UpdateReplacePolicy decides about the old half of a replacement', async () => {
    await world.create(template('agent:1'));
    await world.update(template('agent:2', { UpdateReplacePolicy: 'Retain' }));
    expect(operations()).not.toContain('DeleteDaemonTaskDefinition');
    expect(await world.eventLines()).toContain('Definition DELETE_SKIPPED');
  });

  test('DeletionPolicy does not keep the old half of a replacement', async () => {
    await world.create(template('agent:1', { DeletionPolicy: 'Retain' }));
    await world.update(template('agent:2', { DeletionPolicy: 'Retain' }));
    expect(operations()).toContain('DeleteDaemonTaskDefinition');
  });

  test('DeletionPolicy keeps resources that leave the template, and those of a deleted stack', async () => {
    await world.create(customTemplate({ A: { DeletionPolicy: 'Retain' }, B: { DeletionPolicy: 'RetainExceptOnCreate' }, C: {} }));
    await world.update(customTemplate({ B: { DeletionPolicy: 'RetainExceptOnCreate' }, C: {} }));
    await world.delete();
    expect(world.requests.slice(3)).toEqual(['Delete C']);
  });

  test('RetainExceptOnCreate deletes in the rollback of the creation, Retain does not', async () => {
    world.handler = ({ LogicalResourceId, RequestType }) => (LogicalResourceId === 'Bad' && RequestType === 'Create'
      ? { Status: 'FAILED', Reason: 'no', PhysicalResourceId: 'bad' } : { PhysicalResourceId: 'x' });
    await world.create(customTemplate({
      A: { DeletionPolicy: 'Retain' }, B: { DeletionPolicy: 'RetainExceptOnCreate' }, Bad: { DependsOn: ['A', 'B'], DeletionPolicy: 'Retain' },
    }));
    expect(world.requests.slice(3)).toEqual(['Delete Bad', 'Delete B']);
  });
});

test('the tags of the stack reach resources that take tags, and a change of them is an update', async () => {
  world.answers.TagResource = () => ({});
  await world.create(template('agent:1'), { Tags: [{ Key: 'team', Value: 'platform' }] });
  expect(world.calls[0]!.input.tags).toEqual([{ key: 'team', value: 'platform' }]);
  await world.update(template('agent:1'), { Tags: [{ Key: 'team', Value: 'observability' }] });
  expect(writes()[1]).toMatchObject({ operation: 'TagResource', input: { tags: [{ key: 'team', value: 'observability' }] } });
  expect(world.requests).toEqual(['Create User']);
});
