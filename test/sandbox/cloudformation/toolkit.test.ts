import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Toolkit, type IIoHost, type IoMessage } from '@aws-cdk/toolkit-lib';
import { App, CfnOutput, CustomResource, Stack, aws_lambda as lambda, aws_sns as sns } from 'aws-cdk-lib';
import { startSandbox, type Sandbox } from '../../../sandbox';

const HANDLER = `
exports.handler = async (event) => {
  const failed = event.RequestType === 'Update' && event.ResourceProperties.Value === 'bad';
  if (failed) console.error('cannot make it ' + event.ResourceProperties.Value);
  const body = JSON.stringify({
    Status: failed ? 'FAILED' : 'SUCCESS', Reason: 'it is bad', PhysicalResourceId: 'thing', Data: { Value: event.ResourceProperties.Value },
    StackId: event.StackId, RequestId: event.RequestId, LogicalResourceId: event.LogicalResourceId,
  });
  await fetch(event.ResponseURL, { method: 'PUT', headers: { 'content-type': '' }, body });
};`;

let sandbox: Sandbox;
let folder: string;
let messages: string[];
const environment = { ...process.env };

beforeAll(async () => {
  sandbox = await startSandbox();
  Object.assign(process.env, sandbox.environment);
  folder = mkdtempSync(join(tmpdir(), 'cloudformation-toolkit-'));
});

afterAll(async () => {
  process.env = environment;
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

const ioHost: IIoHost = {
  notify: async (message: IoMessage<unknown>) => void messages.push(message.message),
  requestResponse: async (message) => message.defaultResponse,
};
const toolkit = new Toolkit({ ioHost, emojis: false, color: false });

interface Variant {
  readonly value: string;
  readonly topic?: boolean;
}

const assemblyOf = ({ value, topic }: Variant) => toolkit.fromAssemblyBuilder(async ({ outdir }) => {
  const app = new App({ outdir });
  const stack = new Stack(app, 'Small', { env: { account: sandbox.accountId, region: sandbox.region } });
  const handler = new lambda.Function(stack, 'Handler', {
    runtime: lambda.Runtime.NODEJS_22_X, handler: 'index.handler', code: lambda.Code.fromInline(HANDLER),
  });
  const thing = new CustomResource(stack, 'Thing', { serviceToken: handler.functionArn, properties: { Value: value } });
  new CfnOutput(stack, 'Value', { value: thing.getAttString('Value') });
  if (topic) new sns.Topic(stack, 'Topic');
  return app.synth();
}, { outdir: join(folder, `${value}-${topic ?? false}`) });

type Method = 'change-set' | 'direct';

async function deploy(variant: Variant, method: Method): Promise<void> {
  messages = [];
  await toolkit.deploy(await assemblyOf(variant), { deploymentMethod: { method }, stackEventPollingInterval: 20 });
}

async function status(): Promise<string | undefined> {
  const { StackSummaries: [stack] } = await sandbox.call('cloudformation', 'ListStacks', {});
  return stack?.StackStatus;
}

describe.each<Method>(['change-set', 'direct'])('the CDK deploys by %s', (method) => {
  test('create', async () => {
    await deploy({ value: 'one' }, method);
    expect(await status()).toBe('CREATE_COMPLETE');
    expect(messages.join('\n')).toContain('Small.Value = one');
  });

  test('nothing to do', async () => {
    const before = sandbox.requests.length;
    await deploy({ value: 'one' }, method);
    expect(messages.join('\n')).toContain('no changes');
    expect(sandbox.requests.slice(before).map(({ operation }) => operation)).not.toContain('Invoke');
  });

  test('diff', async () => {
    messages = [];
    const { Small: difference } = await toolkit.diff(await assemblyOf({ value: 'two', topic: true }));
    expect(difference!.resources.logicalIds).toEqual(expect.arrayContaining(['Thing', expect.stringMatching(/^Topic/)]));
  });

  test('update', async () => {
    await deploy({ value: 'two', topic: true }, method);
    expect(await status()).toBe('UPDATE_COMPLETE');
    expect(messages.join('\n')).toContain('Small.Value = two');
  });

  test('a failing update: the reason and the log of the function', async () => {
    const failure = await deploy({ value: 'bad' }, method).then(() => '', (error: Error) => error.message);
    expect(failure).toContain('Received response status [FAILED] from custom resource. Message returned: it is bad');
    expect(failure).toContain('cannot make it bad');
    expect(await status()).toBe('UPDATE_ROLLBACK_COMPLETE');
  });

  test('destroy', async () => {
    messages = [];
    await toolkit.destroy(await assemblyOf({ value: 'two' }), { stackEventPollingInterval: 20 });
    expect(await status()).toBe('DELETE_COMPLETE');
    await expect(sandbox.call('cloudformation', 'DescribeStacks', { StackName: 'Small' })).rejects.toThrow('Stack with id Small does not exist');
  });
});
