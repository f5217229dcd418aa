import { GetDurableExecutionCommand, GetDurableExecutionHistoryCommand, InvokeCommand, StopDurableExecutionCommand } from '@aws-sdk/client-lambda';
import { startLambdaRig, type LambdaRig } from './lambda-rig';

const NAME = 'rollout';

let rig: LambdaRig;
let functionArn: string;

afterEach(() => rig.close());

/** The pinned SDK does not have these operations. */
async function send(arn: string, operation: 'pause' | 'resume', body: object = {}): Promise<number> {
  const { endpoint, environment: { AWS_ACCESS_KEY_ID } } = rig.sandbox;
  const authorization = `AWS4-HMAC-SHA256 Credential=${AWS_ACCESS_KEY_ID}/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0`;
  const { status } = await fetch(`${endpoint}/2025-12-01/durable-executions/${encodeURIComponent(arn)}/${operation}`, {
    method: 'POST', headers: { authorization, 'content-type': 'application/json' }, body: JSON.stringify(body),
  });
  return status;
}

async function invoke(handler: string, event: object): Promise<string> {
  rig = await startLambdaRig();
  functionArn = await rig.createFunction(handler, { durable: { ExecutionTimeout: 3600 } });
  return again(event);
}

async function again(event: object): Promise<string> {
  const { DurableExecutionArn } = await rig.lambda.send(new InvokeCommand({
    FunctionName: functionArn, InvocationType: 'Event', DurableExecutionName: NAME, Payload: JSON.stringify(event),
  }));
  return DurableExecutionArn!;
}

const describeExecution = (DurableExecutionArn: string) => rig.lambda.send(new GetDurableExecutionCommand({ DurableExecutionArn }));

const status = async (arn: string): Promise<string> => (await describeExecution(arn)).Status!;

async function eventTypes(DurableExecutionArn: string): Promise<string[]> {
  const { Events } = await rig.lambda.send(new GetDurableExecutionHistoryCommand({ DurableExecutionArn, MaxItems: 1000 }));
  return Events!.map(({ EventType }) => EventType!);
}

/** Else the virtual clock would leap to the timeout. */
const untimed = { ExecutionTimeoutPaused: true };

/** An execution that was paused while its function was at work. */
async function pausedAtWork(body: object = untimed): Promise<string> {
  const arn = invoke('durable.fenced', {});
  const statuses: unknown[] = [];
  await new Promise<void>((resolve) => void arn.then(() => {
    rig.witness.onHeard = async (_name, count) => {
      if (count > 1) return;
      statuses.push(await send(await arn, 'pause', body), await status(await arn));
      resolve();
    };
  }));
  expect(statuses).toEqual([200, 'PAUSING']);
  await rig.sandbox.clock.sleep(60);
  return arn;
}

test('a pause takes effect at the next checkpoint, without an invocation until the resume (EN39)', async () => {
  const arn = await pausedAtWork({ ...untimed, Reason: 'an incident', ClientToken: 'token' });
  expect(await status(arn)).toBe('PAUSED');
  await rig.sandbox.clock.sleep(600);
  expect(await status(arn)).toBe('PAUSED');
  const { Events } = await rig.lambda.send(new GetDurableExecutionHistoryCommand({ DurableExecutionArn: arn, MaxItems: 1000 }));
  expect(Events!.at(-1)).toMatchObject({ EventType: 'InvocationCompleted' });
  expect(Events!.map(({ EventType }) => EventType)).toContain('ExecutionPaused');
  expect(await send(arn, 'resume')).toBe(200);
  await rig.sandbox.lambda.executionEnded(arn);
  expect(await describeExecution(arn)).toMatchObject({ Status: 'SUCCEEDED', Result: '"written"', Version: '1' });
  expect(rig.witness.count('write')).toBe(1);
});

test('an invocation with the name of a paused execution returns that one, which stays paused (EN39)', async () => {
  const arn = await pausedAtWork();
  expect(await again({})).toBe(arn);
  expect(await status(arn)).toBe('PAUSED');
  expect(await send(arn, 'pause')).toBe(400);
});

test('a stop ends a paused execution (EN39)', async () => {
  const arn = await pausedAtWork();
  await rig.lambda.send(new StopDurableExecutionCommand({ DurableExecutionArn: arn }));
  expect(await status(arn)).toBe('STOPPED');
  expect(await send(arn, 'resume')).toBe(400);
});

test('a wait ends while its execution is paused, and the function is invoked by the resume (EN39)', async () => {
  rig = await startLambdaRig();
  functionArn = await rig.createFunction('durable.waits', { durable: { ExecutionTimeout: 3600 } });
  const release = rig.sandbox.clock.hold();
  const arn = await again({ seconds: 300 });
  while (!(await eventTypes(arn)).includes('InvocationCompleted')) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await send(arn, 'pause', untimed)).toBe(200);
  expect(await status(arn)).toBe('PAUSED');
  release();
  await rig.sandbox.clock.sleep(900);
  expect(await eventTypes(arn)).toContain('WaitSucceeded');
  expect((await eventTypes(arn)).filter((type) => type === 'InvocationCompleted')).toHaveLength(1);
  expect(await send(arn, 'resume')).toBe(200);
  await rig.sandbox.lambda.executionEnded(arn);
  expect(await status(arn)).toBe('SUCCEEDED');
});

test.each([[false, 'TIMED_OUT'], [true, 'PAUSED']])('with ExecutionTimeoutPaused %p a paused execution is %s after its timeout', async (ExecutionTimeoutPaused, expected) => {
  const arn = await pausedAtWork({ ExecutionTimeoutPaused });
  await rig.sandbox.clock.sleep(3600);
  expect(await status(arn)).toBe(expected);
});
