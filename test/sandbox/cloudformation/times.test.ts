import type { Caller } from '../../../sandbox/core/aws-service';
import { FUNCTION_ARN, FakeWorld, customTemplate } from './fake-world';

const FUNCTION: Caller = { kind: 'function', functionArn: FUNCTION_ARN, roleArn: 'arn:aws:iam::123456789012:role/handler' };

let world: FakeWorld;

beforeEach(() => {
  world = new FakeWorld({ longPollSeconds: 0.2 });
});

test('events come newest first, each with its stack and a later wall-clock time (W19, W20)', async () => {
  const start = Date.now();
  await world.create(customTemplate({ A: {}, B: {} }));
  const { StackEvents: events } = await world.call('DescribeStackEvents', { StackName: 'Test' });
  expect(events[0]).toMatchObject({ LogicalResourceId: 'Test', ResourceStatus: 'CREATE_COMPLETE', ResourceType: 'AWS::CloudFormation::Stack' });
  expect(events[0].PhysicalResourceId).toBe(events[0].StackId);
  const times = events.map(({ Timestamp: time }: { Timestamp: Date }) => time.getTime());
  expect(times.at(-1)).toBeGreaterThanOrEqual(start);
  expect(times).toEqual([...new Set(times)].sort((left, right) => Number(right) - Number(left)));
  expect(new Set(events.map(({ EventId: id }: { EventId: string }) => id)).size).toBe(events.length);
  expect(events.every(({ StackId: id }: { StackId: string }) => id === events[0].StackId)).toBe(true);
});

test('a function sees the same events with virtual times', async () => {
  world.handler = () => undefined;
  await world.create(customTemplate({ A: {} }));
  await world.clock.advance(90);
  await world.respond(world.events[0]!, { PhysicalResourceId: 'a' });
  await world.settled();
  const { StackEvents: events } = await world.call('DescribeStackEvents', { StackName: 'Test' }, FUNCTION);
  expect(events.at(-1).Timestamp).toEqual(new Date('2026-11-22T16:10:00.250Z'));
  expect(events[0].Timestamp).toEqual(new Date('2026-11-22T16:11:30.250Z'));
  const { Stacks: [stack] } = await world.call('DescribeStacks', { StackName: 'Test' }, FUNCTION);
  expect(stack.CreationTime).toEqual(new Date('2026-11-22T16:10:00.250Z'));
});

test('DescribeStacks by ARN waits for the end of the operation, by name it does not (W14)', async () => {
  world.handler = () => undefined;
  await world.create(customTemplate({ A: {} }));
  const { StackId: id } = await world.stack();
  let answered = false;
  const description = world.stack(id).then((stack) => {
    answered = true;
    return stack;
  });
  await world.settled();
  expect(answered).toBe(false);
  await world.respond(world.events[0]!, { PhysicalResourceId: 'a' });
  expect((await description).StackStatus).toBe('CREATE_COMPLETE');
});

test('DescribeStacks replies after a limited time, and does not wait for a function (W14)', async () => {
  world.handler = () => undefined;
  await world.create(customTemplate({ A: {} }));
  const { StackId: id } = await world.stack();
  expect((await world.stack(id)).StackStatus).toBe('CREATE_IN_PROGRESS');
  const start = performance.now();
  await world.call('DescribeStacks', { StackName: id }, FUNCTION);
  expect(performance.now() - start).toBeLessThan(100);
});

test('both halves of a failed update have their own operation ids (W25)', async () => {
  await world.create(customTemplate({ A: { Value: '1' } }));
  world.handler = ({ ResourceProperties: { Value: value }, PhysicalResourceId }) => (
    value === '2' ? { Status: 'FAILED', Reason: 'no', PhysicalResourceId } : { PhysicalResourceId }
  );
  await world.update(customTemplate({ A: { Value: '2' } }), { ClientRequestToken: 'token' });
  const ids = (await world.stackEvents()).map(({ OperationId: id }) => id);
  expect(new Set(ids).size).toBe(3);
  expect((await world.stackEvents()).at(-1)!.ClientRequestToken).toBe('token');
});

test('a function needs a permission on the stack to read it', () => {
  const stack = 'arn:aws:cloudformation:us-east-1:123456789012:stack/Test/1';
  expect(world.cloudFormation.requiredPermissions('DescribeStackEvents', { StackName: stack })).toEqual([
    { action: 'cloudformation:DescribeStackEvents', resources: [stack] },
  ]);
  expect(world.cloudFormation.requiredPermissions('DescribeStacks', { StackName: 'Test' })[0]!.resources).toEqual([
    'arn:aws:cloudformation:us-east-1:123456789012:stack/Test/*',
  ]);
});
