import { CreateFunctionCommand, GetFunctionCommand, InvokeCommand, UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Input } from '../../../sandbox/core/aws-service';
import { archiveOf, createRole, startLambdaRig, type LambdaRig } from './lambda-rig';

let rig: LambdaRig;

beforeEach(async () => rig = await startLambdaRig());
afterEach(() => rig.close());

const call = (operation: string, input: Input): Promise<Input> => rig.sandbox.call('lambda', operation, input);

async function invoke(functionArn: string, event: unknown = {}): Promise<{ result: Input; error?: string }> {
  const invocation = new InvokeCommand({ FunctionName: functionArn, Payload: JSON.stringify(event) });
  const { Payload, FunctionError } = await rig.lambda.send(invocation);
  return { result: JSON.parse(Payload!.transformToString()), ...(FunctionError && { error: FunctionError }) };
}

const secondsOf = (name: string): number[] =>
  rig.witness.heard.filter((told) => told.name === name).map(({ time }) => (time - Date.parse('2026-01-01T00:00:00Z')) / 1000);

async function logLines(logGroupName: string): Promise<string[]> {
  await rig.sandbox.lambda.flushLogs();
  const { events } = await rig.sandbox.call('logs', 'FilterLogEvents', { logGroupName });
  return events.map(({ message }: { message: string }) => message);
}

describe('the environment of a handler', () => {
  test('has the variables, the context and the virtual time of its function', async () => {
    const functionArn = await rig.createFunction('ordinary.echo', { name: 'echo', variables: { MINE: 'yes' } });
    await rig.sandbox.clock.sleep(90);
    const { result } = await invoke(functionArn, { a: 1 });
    expect(result).toMatchObject({
      event: { a: 1 }, now: '2026-01-01T00:01:30.000Z', arn: functionArn, version: '$LATEST',
      environment: {
        MINE: 'yes', AWS_ENDPOINT_URL: rig.sandbox.endpoint, AWS_REGION: 'us-east-1', AWS_LAMBDA_FUNCTION_NAME: 'echo',
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST', AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/echo', AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x', TZ: 'UTC',
      },
    });
    expect(result.remaining).toBeGreaterThan(50_000);
    expect(result.remaining).toBeLessThanOrEqual(60_000);
  });

  test('contains no variable of the surrounding process', async () => {
    process.env.A_SECRET_OF_THE_DEVELOPER = 'hidden';
    const { result } = await invoke(await rig.createFunction('ordinary.echo'));
    delete process.env.A_SECRET_OF_THE_DEVELOPER;
    expect(result.environment).not.toHaveProperty('A_SECRET_OF_THE_DEVELOPER');
  });

  test('is used again, until the function changes', async () => {
    const functionArn = await rig.createFunction('ordinary.echo', { name: 'echo' });
    expect((await invoke(functionArn)).result.invocations).toBe(1);
    expect((await invoke(functionArn)).result.invocations).toBe(2);
    await call('UpdateFunctionConfiguration', { FunctionName: 'echo', Environment: { Variables: { NEW: '1' } } });
    expect((await invoke(functionArn)).result).toMatchObject({ invocations: 1, environment: { NEW: '1' } });
  });

  test('has a separate access key for each function and version', async () => {
    const functionArn = await rig.createFunction('ordinary.echo', { name: 'echo' });
    await call('PublishVersion', { FunctionName: 'echo' });
    const keys = [(await invoke(functionArn)), await invoke(`${functionArn}:1`)].map(({ result }) => result.environment.AWS_ACCESS_KEY_ID);
    expect(keys[0]).not.toBe(keys[1]);
    for (const accessKeyId of keys) {
      const { endpoint, region } = rig.sandbox;
      const sts = new STSClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey: 'any' } });
      const { Arn } = await sts.send(new GetCallerIdentityCommand());
      expect(Arn).toBe('arn:aws:sts::123456789012:assumed-role/echo-role/echo');
    }
  });

  test('allows a response by callback', async () => {
    expect(await invoke(await rig.createFunction('ordinary.callsBack'), { name: 'you' })).toEqual({ result: 'hello you' });
  });
});

describe('the failure of an invocation', () => {
  test('is returned as an unhandled error', async () => {
    expect(await invoke(await rig.createFunction('ordinary.fails'))).toMatchObject({
      error: 'Unhandled', result: { errorType: 'RangeError', errorMessage: 'out of range' },
    });
  });

  test('follows an exit of the process, and the next one starts cold', async () => {
    const functionArn = await rig.createFunction('ordinary.exits');
    const exit = { error: 'Unhandled', result: { errorType: 'Runtime.ExitError', errorMessage: expect.stringContaining('exit status 3') } };
    expect(await invoke(functionArn)).toMatchObject(exit);
    expect(await invoke(functionArn)).toMatchObject(exit);
  });

  test('follows a crash', async () => {
    const functionArn = await rig.createFunction('ordinary.receives', { name: 'victim' });
    rig.witness.onHeard = () => void expect(rig.sandbox.lambda.crash('victim')).toBe(1);
    expect(await invoke(functionArn)).toMatchObject({ error: 'Unhandled', result: { errorType: 'Runtime.ExitError' } });
    expect(rig.sandbox.lambda.crash('victim')).toBe(0);
  });

  test('follows handlerRealTimeLimitSeconds if the handler hangs', async () => {
    await rig.close();
    rig = await startLambdaRig({ lambda: { handlerRealTimeLimitSeconds: 0.2 } });
    expect(await invoke(await rig.createFunction('ordinary.hangs'))).toMatchObject({ error: 'Unhandled', result: { errorType: 'Sandbox.Timedout' } });
  });

  test('virtual time passes while a handler only waits for a timer', async () => {
    const functionArn = await rig.createFunction('ordinary.waits');
    const { result } = await invoke(functionArn, { seconds: 20 });
    expect(result.seconds).toBe(40);
    expect(result.remaining).toBeLessThanOrEqual(20);
    expect(secondsOf('half')).toEqual([20]);
  });

  test('a handler that waits blocks no other one', async () => {
    const functionArn = await rig.createFunction('ordinary.waits');
    await rig.lambda.send(new InvokeCommand({ FunctionName: functionArn, InvocationType: 'Event', Payload: '{"seconds":25}' }));
    await rig.sandbox.clock.sleep(10);
    expect(secondsOf('half')).toEqual([]);
    await rig.sandbox.clock.sleep(20);
    expect(secondsOf('half')).toEqual([25]);
  });

  test('a handler that waits for longer than its timeout ends with it', async () => {
    const functionArn = await rig.createFunction('ordinary.waits');
    expect(await invoke(functionArn, { seconds: 50 })).toMatchObject({
      error: 'Unhandled', result: { errorType: 'Sandbox.Timedout', errorMessage: expect.stringContaining('Task timed out after 60.00 seconds') },
    });
    expect(secondsOf('half')).toEqual([50]);
  });

  test('virtual time does not pass while a handler has anything else to do', async () => {
    expect(await invoke(await rig.createFunction('ordinary.works'))).toEqual({ result: 0 });
  });

  test('a missing module and a missing export fail with the messages of the runtime', async () => {
    const functionArn = await rig.createFunction('ordinary.nothing', { name: 'broken' });
    expect(await invoke(functionArn)).toMatchObject({ result: { errorType: 'Runtime.HandlerNotFound' } });
    await call('UpdateFunctionConfiguration', { FunctionName: 'broken', Handler: 'other.handler' });
    expect(await invoke(functionArn)).toMatchObject({ result: { errorType: 'Runtime.ImportModuleError' } });
  });

  test('an asynchronous invocation is repeated twice, after one and two minutes', async () => {
    const functionArn = await rig.createFunction('ordinary.fails');
    const { StatusCode } = await rig.lambda.send(new InvokeCommand({ FunctionName: functionArn, InvocationType: 'Event' }));
    await rig.sandbox.clock.sleep(3600);
    expect([StatusCode, secondsOf('attempt')]).toEqual([202, [0, 60, 180]]);
  });

  test('an asynchronous invocation is repeated as often as configured', async () => {
    const functionArn = await rig.createFunction('ordinary.fails', { name: 'once' });
    await call('PutFunctionEventInvokeConfig', { FunctionName: 'once', MaximumRetryAttempts: 0 });
    await call('Invoke', { FunctionName: functionArn, InvocationType: 'Event' });
    await rig.sandbox.clock.sleep(3600);
    expect(secondsOf('attempt')).toEqual([0]);
  });

  test('many asynchronous invocations at once all run', async () => {
    const functionArn = await rig.createFunction('ordinary.receives');
    const numbers = Array.from({ length: 20 }, (_, index) => index);
    for (const number of numbers) await call('Invoke', { FunctionName: functionArn, InvocationType: 'Event', Payload: String(number) });
    await rig.sandbox.clock.sleep(1);
    expect(rig.witness.heard.map(({ name }) => Number(name)).sort((a, b) => a - b)).toEqual(numbers);
  });
});

describe('logs', () => {
  const line = (level: string, text: string): object =>
    expect.stringMatching(new RegExp(`^2026-01-01T00:00:00.000Z\\t[0-9a-f-]{36}\\t${level}\\t${text}$`));

  test('contain the output of a handler, in the format of Lambda (W24)', async () => {
    await invoke(await rig.createFunction('ordinary.prints', { name: 'printer' }));
    expect(await logLines('/aws/lambda/printer')).toEqual([line('INFO', 'a line with a number: 7'), line('ERROR', 'an error'), 'as it is']);
  });

  test('contain a line for a failure of the handler', async () => {
    await invoke(await rig.createFunction('ordinary.fails', { name: 'failing' }));
    expect(await logLines('/aws/lambda/failing')).toEqual([line('ERROR', 'Invoke Error \\t.*"errorMessage":"out of range".*')]);
  });

  test('are in a configured log group, with lines as JSON', async () => {
    const functionArn = await rig.createFunction('ordinary.prints', { name: 'printer' });
    await rig.sandbox.call('logs', 'CreateLogGroup', { logGroupName: '/shared' });
    await call('UpdateFunctionConfiguration', { FunctionName: 'printer', LoggingConfig: { LogGroup: '/shared', LogFormat: 'JSON' } });
    await invoke(functionArn);
    const [first] = await logLines('/shared');
    expect(JSON.parse(first!)).toMatchObject({ level: 'INFO', message: 'a line with a number: 7', timestamp: '2026-01-01T00:00:00.000Z' });
  });

  test('count the permission to write as used for a function without output, as on AWS', async () => {
    await invoke(await rig.createFunction('ordinary.echo', { name: 'silent', actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'] }));
    expect(await logLines('/aws/lambda/silent')).toEqual([]);
    expect(rig.sandbox.iam.unusedGrants()).toEqual([]);
  });

  test('are lost without the permission to write them', async () => {
    await invoke(await rig.createFunction('ordinary.prints', { name: 'mute', actions: ['logs:CreateLogGroup', 'logs:CreateLogStream'] }));
    expect(await logLines('/aws/lambda/mute')).toEqual([]);
  });
});

describe('functions, versions and aliases', () => {
  test('a function with a role that Lambda cannot assume is rejected', async () => {
    const { Role } = await rig.sandbox.call('iam', 'CreateRole', { RoleName: 'other', AssumeRolePolicyDocument: JSON.stringify({
      Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'ecs-tasks.amazonaws.com' } }],
    }) });
    for (const role of [Role.Arn, 'arn:aws:iam::123456789012:role/missing']) {
      await expect(call('CreateFunction', { FunctionName: 'f', Role: role, Runtime: 'nodejs22.x', Handler: 'index.handler', Code: { ZipFile: '' } }))
        .rejects.toMatchObject({ code: 'InvalidParameterValueException', message: 'The role defined for the function cannot be assumed by Lambda.' });
    }
  });

  test.each<[string, Input, RegExp]>([
    ['a name of wrong characters', { FunctionName: 'a b' }, /functionName/],
    ['no runtime', { Runtime: undefined }, /Runtime and Handler are mandatory/],
    ['a timeout above 15 minutes', { Timeout: 901 }, /timeout/],
    ['memory below 128 MB', { MemorySize: 64 }, /memorySize/],
    ['a reserved variable', { Environment: { Variables: { AWS_REGION: 'x' } } }, /reserved keys.*AWS_REGION/],
    ['variables above 4 KB', { Environment: { Variables: { LONG: 'x'.repeat(4096) } } }, /4KB/],
    ['an execution timeout above 366 days (EN26)', { DurableConfig: { ExecutionTimeout: 31_622_401 } }, /executionTimeout/],
    ['a retention above 90 days (EN31)', { DurableConfig: { ExecutionTimeout: 60, RetentionPeriodInDays: 91 } }, /retentionPeriodInDays/],
    ['a durable function on an old runtime (EN38)', { Runtime: 'nodejs20.x', DurableConfig: { ExecutionTimeout: 60 } }, /nodejs20.x/],
  ])('a request is rejected: %s', async (_what, settings, message) => {
    const Role = await createRole(rig.sandbox, 'role', []);
    await expect(call('CreateFunction', {
      FunctionName: 'f', Role, Runtime: 'nodejs22.x', Handler: 'index.handler', Code: { ZipFile: '' }, ...settings,
    })).rejects.toThrow(message);
  });

  test('a payload above the limit is rejected', async () => {
    const FunctionName = await rig.createFunction('ordinary.echo');
    const Payload = Buffer.from(JSON.stringify('x'.repeat(1024 * 1024)));
    await expect(call('Invoke', { FunctionName, InvocationType: 'Event', Payload })).rejects.toMatchObject({ code: 'RequestTooLargeException' });
    await expect(call('Invoke', { FunctionName, Payload })).resolves.toMatchObject({ StatusCode: 200 });
  });

  test('code is accepted inline, as an archive in the request, or from S3', async () => {
    const role = await createRole(rig.sandbox, 'role', []);
    const settings = { Role: role, Runtime: 'nodejs22.x' as const, Handler: 'index.handler' };
    await call('CreateFunction', { ...settings, FunctionName: 'f', Code: { ZipFile: 'exports.handler = async () => "inline"' } });
    expect(await invoke('f')).toEqual({ result: 'inline' });
    const archive = await archiveOf('ordinary');
    await rig.lambda.send(new CreateFunctionCommand({ ...settings, FunctionName: 'g', Handler: 'index.echo', Code: { ZipFile: archive } }));
    expect((await invoke('g', 1)).result.event).toBe(1);
    await rig.sandbox.call('s3', 'CreateBucket', { Bucket: 'assets' });
    await rig.sandbox.call('s3', 'PutObject', { Bucket: 'assets', Key: 'code.zip', Body: Buffer.from(archive) });
    await rig.lambda.send(new UpdateFunctionCodeCommand({ FunctionName: 'f', S3Bucket: 'assets', S3Key: 'code.zip' }));
    await call('UpdateFunctionConfiguration', { FunctionName: 'f', Handler: 'index.echo' });
    expect((await invoke('f', 2)).result.event).toBe(2);
  });

  test('GetFunction returns the status that hotswap waits for', async () => {
    await rig.createFunction('ordinary.echo', { name: 'echo' });
    const { Configuration } = await rig.lambda.send(new GetFunctionCommand({ FunctionName: 'echo' }));
    expect(Configuration).toMatchObject({ State: 'Active', LastUpdateStatus: 'Successful', Runtime: 'nodejs22.x' });
  });

  test('a function cannot become durable later', async () => {
    await rig.createFunction('ordinary.echo', { name: 'echo' });
    await expect(call('UpdateFunctionConfiguration', { FunctionName: 'echo', DurableConfig: { ExecutionTimeout: 60 } }))
      .rejects.toMatchObject({ code: 'InvalidParameterValueException' });
  });

  test('a version never changes, and is not published twice', async () => {
    const functionArn = await rig.createFunction('ordinary.echo', { name: 'echo' });
    const publish = async (): Promise<string> => (await call('PublishVersion', { FunctionName: 'echo' })).Version;
    expect([await publish(), await publish()]).toEqual(['1', '1']);
    await call('UpdateFunctionConfiguration', { FunctionName: 'echo', Environment: { Variables: { CHANGED: 'yes' } } });
    expect(await publish()).toBe('2');
    expect((await invoke(`${functionArn}:1`)).result.environment).not.toHaveProperty('CHANGED');
    expect((await invoke(`${functionArn}:2`)).result).toMatchObject({ version: '2', environment: { CHANGED: 'yes' } });
  });

  test('an alias refers to its version, which cannot be deleted while it does', async () => {
    const functionArn = await rig.createFunction('ordinary.echo', { name: 'echo' });
    await call('PublishVersion', { FunctionName: 'echo' });
    await call('CreateAlias', { FunctionName: 'echo', Name: 'live', FunctionVersion: '1' });
    expect((await invoke(`${functionArn}:live`)).result).toMatchObject({ arn: `${functionArn}:live`, version: '1' });
    await expect(call('DeleteFunction', { FunctionName: 'echo', Qualifier: '1' })).rejects.toMatchObject({ code: 'ResourceConflictException' });
    await call('DeleteAlias', { FunctionName: 'echo', Name: 'live' });
    await call('DeleteFunction', { FunctionName: 'echo', Qualifier: '1' });
    await expect(invoke(`${functionArn}:1`)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test.each([
    'echo', 'echo:live', '123456789012:function:echo', 'function:echo', 'arn:aws:lambda:us-east-1:123456789012:function:echo:1',
  ])('a function can be named as %s', async (FunctionName) => {
    await rig.createFunction('ordinary.echo', { name: 'echo' });
    await call('PublishVersion', { FunctionName: 'echo' });
    await call('CreateAlias', { FunctionName: 'echo', Name: 'live', FunctionVersion: '1' });
    await expect(call('GetFunctionConfiguration', { FunctionName })).resolves.toMatchObject({ FunctionName: 'echo' });
  });

  test('the policy of a function has a statement for each permission', async () => {
    const functionArn = await rig.createFunction('ordinary.echo', { name: 'echo' });
    await expect(call('GetPolicy', { FunctionName: 'echo' })).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
    await call('AddPermission', {
      FunctionName: 'echo', StatementId: 's', Action: 'lambda:InvokeFunction', Principal: 'events.amazonaws.com', SourceArn: 'arn:rule', SourceAccount: '1',
    });
    expect(JSON.parse((await call('GetPolicy', { FunctionName: 'echo' })).Policy).Statement).toEqual([{
      Sid: 's', Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'lambda:InvokeFunction', Resource: functionArn,
      Condition: { StringEquals: { 'AWS:SourceAccount': '1' }, ArnLike: { 'AWS:SourceArn': 'arn:rule' } },
    }]);
    await call('RemovePermission', { FunctionName: 'echo', StatementId: 's' });
    await expect(call('GetPolicy', { FunctionName: 'echo' })).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
  });

  test('tags are added, listed and removed', async () => {
    const Resource = await rig.createFunction('ordinary.echo');
    await call('TagResource', { Resource, Tags: { a: '1', b: '2' } });
    await call('UntagResource', { Resource, TagKeys: ['a'] });
    expect(await call('ListTags', { Resource })).toEqual({ Tags: { b: '2' } });
  });
});

describe('the permissions of a call', () => {
  const functionArn = 'arn:aws:lambda:us-east-1:123456789012:function:rollout';
  const executionArn = `${functionArn}:1/durable-execution/name/id`;

  test.each([
    ['Invoke', { FunctionName: `${functionArn}:live` }, 'lambda:InvokeFunction', `${functionArn}:live`],
    ['Invoke', { FunctionName: 'rollout', Qualifier: 'live' }, 'lambda:InvokeFunction', `${functionArn}:live`],
    ['ListDurableExecutionsByFunction', { FunctionName: functionArn, Qualifier: 'live' }, 'lambda:ListDurableExecutionsByFunction', functionArn],
    ['StopDurableExecution', { DurableExecutionArn: executionArn }, 'lambda:StopDurableExecution', executionArn],
    ['GetDurableExecution', { DurableExecutionArn: executionArn }, 'lambda:GetDurableExecution', executionArn],
    ['CheckpointDurableExecution', { DurableExecutionArn: executionArn }, 'lambda:CheckpointDurableExecution', executionArn],
    ['GetDurableExecutionState', { DurableExecutionArn: executionArn }, 'lambda:GetDurableExecutionState', executionArn],
    ['ListFunctions', {}, 'lambda:ListFunctions', '*'],
  ])('of %s %p include %s', (operation, input, action, resource) => {
    expect(rig.sandbox.lambda.requiredPermissions(operation, input)).toEqual([{ action, resources: [resource] }]);
  });

  test('end the execution if a checkpoint is denied', async () => {
    const FunctionName = await rig.createFunction('durable.steps', { durable: { ExecutionTimeout: 60 }, actions: ['logs:*'] });
    const { Payload, FunctionError } = await rig.lambda.send(new InvokeCommand({ FunctionName, Payload: '{"base":1}' }));
    expect(FunctionError).toBe('Unhandled');
    expect(JSON.parse(Payload!.transformToString()).errorMessage).toMatch(
      /User: arn:aws:sts::123456789012:assumed-role\/.*-role\/function-\d+ is not authorized to perform: lambda:CheckpointDurableExecution/,
    );
  });
});
