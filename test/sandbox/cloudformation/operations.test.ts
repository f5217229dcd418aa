import { FakeWorld, customTemplate } from './fake-world';

let world: FakeWorld;

beforeEach(() => {
  world = new FakeWorld();
});

test('E1: a reference or DependsOn orders create, update and delete', async () => {
  const template = (value: string) => customTemplate({
    Last: { Value: value, DependsOn: ['Middle'] },
    Middle: { Value: value, Id: { Ref: 'First' } },
    First: { Value: value },
  });
  expect(await world.create(template('1'))).toBe('CREATE_COMPLETE');
  expect(await world.update(template('2'))).toBe('UPDATE_COMPLETE');
  expect(await world.delete()).toBe('DELETE_COMPLETE');
  expect(world.requests).toEqual([
    'Create First', 'Create Middle', 'Create Last',
    'Update First', 'Update Middle', 'Update Last',
    'Delete Last', 'Delete Middle', 'Delete First',
  ]);
});

test('E1: independent resources run in parallel', async () => {
  world.handler = () => undefined;
  expect(await world.create(customTemplate({ A: {}, B: {}, C: { Id: { Ref: 'A' } } }))).toBe('CREATE_IN_PROGRESS');
  expect(world.requests).toEqual(['Create A', 'Create B']);
});

test('E2: what is updated is judged by resolved values', async () => {
  const template = (version: string) => customTemplate({
    Source: { Version: version },
    Same: { Copy: { 'Fn::GetAtt': ['Source', 'Constant'] } },
    Other: { Copy: { 'Fn::GetAtt': 'Source.Changing' } },
  });
  world.handler = ({ LogicalResourceId, ResourceProperties: { Version: version } }) => ({
    PhysicalResourceId: LogicalResourceId, Data: { Constant: 'c', Changing: version },
  });
  await world.create(template('1'));
  await world.update(template('2'));
  expect(world.requests.slice(3)).toEqual(['Update Source', 'Update Other']);
});

test('E6: a failed create deletes everything in reverse order, the failed resource included', async () => {
  world.handler = ({ LogicalResourceId, RequestType }) => (LogicalResourceId === 'Bad' && RequestType === 'Create'
    ? { Status: 'FAILED', Reason: 'it is bad', PhysicalResourceId: 'bad-id' }
    : { PhysicalResourceId: `${LogicalResourceId}-id` });
  expect(await world.create(customTemplate({ Good: {}, Bad: { Id: { Ref: 'Good' } } }))).toBe('ROLLBACK_COMPLETE');
  expect(world.requests).toEqual(['Create Good', 'Create Bad', 'Delete Bad', 'Delete Good']);
  expect(await world.story()).toEqual([
    'Test CREATE_IN_PROGRESS',
    'Good CREATE_IN_PROGRESS', 'Good CREATE_IN_PROGRESS', 'Good CREATE_COMPLETE',
    'Bad CREATE_IN_PROGRESS', 'Bad CREATE_FAILED',
    'Test ROLLBACK_IN_PROGRESS',
    'Bad DELETE_IN_PROGRESS', 'Bad DELETE_COMPLETE', 'Good DELETE_IN_PROGRESS', 'Good DELETE_COMPLETE',
    'Test ROLLBACK_COMPLETE',
  ]);
  expect((await world.stackEvents())[6]!.ResourceStatusReason).toBe('The following resource(s) failed to create: [Bad]. Rollback requested by user.');
});

test('E7: a failed update takes every touched resource back, and deletes what it made in the cleanup', async () => {
  const template = (value: string, more: Record<string, Record<string, unknown>> = {}) => customTemplate({
    Changed: { Value: value },
    Untouched: { Value: 'same' },
    ...more,
    Failing: { Value: value, DependsOn: ['Changed', ...Object.keys(more)] },
  });
  await world.create(template('old'));
  world.handler = ({ LogicalResourceId, ResourceProperties }) => (LogicalResourceId === 'Failing' && ResourceProperties.Value === 'new'
    ? { Status: 'FAILED', Reason: 'no', PhysicalResourceId: 'id-of-Failing' }
    : { PhysicalResourceId: `id-of-${LogicalResourceId}` });
  expect(await world.update(template('new', { Added: {} }))).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(world.events.slice(3).map(({ RequestType, LogicalResourceId, ResourceProperties: { Value: value }, OldResourceProperties: old }) => (
    [RequestType, LogicalResourceId, value, old?.Value]
  ))).toEqual([
    ['Update', 'Changed', 'new', 'old'], ['Create', 'Added', undefined, undefined], ['Update', 'Failing', 'new', 'old'],
    ['Update', 'Changed', 'old', 'new'], ['Update', 'Failing', 'old', 'new'],
    ['Delete', 'Added', undefined, undefined],
  ]);
  expect((await world.story()).filter((line) => line.startsWith('Test '))).toEqual([
    'Test CREATE_IN_PROGRESS', 'Test CREATE_COMPLETE', 'Test UPDATE_IN_PROGRESS',
    'Test UPDATE_ROLLBACK_IN_PROGRESS', 'Test UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', 'Test UPDATE_ROLLBACK_COMPLETE',
  ]);
});
