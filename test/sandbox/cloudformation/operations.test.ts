import { FakeWorld, customTemplate } from './fake-world';

let world: FakeWorld;

beforeEach(() => {
  world = new FakeWorld();
});

test('a reference or DependsOn orders create, update and delete (E1)', async () => {
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

test('independent resources run in parallel (E1)', async () => {
  world.handler = () => undefined;
  expect(await world.create(customTemplate({ A: {}, B: {}, C: { Id: { Ref: 'A' } } }))).toBe('CREATE_IN_PROGRESS');
  expect(world.requests).toEqual(['Create A', 'Create B']);
});

test('an update compares resolved values (E2)', async () => {
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

test('a failed create deletes everything in reverse order, the failed resource included (E6)', async () => {
  world.handler = ({ LogicalResourceId, RequestType }) => (LogicalResourceId === 'Bad' && RequestType === 'Create'
    ? { Status: 'FAILED', Reason: 'it is bad', PhysicalResourceId: 'bad-id' }
    : { PhysicalResourceId: `${LogicalResourceId}-id` });
  expect(await world.create(customTemplate({ Good: {}, Bad: { Id: { Ref: 'Good' } } }))).toBe('ROLLBACK_COMPLETE');
  expect(world.requests).toEqual(['Create Good', 'Create Bad', 'Delete Bad', 'Delete Good']);
  expect(await world.eventLines()).toEqual([
    'Test CREATE_IN_PROGRESS',
    'Good CREATE_IN_PROGRESS', 'Good CREATE_IN_PROGRESS', 'Good CREATE_COMPLETE',
    'Bad CREATE_IN_PROGRESS', 'Bad CREATE_FAILED',
    'Test ROLLBACK_IN_PROGRESS',
    'Bad DELETE_IN_PROGRESS', 'Bad DELETE_COMPLETE', 'Good DELETE_IN_PROGRESS', 'Good DELETE_COMPLETE',
    'Test ROLLBACK_COMPLETE',
  ]);
  expect((await world.stackEvents())[6]!.ResourceStatusReason).toBe('The following resource(s) failed to create: [Bad]. Rollback requested by user.');
});

test('a failed update rolls back every touched resource, and deletes new ones in the cleanup (E7)', async () => {
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
  expect(world.events.slice(3).map((event) => (
    [event.RequestType, event.LogicalResourceId, event.ResourceProperties.Value, event.OldResourceProperties?.Value]
  ))).toEqual([
    ['Update', 'Changed', 'new', 'old'], ['Create', 'Added', undefined, undefined], ['Update', 'Failing', 'new', 'old'],
    ['Update', 'Changed', 'old', 'new'], ['Update', 'Failing', 'old', 'new'],
    ['Delete', 'Added', undefined, undefined],
  ]);
  expect((await world.eventLines()).filter((line) => line.startsWith('Test '))).toEqual([
    'Test CREATE_IN_PROGRESS', 'Test CREATE_COMPLETE', 'Test UPDATE_IN_PROGRESS',
    'Test UPDATE_ROLLBACK_IN_PROGRESS', 'Test UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', 'Test UPDATE_ROLLBACK_COMPLETE',
  ]);
});

test('an update deletes only when everything else has succeeded, in reverse order (E4)', async () => {
  await world.create(customTemplate({ Old: {}, Older: {}, Kept: { Value: '1', Id: { Ref: 'Old' } }, Newest: { Id: { Ref: 'Older' } } }));
  expect(await world.update(customTemplate({ Kept: { Value: '2' }, Added: {} }))).toBe('UPDATE_COMPLETE');
  expect(world.requests.slice(4)).toEqual(['Update Kept', 'Create Added', 'Delete Old', 'Delete Newest', 'Delete Older']);
  const lines = await world.eventLines();
  expect(lines.indexOf('Test UPDATE_COMPLETE_CLEANUP_IN_PROGRESS')).toBeLessThan(lines.indexOf('Old DELETE_IN_PROGRESS'));
});

test('a delete that fails in cleanup is tried three times, and does not fail the update (E5)', async () => {
  await world.create(customTemplate({ Stubborn: {}, Kept: { Value: '1' } }));
  world.handler = ({ RequestType, PhysicalResourceId }) => (
    RequestType === 'Delete' ? { Status: 'FAILED', Reason: 'no', PhysicalResourceId } : { PhysicalResourceId }
  );
  expect(await world.update(customTemplate({ Kept: { Value: '2' } }))).toBe('UPDATE_COMPLETE');
  expect(world.requests.filter((request) => request === 'Delete Stubborn')).toHaveLength(3);
  expect((await world.eventLines()).filter((line) => line === 'Stubborn DELETE_FAILED')).toHaveLength(1);
  expect((await world.stack()).StackStatusReason).toContain('[Stubborn]');
  const { StackResources: resources } = await world.call('DescribeStackResources', { StackName: 'Test', LogicalResourceId: 'Stubborn' });
  expect(resources).toMatchObject([{ ResourceStatus: 'DELETE_FAILED' }]);
});

test('a stack that was rolled back can only be deleted (E6)', async () => {
  world.handler = ({ RequestType }) => (RequestType === 'Create' ? { Status: 'FAILED', Reason: 'no', PhysicalResourceId: 'x' } : { PhysicalResourceId: 'x' });
  await world.create(customTemplate({ A: {} }));
  await expect(world.update(customTemplate({ A: { Value: '1' } }))).rejects.toThrow('is in ROLLBACK_COMPLETE state and can not be updated.');
  expect(await world.delete()).toBe('DELETE_COMPLETE');
});

test('a failure while rolling back needs ContinueUpdateRollback, which may skip resources (E8)', async () => {
  const template = (value: string) => customTemplate({ Hopeless: { Value: value }, Failing: { Value: value, DependsOn: ['Hopeless'] } });
  await world.create(template('1'));
  world.handler = ({ LogicalResourceId, ResourceProperties: { Value: value } }) => (
    (LogicalResourceId === 'Failing') === (value === '2')
      ? { Status: 'FAILED', Reason: 'no', PhysicalResourceId: `id-of-${LogicalResourceId}` }
      : { PhysicalResourceId: `id-of-${LogicalResourceId}` });
  expect(await world.update(template('2'))).toBe('UPDATE_ROLLBACK_FAILED');
  await expect(world.update(template('3'))).rejects.toThrow('UPDATE_ROLLBACK_FAILED');
  await world.call('ContinueUpdateRollback', { StackName: 'Test' });
  expect(await world.settled()).toBe('UPDATE_ROLLBACK_FAILED');
  world.handler = ({ PhysicalResourceId }) => ({ PhysicalResourceId });
  await world.call('ContinueUpdateRollback', { StackName: 'Test', ResourcesToSkip: ['Hopeless'] });
  expect(await world.settled()).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(world.requests.slice(-2)).toEqual(['Update Hopeless', 'Update Failing']);
});

test('a create in flight is interrupted when another resource fails, and deleted with a generated id (E9)', async () => {
  world.handler = ({ LogicalResourceId, RequestType }) => {
    if (RequestType === 'Delete') return { PhysicalResourceId: 'gone' };
    return LogicalResourceId === 'Slow' ? undefined : { Status: 'FAILED', Reason: 'no', PhysicalResourceId: 'bad-id' };
  };
  expect(await world.create(customTemplate({ Slow: {}, Bad: {} }))).toBe('ROLLBACK_COMPLETE');
  const events = await world.stackEvents();
  expect(events.find(({ LogicalResourceId: id, ResourceStatus: status }) => id === 'Slow' && status === 'CREATE_FAILED')!.ResourceStatusReason)
    .toBe('Resource creation cancelled');
  const deletion = world.events.find(({ RequestType, LogicalResourceId }) => RequestType === 'Delete' && LogicalResourceId === 'Slow');
  expect(deletion!.PhysicalResourceId).toMatch(/^Test-Slow-[0-9A-F]{12}$/);
  // its create may still be running, and answers late: accepted, and ignored
  expect((await world.respond(world.events[0]!, { PhysicalResourceId: 'late' })).statusCode).toBe(200);
});

test('an update in flight is interrupted, and rolled back (E9)', async () => {
  const template = (value: string) => customTemplate({ Slow: { Value: value }, Bad: { Value: value } });
  await world.create(template('1'));
  world.handler = ({ LogicalResourceId, ResourceProperties: { Value: value }, PhysicalResourceId }) => {
    if (value === '1') return { PhysicalResourceId };
    return LogicalResourceId === 'Slow' ? undefined : { Status: 'FAILED', Reason: 'no', PhysicalResourceId };
  };
  expect(await world.update(template('2'))).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect((await world.stackEvents()).map(({ ResourceStatusReason: reason }) => reason)).toContain('Resource update cancelled');
  expect(world.requests.slice(-4)).toEqual(['Update Slow', 'Update Bad', 'Update Slow', 'Update Bad']);
});

test('a stack with DisableRollback stops where it is, and independent paths continue (E10)', async () => {
  const template = (value: string) => customTemplate({
    Bad: { Value: value }, Dependent: { Value: value, DependsOn: ['Bad'] }, Good: { Value: value }, Next: { Value: value, DependsOn: ['Good'] },
  });
  await world.create(template('1'));
  world.handler = ({ LogicalResourceId, ResourceProperties: { Value: value }, PhysicalResourceId }) => (
    LogicalResourceId === 'Bad' && value === '2' ? { Status: 'FAILED', Reason: 'no', PhysicalResourceId } : { PhysicalResourceId }
  );
  expect(await world.update(template('2'), { DisableRollback: 'true' })).toBe('UPDATE_FAILED');
  expect(world.requests.slice(4)).toEqual(['Update Bad', 'Update Good', 'Update Next']);
  await world.call('RollbackStack', { StackName: 'Test' });
  expect(await world.settled()).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(world.requests.slice(7)).toEqual(['Update Bad', 'Update Good', 'Update Next']);
});

test('the next update continues from a failure without rollback (E10)', async () => {
  const template = (value: string) => customTemplate({ Bad: { Value: value }, Good: { Value: value } });
  world.handler = ({ LogicalResourceId, RequestType, ResourceProperties: { Value: value } }) => (
    LogicalResourceId === 'Bad' && RequestType === 'Create' && value === '1'
      ? { Status: 'FAILED', Reason: 'no', PhysicalResourceId: 'half' } : { PhysicalResourceId: LogicalResourceId }
  );
  expect(await world.create(template('1'), { DisableRollback: 'true' })).toBe('CREATE_FAILED');
  expect(await world.update(template('2'))).toBe('UPDATE_COMPLETE');
  expect(world.requests.slice(2)).toEqual(['Create Bad', 'Update Good', 'Delete Bad']);
});

test('a resource that is created again under the id of the failed attempt is not deleted (E10)', async () => {
  world.handler = ({ ResourceProperties: { Value: value } }) => (
    value === '1' ? { Status: 'FAILED', Reason: 'no', PhysicalResourceId: 'same' } : { PhysicalResourceId: 'same' }
  );
  await world.create(customTemplate({ A: { Value: '1' } }), { DisableRollback: 'true' });
  expect(await world.update(customTemplate({ A: { Value: '2' } }))).toBe('UPDATE_COMPLETE');
  expect(world.requests).toEqual(['Create A', 'Create A']);
  expect((await world.call('ListStackResources', { StackName: 'Test' })).StackResourceSummaries).toMatchObject([
    { LogicalResourceId: 'A', PhysicalResourceId: 'same', ResourceStatus: 'CREATE_COMPLETE' },
  ]);
});

test('one failing delete leaves the stack in DELETE_FAILED, and a further delete tries again (E11)', async () => {
  await world.create(customTemplate({ A: {}, B: {}, C: { DependsOn: ['A'] } }));
  world.handler = ({ LogicalResourceId, PhysicalResourceId }) => (
    LogicalResourceId === 'B' ? { Status: 'FAILED', Reason: 'not yet', PhysicalResourceId } : { PhysicalResourceId }
  );
  expect(await world.delete()).toBe('DELETE_FAILED');
  expect((await world.stack()).StackStatusReason).toBe('The following resource(s) failed to delete: [B].');
  expect(world.requests.slice(3)).toEqual(['Delete C', 'Delete B', 'Delete A']);
  world.handler = ({ PhysicalResourceId }) => ({ PhysicalResourceId });
  expect(await world.delete()).toBe('DELETE_COMPLETE');
  expect(world.requests.slice(6)).toEqual(['Delete B']);
});

test('GetTemplate shows the new template during an update, and the old one from the start of the rollback (E13)', async () => {
  const template = (value: string) => customTemplate({ A: { Value: value } });
  const shown = async () => JSON.parse((await world.call('GetTemplate', { StackName: 'Test' })).TemplateBody).Resources.A.Properties.Value;
  await world.create(template('1'), { Tags: [{ Key: 'stage', Value: 'one' }] });
  world.handler = () => undefined;
  await world.update(template('2'), { Tags: [{ Key: 'stage', Value: 'two' }] });
  expect(await shown()).toBe('2');
  await world.respond(world.events.at(-1)!, { Status: 'FAILED', Reason: 'no', PhysicalResourceId: 'id-of-A' });
  expect(await world.settled()).toBe('UPDATE_ROLLBACK_IN_PROGRESS');
  expect(await shown()).toBe('1');
  expect((await world.stack()).Tags).toEqual([{ Key: 'stage', Value: 'one' }]);
});

test('a changed type under the same logical id is rejected before anything runs (E14)', async () => {
  await world.create(customTemplate({ A: {} }));
  await expect(world.update({ Resources: { A: { Type: 'AWS::SNS::Topic' } } }))
    .rejects.toThrow('Update of resource type is not permitted. The new template modifies resource type of the following resources: [A]');
});

test('deleted resources stay visible (E17)', async () => {
  await world.create(customTemplate({ A: {}, B: {} }));
  await world.update(customTemplate({ A: {} }));
  const { StackResources: resources } = await world.call('DescribeStackResources', { StackName: 'Test', LogicalResourceId: 'B' });
  expect(resources).toMatchObject([{ LogicalResourceId: 'B', ResourceStatus: 'DELETE_COMPLETE', PhysicalResourceId: 'id-of-B' }]);
});

test('CancelUpdateStack rolls an update back', async () => {
  await world.create(customTemplate({ A: { Value: '1' }, B: { Value: '1', DependsOn: ['A'] } }));
  world.handler = () => undefined;
  await world.update(customTemplate({ A: { Value: '2' }, B: { Value: '2', DependsOn: ['A'] } }));
  world.handler = ({ PhysicalResourceId }) => ({ PhysicalResourceId });
  await world.call('CancelUpdateStack', { StackName: 'Test' });
  expect(await world.settled()).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(world.requests.slice(2)).toEqual(['Update A', 'Update A']);
});

test('DeleteStack in the middle of a create interrupts it and deletes its resources', async () => {
  world.handler = ({ RequestType }) => (RequestType === 'Create' ? undefined : { PhysicalResourceId: 'x' });
  await world.create(customTemplate({ A: {} }));
  expect(await world.delete()).toBe('DELETE_COMPLETE');
  expect(world.requests).toEqual(['Create A', 'Delete A']);
});

test('a stack with termination protection is not deleted', async () => {
  await world.create(customTemplate({ A: {} }), { EnableTerminationProtection: 'true' });
  await expect(world.delete()).rejects.toThrow('Stack [Test] cannot be deleted while TerminationProtection is enabled');
  await world.call('UpdateTerminationProtection', { StackName: 'Test', EnableTerminationProtection: 'false' });
  expect(await world.delete()).toBe('DELETE_COMPLETE');
});
