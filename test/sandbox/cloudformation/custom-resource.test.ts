import { FUNCTION_ARN, FakeWorld, customTemplate } from './fake-world';

let world: FakeWorld;

beforeEach(() => {
  world = new FakeWorld();
});

const reasons = async (): Promise<unknown[]> => (await world.stackEvents()).map(({ ResourceStatusReason: reason }) => reason);

test('the event has the fields of the contract', async () => {
  await world.create(customTemplate({ A: { Value: '1' } }));
  const id = (await world.stack()).StackId;
  await world.update(customTemplate({ A: { Value: '2' } }));
  expect(world.events[1]).toEqual({
    RequestType: 'Update',
    ServiceToken: FUNCTION_ARN,
    ResponseURL: expect.stringMatching(
      /^https:\/\/cloudformation-custom-resource-response-useast1\.s3\.us-east-1\.amazonaws\.com\/cloudformation-custom-resource-response\/[0-9a-f]+\?X-Amz-Date=20261122T161000Z&X-Amz-Expires=7200&X-Amz-Signature=[0-9a-f]+$/,
    ),
    StackId: id,
    RequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    ResourceType: 'Custom::Thing',
    LogicalResourceId: 'A',
    PhysicalResourceId: 'id-of-A',
    ResourceProperties: { ServiceToken: FUNCTION_ARN, Value: '2' },
    OldResourceProperties: { ServiceToken: FUNCTION_ARN, Value: '1' },
  });
});

test('scalars arrive as strings, at every depth (E18)', async () => {
  await world.create(customTemplate({ A: { Number: 5, Flag: true, Deep: { List: [1, { Off: false }] } } }));
  expect(world.events[0]!.ResourceProperties).toMatchObject({ Number: '5', Flag: 'true', Deep: { List: ['1', { Off: 'false' }] } });
  await world.update(customTemplate({ A: { Number: 6, Flag: true, Deep: { List: [1, { Off: false }] } } }));
  expect(world.events[1]).toMatchObject({
    ResourceProperties: { Number: '6' }, OldResourceProperties: { Number: '5', Flag: 'true', Deep: { List: ['1', { Off: 'false' }] } },
  });
});

test('an update is sent when a property changed, and only then (E19)', async () => {
  await world.create(customTemplate({ A: { Value: '1' }, B: { Value: '1' } }));
  await world.update(customTemplate({ A: { Value: '1' }, B: { Value: '2' } }));
  expect(world.requests.slice(2)).toEqual(['Update B']);
});

test('ServiceTimeout ends the wait, in virtual time (E20)', async () => {
  world.handler = ({ RequestType }) => (RequestType === 'Delete' ? { PhysicalResourceId: 'x' } : undefined);
  await world.create(customTemplate({ A: { ServiceTimeout: 600 } }));
  await world.clock.advance(599);
  expect((await world.stack()).StackStatus).toBe('CREATE_IN_PROGRESS');
  await world.clock.advance(1);
  expect((await world.stack()).StackStatus).toBe('ROLLBACK_COMPLETE');
  expect(await reasons()).toContainEqual(expect.stringContaining(`CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId [${world.events[0]!.RequestId}].`));
});

test('without ServiceTimeout the wait lasts an hour (E20)', async () => {
  world.handler = ({ RequestType }) => (RequestType === 'Delete' ? { PhysicalResourceId: 'x' } : undefined);
  await world.create(customTemplate({ A: {} }));
  await world.clock.advance(3599);
  expect((await world.stack()).StackStatus).toBe('CREATE_IN_PROGRESS');
  await world.clock.advance(1);
  expect((await world.stack()).StackStatus).toBe('ROLLBACK_COMPLETE');
});

test('the service token may not change (E21)', async () => {
  await world.create(customTemplate({ A: {} }));
  expect(await world.update(customTemplate({ A: { ServiceToken: `${FUNCTION_ARN}2` } }))).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await reasons()).toContain('Modifying service token is not allowed.');
});

test('an answer of more than 4096 bytes fails the resource (E22)', async () => {
  world.handler = ({ RequestType }) => ({ PhysicalResourceId: 'x', Data: RequestType === 'Create' ? { Long: 'x'.repeat(4096) } : {} });
  expect(await world.create(customTemplate({ A: {} }))).toBe('ROLLBACK_COMPLETE');
  expect(await reasons()).toContain('Response object is too long.');
});

test('a content type, or no length, is rejected (E23)', async () => {
  world.handler = () => undefined;
  await world.create(customTemplate({ A: {} }));
  const { ResponseURL: url } = world.events[0]!;
  expect((await world.put(url, '{}', { 'content-type': 'application/json' })).statusCode).toBe(403);
  const { pathname: path, searchParams: query } = new URL(url);
  expect((await world.cloudFormation.receiveAnswer({ method: 'PUT', path, query, headers: { 'content-type': '' }, body: Buffer.from('{}') })).statusCode).toBe(411);
  expect((await world.put(url.replace(/response\/\w+/, 'response/guessed'), '{}')).statusCode).toBe(403);
  expect((await world.put(url.replace(/\?.*/, ''), '{}')).statusCode).toBe(403);
  expect(await world.settled()).toBe('CREATE_IN_PROGRESS');
});

test('only the first answer counts (E24)', async () => {
  world.handler = () => undefined;
  await world.create(customTemplate({ A: {} }));
  await world.respond(world.events[0]!, { PhysicalResourceId: 'first' });
  expect((await world.respond(world.events[0]!, { Status: 'FAILED', Reason: 'second' })).statusCode).toBe(200);
  expect(await world.settled()).toBe('CREATE_COMPLETE');
});

test('a ResponseURL lives for two virtual hours', async () => {
  world.handler = ({ RequestType }) => (RequestType === 'Delete' ? { PhysicalResourceId: 'x' } : undefined);
  await world.create(customTemplate({ A: {} }));
  await world.clock.advance(7200);
  expect((await world.respond(world.events[0]!, {})).statusCode).toBe(200);
  await world.clock.advance(1);
  expect((await world.respond(world.events[0]!, {})).statusCode).toBe(403);
});

test('an answer to another request is ignored', async () => {
  world.handler = () => undefined;
  await world.create(customTemplate({ A: {} }));
  await world.respond({ ...world.events[0]!, RequestId: 'another' }, { PhysicalResourceId: 'x' });
  expect(await world.settled()).toBe('CREATE_IN_PROGRESS');
});

test('another id is a replacement, of which the cleanup deletes the old id with the old properties (E25)', async () => {
  await world.create(customTemplate({ A: { Value: 'old' } }));
  world.handler = ({ PhysicalResourceId, RequestType }) => ({ PhysicalResourceId: RequestType === 'Update' ? 'new-id' : PhysicalResourceId });
  expect(await world.update(customTemplate({ A: { Value: 'new' } }))).toBe('UPDATE_COMPLETE');
  expect(world.events.at(-1)).toMatchObject({ RequestType: 'Delete', PhysicalResourceId: 'id-of-A', ResourceProperties: { Value: 'old' } });
  expect(await reasons()).toContain('Requested update required the provider to create a new physical resource');
  expect((await world.eventLines()).slice(-6)).toEqual([
    'A UPDATE_IN_PROGRESS', 'A UPDATE_COMPLETE', 'Test UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'A DELETE_IN_PROGRESS', 'A DELETE_COMPLETE', 'Test UPDATE_COMPLETE',
  ]);
  const { StackResources: resources } = await world.call('DescribeStackResources', { StackName: 'Test' });
  expect(resources).toMatchObject([{ PhysicalResourceId: 'new-id', ResourceStatus: 'UPDATE_COMPLETE' }]);
});

test('UpdateReplacePolicy keeps the old id (E12, E25)', async () => {
  await world.create(customTemplate({ A: { Value: 'old' } }));
  world.handler = () => ({ PhysicalResourceId: 'new-id' });
  expect(await world.update(customTemplate({ A: { Value: 'new', UpdateReplacePolicy: 'Retain' } }))).toBe('UPDATE_COMPLETE');
  expect(world.requests).toEqual(['Create A', 'Update A']);
  expect((await world.eventLines()).slice(-3)).toEqual(['Test UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'A DELETE_SKIPPED', 'Test UPDATE_COMPLETE']);
});

test('a failed create is deleted under the id of its answer (E26)', async () => {
  world.handler = ({ RequestType }) => (RequestType === 'Create' ? { Status: 'FAILED', Reason: 'no', PhysicalResourceId: 'given' } : { PhysicalResourceId: 'x' });
  await world.create(customTemplate({ A: {} }));
  expect(world.events[1]).toMatchObject({ RequestType: 'Delete', PhysicalResourceId: 'given' });
});

test('an answer without an id loses its reason, and the Delete has an id that CloudFormation invents (E26)', async () => {
  world.handler = ({ RequestType }) => (RequestType === 'Create' ? { Status: 'FAILED', Reason: 'the reason' } : { PhysicalResourceId: 'x' });
  await world.create(customTemplate({ A: {} }));
  expect(world.events[1]!.PhysicalResourceId).toMatch(/^Test-A-[0-9A-F]{12}$/);
  expect(await reasons()).toContain('Invalid PhysicalResourceId');
  expect(JSON.stringify(await reasons())).not.toContain('the reason');
});

test('a function that cannot be called leaves nothing to delete', async () => {
  expect(await world.create(customTemplate({ A: { ServiceTimeout: 0 } }))).toBe('ROLLBACK_COMPLETE');
  expect(world.events).toEqual([]);
  expect(await reasons()).toContain('Invalid ServiceTimeout 0: it must be between 1 and 3600 seconds');
});

describe('a failed update (E27)', () => {
  const failing = (id?: string) => {
    world.handler = ({ RequestType, PhysicalResourceId, ResourceProperties: { Value: value } }) => (
      value === 'new' && RequestType === 'Update' ? { Status: 'FAILED', Reason: 'no', PhysicalResourceId: id ?? PhysicalResourceId } : { PhysicalResourceId: 'id-of-A' }
    );
  };
  const afterUpdate = () => world.events.slice(2).map((event) => (
    [event.RequestType, event.PhysicalResourceId, event.ResourceProperties.Value, event.OldResourceProperties?.Value]
  ));

  test('is followed by an Update with old and new exchanged', async () => {
    await world.create(customTemplate({ A: { Value: 'old' } }));
    failing();
    expect(await world.update(customTemplate({ A: { Value: 'new' } }))).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(afterUpdate()).toEqual([['Update', 'id-of-A', 'old', 'new']]);
  });

  test('with another id adopts it, and deletes it in the cleanup of the rollback', async () => {
    await world.create(customTemplate({ A: { Value: 'old' } }));
    failing('other-id');
    expect(await world.update(customTemplate({ A: { Value: 'new' } }))).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(afterUpdate()).toEqual([['Update', 'other-id', 'old', 'new'], ['Delete', 'other-id', 'new', undefined]]);
  });

  test('with another id keeps its own when failedUpdateId is keep', async () => {
    world = new FakeWorld({ failedUpdateId: 'keep' });
    await world.create(customTemplate({ A: { Value: 'old' } }));
    failing('other-id');
    expect(await world.update(customTemplate({ A: { Value: 'new' } }))).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(afterUpdate()).toEqual([['Update', 'id-of-A', 'old', 'new']]);
  });
});

describe('a replacement that is rolled back for another resource (E28)', () => {
  const template = (value: string) => customTemplate({ A: { Value: value }, Failing: { Value: value, DependsOn: ['A'] } });
  const replaceAndFail = async () => {
    world.handler = ({ LogicalResourceId, RequestType, PhysicalResourceId, ResourceProperties: { Value: value } }) => {
      if (RequestType === 'Delete') return { PhysicalResourceId };
      if (LogicalResourceId === 'A') return { PhysicalResourceId: `${String(value)}-A` };
      return value === 'new' ? { Status: 'FAILED', Reason: 'no', PhysicalResourceId } : { PhysicalResourceId: 'f' };
    };
    await world.create(template('old'));
    expect(await world.update(template('new'))).toBe('UPDATE_ROLLBACK_COMPLETE');
    const { StackResources: resources } = await world.call('DescribeStackResources', { StackName: 'Test', LogicalResourceId: 'A' });
    expect(resources).toMatchObject([{ PhysicalResourceId: 'old-A', ResourceStatus: 'UPDATE_COMPLETE' }]);
  };
  const requestsOfA = () => world.events.slice(3).filter(({ LogicalResourceId: id }) => id === 'A').map((event) => (
    [event.RequestType, event.PhysicalResourceId, event.ResourceProperties.Value]
  ));

  test('restores the old half and deletes the new one', async () => {
    await replaceAndFail();
    expect(requestsOfA()).toEqual([['Delete', 'new-A', 'new']]);
  });

  test('is updated back first when replacementRollback is update', async () => {
    world = new FakeWorld({ replacementRollback: 'update' });
    await replaceAndFail();
    expect(requestsOfA()).toEqual([['Update', 'new-A', 'old'], ['Delete', 'new-A', 'new']]);
  });
});

test('a Delete that fails in a create rollback ends in ROLLBACK_FAILED (E29)', async () => {
  world.handler = () => ({ Status: 'FAILED', Reason: 'no', PhysicalResourceId: 'x' });
  expect(await world.create(customTemplate({ A: {} }))).toBe('ROLLBACK_FAILED');
});

test('an attribute that was not returned fails the resource that refers to it', async () => {
  world.handler = () => ({ PhysicalResourceId: 'the-id', Data: {} });
  expect(await world.create(customTemplate({ A: {}, B: { Value: { 'Fn::GetAtt': ['A', 'Missing'] } } }))).toBe('ROLLBACK_COMPLETE');
  expect(await reasons()).toContain("Vendor response doesn't contain Missing attribute in object the-id");
});

test('NoEcho masks the attributes in outputs', async () => {
  world.handler = () => ({ PhysicalResourceId: 'x', NoEcho: true, Data: { Secret: 'secret' } });
  await world.create(customTemplate({ A: {}, B: { Value: { 'Fn::GetAtt': ['A', 'Secret'] } } }, { Outputs: { Shown: { Value: { 'Fn::GetAtt': ['A', 'Secret'] } } } }));
  expect(world.events[1]!.ResourceProperties.Value).toBe('secret');
  expect((await world.stack()).Outputs).toMatchObject([{ OutputKey: 'Shown', OutputValue: '****' }]);
});

test('duplicateDelivery sends each event twice', async () => {
  world = new FakeWorld({ duplicateDelivery: true });
  expect(await world.create(customTemplate({ A: {} }))).toBe('CREATE_COMPLETE');
  expect(world.events).toHaveLength(2);
  expect(world.events[1]).toEqual(world.events[0]);
});
