import { CloudFormationClient, CreateStackCommand, waitUntilStackCreateComplete } from '@aws-sdk/client-cloudformation';
import { InvokeCommand, LambdaClient, UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { archiveOf } from '../sandbox/lambda/lambda-rig';

const CLI = resolve(__dirname, '../../sandbox/dist/cli.js');

let folder: string;
let command: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-command-'));
  mkdirSync(join(folder, 'temp'));
});

afterEach(() => {
  command?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const environment = (): NodeJS.ProcessEnv => ({ PATH: process.env.PATH, TMPDIR: join(folder, 'temp'), SECRET: 'of the user' });

const runFolders = (): string[] => readdirSync(join(folder, 'temp')).filter((name) => name.startsWith('ecs-daemon-sandbox-'));

/** Starts the command and returns what it has printed for the shell. */
async function start(...options: string[]): Promise<Record<string, string>> {
  const file = join(folder, 'environment');
  command = spawn(process.execPath, [CLI, 'sandbox', '--port', '0', '--environment-file', file, ...options], { env: environment(), cwd: folder });
  let told = '';
  command.stderr!.on('data', (chunk: Buffer) => { told += chunk.toString(); });
  while (!told.includes('listens on')) {
    if (command.exitCode !== null) throw new Error(told);
    await new Promise((done) => setTimeout(done, 50));
  }
  return Object.fromEntries(readFileSync(file, 'utf8').trim().split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2)));
}

const run = (...values: string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, [CLI, ...values], { env: environment(), cwd: folder, encoding: 'utf8' });

const template = (code: string): object => ({
  Resources: {
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
        },
      },
    },
    Function: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: 'escapes', Runtime: 'nodejs22.x', Handler: 'index.escapes', MemorySize: 512, Timeout: 60,
        Role: { 'Fn::GetAtt': ['Role', 'Arn'] }, Code: { ZipFile: code },
      },
    },
  },
});

/** Starts the command and deploys the function to it. */
async function startWithFunction(code = 'exports.escapes = () => undefined'): Promise<LambdaClient> {
  const { AWS_ENDPOINT_URL: endpoint, AWS_REGION: region, AWS_ACCESS_KEY_ID: accessKeyId } = await start();
  const settings = { endpoint, region: region!, credentials: { accessKeyId: accessKeyId!, secretAccessKey: 'any' } };
  const cloudFormation = new CloudFormationClient(settings);
  await cloudFormation.send(new CreateStackCommand({
    StackName: 'Escapes', TemplateBody: JSON.stringify(template(code)), Capabilities: ['CAPABILITY_IAM'],
  }));
  await waitUntilStackCreateComplete({ client: cloudFormation, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { StackName: 'Escapes' });
  return new LambdaClient(settings);
}

test('a function of the command reads no environment, no file of the user and no other address, and starts no process', async () => {
  const lambda = await startWithFunction();
  await lambda.send(new UpdateFunctionCodeCommand({ FunctionName: 'escapes', ZipFile: await archiveOf('escapes') }));
  writeFileSync(join(folder, 'secret'), 'of the user');
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const files = ['/proc/self/environ', `/proc/${command!.pid}/environ`, join(folder, 'secret'), '/etc/passwd'];
  const Payload = JSON.stringify({ port: (other.address() as AddressInfo).port, files });
  const answer = await lambda.send(new InvokeCommand({ FunctionName: 'escapes', Payload }));
  other.close();
  expect(JSON.parse(answer.Payload!.transformToString())).toEqual([]);
});

test('a function of the command finds the AWS SDK in node_modules of the project', async () => {
  const sdk = join(folder, 'node_modules', '@aws-sdk', 'client-own');
  mkdirSync(sdk, { recursive: true });
  writeFileSync(join(sdk, 'index.js'), 'exports.name = "of the project";');
  const lambda = await startWithFunction('exports.escapes = async () => require("@aws-sdk/client-own").name');
  const answer = await lambda.send(new InvokeCommand({ FunctionName: 'escapes' }));
  expect(JSON.parse(answer.Payload!.transformToString())).toBe('of the project');
});

test('it ends in good order and leaves nothing', async () => {
  await start('--logs', join(folder, 'logs'));
  expect(runFolders()).toHaveLength(1);
  command!.kill('SIGTERM');
  expect(await once(command!, 'exit')).toEqual([0, null]);
  expect(runFolders()).toEqual([]);
  expect(existsSync(join(folder, 'logs', 'requests.jsonl'))).toBe(true);
});

test('the next one removes the folder of a killed one', async () => {
  await start();
  command!.kill('SIGKILL');
  await once(command!, 'exit');
  const left = runFolders();
  expect(left).toHaveLength(1);
  expect(run('sandbox', '--', 'true').status).toBe(0);
  expect(runFolders()).toEqual([]);
});

test('it goes on when the reader of its output has gone away', async () => {
  await start();
  command!.stdout!.destroy();
  command!.stderr!.destroy();
  command!.kill('SIGTERM');
  expect(await once(command!, 'exit')).toEqual([0, null]);
});

test('a command after -- runs in the environment of the sandbox, and the sandbox ends with it', () => {
  const { status, stdout } = run('sandbox', '--region', 'eu-west-1', '--', 'sh', '-c', 'echo $AWS_REGION $AWS_ENDPOINT_URL; exit 3');
  expect(status).toBe(3);
  expect(stdout).toMatch(/^eu-west-1 http:\/\/127\.0\.0\.1:\d+\n$/);
});

describe('refusals', () => {
  test('a taken port is named with the option that chooses another one', async () => {
    const { AWS_ENDPOINT_URL: endpoint } = await start();
    const { status, stderr } = run('sandbox', '--port', new URL(endpoint!).port);
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/^The port \d+ is taken\. Choose another one with --port\.\n$/) });
  });

  test('a folder for the logs that cannot be created ends it at once', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(run('sandbox', '--port', '0', '--logs', join(folder, 'file', 'logs'))).toMatchObject({ status: 1, stderr: expect.stringContaining('ENOTDIR') });
  });

  test('two fleets of one capacity provider are refused', () => {
    const { status, stderr } = run('sandbox', '--fleet', 'a/managed=1', '--fleet', 'b/managed=2');
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining('--fleet must name each capacity provider once, got "managed" twice') });
  });
});
