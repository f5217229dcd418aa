import { FakeWorld, customTemplate } from './fake-world';

let world: FakeWorld;

beforeEach(() => {
  world = new FakeWorld();
});

const createChangeSet = (template: unknown, input: Record<string, unknown> = {}) => world.call<{ Id: string; StackId: string }>('CreateChangeSet', {
  StackName: 'Test', ChangeSetName: 'set', ChangeSetType: 'UPDATE', TemplateBody: JSON.stringify(template), ...input,
});

const describeChangeSet = () => world.call('DescribeChangeSet', { StackName: 'Test', ChangeSetName: 'set', IncludePropertyValues: 'true' });

test('a change set creates a stack', async () => {
  const { Id: id, StackId: stackId } = await createChangeSet(customTemplate({ A: {} }), { ChangeSetType: 'CREATE' });
  expect((await world.stack()).StackStatus).toBe('REVIEW_IN_PROGRESS');
  expect(await world.call('DescribeChangeSet', { ChangeSetName: id, StackName: stackId })).toMatchObject({
    ChangeSetId: id, StackId: stackId, Status: 'CREATE_COMPLETE', ExecutionStatus: 'AVAILABLE', CreationTime: expect.any(Date),
    Changes: [{ Type: 'Resource', ResourceChange: { Action: 'Add', LogicalResourceId: 'A', ResourceType: 'Custom::Thing' } }],
  });
  await world.call('ExecuteChangeSet', { ChangeSetName: id });
  expect(await world.settled()).toBe('CREATE_COMPLETE');
});

test('unknown stacks and change sets fail, and deleted ones are found by ARN only (W8, W9, W12)', async () => {
  await expect(world.stack('Missing')).rejects.toMatchObject({ code: 'ValidationError', message: 'Stack with id Missing does not exist' });
  await expect(world.call('DescribeStackEvents', { StackName: 'Missing' })).rejects.toThrow('Stack [Missing] does not exist');
  await world.create(customTemplate({ A: {} }));
  await expect(describeChangeSet()).rejects.toMatchObject({ code: 'ChangeSetNotFound', statusCode: 404 });
  await world.call('DeleteChangeSet', { StackName: 'Test', ChangeSetName: 'set' });
  const { StackId: id } = await world.stack();
  expect(await world.delete()).toBe('DELETE_COMPLETE');
  await expect(world.stack()).rejects.toThrow('Stack with id Test does not exist');
  expect((await world.stack(id)).StackStatus).toBe('DELETE_COMPLETE');
});

test('a change set without changes fails (W10)', async () => {
  const template = customTemplate({ A: { Value: 1 } });
  await world.create(template);
  await createChangeSet(customTemplate({ A: { Value: '1' } }));
  expect(await describeChangeSet()).toMatchObject({
    Status: 'FAILED', StatusReason: expect.stringMatching(/^The submitted information didn't contain changes\./), ExecutionStatus: 'UNAVAILABLE',
  });
  await expect(world.update(template)).rejects.toMatchObject({ code: 'ValidationError', message: 'No updates are to be performed.' });
});

test('a change of outputs alone can be executed (W11)', async () => {
  await world.create(customTemplate({ A: {} }));
  await createChangeSet(customTemplate({ A: {} }, { Outputs: { O: { Value: 'v' } } }));
  expect(await describeChangeSet()).toMatchObject({ Status: 'CREATE_COMPLETE', Changes: [] });
  await world.call('ExecuteChangeSet', { StackName: 'Test', ChangeSetName: 'set' });
  expect(await world.settled()).toBe('UPDATE_COMPLETE');
  expect((await world.stack()).Outputs).toMatchObject([{ OutputKey: 'O', OutputValue: 'v' }]);
});

test('the status changes before the reply (W13)', async () => {
  world.handler = () => undefined;
  const status = async () => (await world.stack()).StackStatus;
  await world.call('CreateStack', { StackName: 'Test', TemplateBody: JSON.stringify(customTemplate({ A: {} })) });
  expect(await status()).toBe('CREATE_IN_PROGRESS');
  await world.settled();
  await world.respond(world.events[0]!, { PhysicalResourceId: 'a' });
  await world.settled();
  await world.call('DeleteStack', { StackName: 'Test' });
  expect(await status()).toBe('DELETE_IN_PROGRESS');
});

test('modifications contain the properties and whether they replace (W16)', async () => {
  world.answers.CreateCluster = ({ clusterName }) => ({ cluster: { clusterName, clusterArn: `arn:cluster/${clusterName}` } });
  const template = (name: string) => ({
    Resources: {
      Cluster: { Type: 'AWS::ECS::Cluster', Properties: { ClusterName: name } },
      ...customTemplate({ Thing: { Cluster: { Ref: 'Cluster' } } }).Resources as object,
      Gone: name === 'one' ? { Type: 'AWS::SNS::Topic' } : undefined,
    },
  });
  await world.create(template('one'));
  await createChangeSet(template('two'));
  const { Changes: changes } = await describeChangeSet();
  expect(changes.map(({ ResourceChange: change }: { ResourceChange: unknown }) => change)).toMatchObject([
    {
      Action: 'Modify', LogicalResourceId: 'Cluster', PhysicalResourceId: 'one', Replacement: 'True', PolicyAction: 'ReplaceAndDelete', Scope: ['Properties'],
      Details: [{ Target: { Attribute: 'Properties', Name: 'ClusterName', RequiresRecreation: 'Always', Path: '/Properties/ClusterName', BeforeValue: 'one', AfterValue: 'two' } }],
      BeforeContext: JSON.stringify({ Properties: { ClusterName: 'one' } }),
      AfterContext: JSON.stringify({ Properties: { ClusterName: 'two' } }),
    },
    {
      Action: 'Modify', LogicalResourceId: 'Thing', Replacement: 'False',
      Details: [{ Target: { Name: 'Cluster', RequiresRecreation: 'Never', BeforeValue: 'one', AfterValue: '{{changeSet:KNOWN_AFTER_APPLY}}' } }],
    },
    { Action: 'Remove', LogicalResourceId: 'Gone', ResourceType: 'AWS::SNS::Topic' },
  ]);
});

test('a removal policy alone is a change, and updates no resource (W16)', async () => {
  await world.create(customTemplate({ A: {} }));
  await createChangeSet(customTemplate({ A: { DeletionPolicy: 'Retain' } }));
  const { Changes: changes } = await describeChangeSet();
  expect(changes).toMatchObject([{ ResourceChange: { Action: 'Modify', Replacement: 'False', Scope: ['DeletionPolicy'] } }]);
  await world.call('ExecuteChangeSet', { StackName: 'Test', ChangeSetName: 'set' });
  expect(await world.settled()).toBe('UPDATE_COMPLETE');
  await world.delete();
  expect(world.requests).toEqual(['Create A']);
});

test('metadata alone is a change that sends no request to the function (E19)', async () => {
  const template = (path: string) => {
    const { Resources: resources } = customTemplate({ A: {} }) as { Resources: Record<string, object> };
    return { Resources: { A: { ...resources.A, Metadata: { 'aws:cdk:path': path } } } };
  };
  await world.create(template('one'));
  expect(await world.update(template('two'))).toBe('UPDATE_COMPLETE');
  expect(world.requests).toEqual(['Create A']);
});

test('an empty stack in REVIEW_IN_PROGRESS can be deleted', async () => {
  const { StackId: id } = await createChangeSet(customTemplate({ A: {} }), { ChangeSetType: 'CREATE' });
  await world.call('DeleteStack', { StackName: 'Test' });
  expect(await world.settled(id)).toBe('DELETE_COMPLETE');
});
