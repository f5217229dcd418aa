import { CloudFormationClient, CreateStackCommand, DescribeStacksCommand, waitUntilStackCreateComplete } from '@aws-sdk/client-cloudformation';
import { InvokeCommand, LambdaClient, UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { RequestLogEntry } from '../../sandbox';
import { archiveOf } from '../sandbox/lambda/lambda-rig';

const CLI = resolve(__dirname, '../../sandbox/dist/cli.js');

let folder: string;
let command: ChildProcess | undefined;
/** What the command has printed so far. */
let output: { stdout: string; stderr: string };

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
  output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) command[stream]!.on('data', (chunk: Buffer) => { output[stream] += chunk.toString(); });
  while (!output.stdout.includes('no_proxy')) {
    if (command.exitCode !== null) throw new Error(output.stderr);
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
  const environments = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map((pid) => `/proc/${pid}/environ`);
  const files = ['/proc/self/environ', ...environments, join(folder, 'secret'), join(homedir(), '.profile'), '/etc/passwd'];
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

const clientFor = (environment: Record<string, string>): CloudFormationClient => new CloudFormationClient({
  endpoint: environment.AWS_ENDPOINT_URL, region: environment.AWS_REGION!,
  credentials: { accessKeyId: environment.AWS_ACCESS_KEY_ID!, secretAccessKey: 'any' },
});

/** Creates a stack whose one resource is inert, and ends the command. */
async function createStackAndEnd(client: CloudFormationClient): Promise<void> {
  const TemplateBody = JSON.stringify({ Resources: { Topic: { Type: 'AWS::SNS::Topic' } } });
  await client.send(new CreateStackCommand({ StackName: 'Topics', TemplateBody }));
  await waitUntilStackCreateComplete({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { StackName: 'Topics' });
  command!.kill('SIGTERM');
  await once(command!, 'close');
}

/** The process that serves for a command. */
const serverOf = (pid: number): number => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)
  .find((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('server.js'))!;

/** The usual id of the user with the fewest permissions. */
const NOBODY = 65534;

async function asNobody(script: string): Promise<{ stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ['-e', script], { uid: NOBODY, gid: NOBODY, env: { PATH: process.env.PATH }, cwd: '/' });
  const printed = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) child[stream].on('data', (chunk: Buffer) => { printed[stream] += chunk.toString(); });
  await once(child, 'close');
  return printed;
}

const withoutTimes = (text: string): string[] => text.trim().split('\n').map((line) => line.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /, ''));

describe('the output', () => {
  const begun = 'Stack Topics: CREATE_IN_PROGRESS';
  const ended = 'Stack Topics: CREATE_COMPLETE';

  test('has only the environment on stdout, and notices on stderr', async () => {
    await createStackAndEnd(clientFor(await start()));
    expect(output.stdout.trim().split('\n').filter((line) => !/^(unset|for|export) /.test(line))).toEqual([]);
    expect(withoutTimes(output.stderr)).toEqual([
      expect.stringContaining('The sandbox listens on http://127.0.0.1:'),
      expect.stringMatching(/^The console shows what happens: http:\/\/127\.0\.0\.1:\d+\/console\?key=[\w-]{32}$/),
      begun, ended,
    ]);
  });

  test('has nothing on stderr with --quiet', async () => {
    await createStackAndEnd(clientFor(await start('--quiet')));
    expect(output.stderr).toBe('');
  });

  test('has a line for every resource with --verbose', async () => {
    await createStackAndEnd(clientFor(await start('--verbose')));
    const topic = 'Stack Topics: Topic (AWS::SNS::Topic) ';
    expect(withoutTimes(output.stderr).slice(2)).toEqual([
      begun, `${topic}CREATE_IN_PROGRESS`, `${topic}CREATE_IN_PROGRESS: Resource creation Initiated`, `${topic}CREATE_COMPLETE`, ended,
    ]);
  });
});

test('the console whose address is printed is served under the permission model, with its script and its style', async () => {
  const { AWS_ENDPOINT_URL: endpoint } = await start();
  while (!output.stderr.includes('/console?key=')) await new Promise((done) => setTimeout(done, 50));
  const entry = await fetch(/http\S+key=\S+/.exec(output.stderr)![0], { redirect: 'manual' });
  const cookie = entry.headers.get('set-cookie')!.split(';')[0]!;
  const answers = await Promise.all(['', '/main.js', '/style.css'].map((path) => fetch(`${endpoint}/console${path}`, { headers: { cookie } })));

  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(await answers[2]!.text()).toMatch(/^:root\{--surface:#FFFFFF.*\.cell/s);
});

/** An app as a user writes it; its second version lets an alarm guard the daemon. */
const APP = `
const { App, Duration, Stack, aws_cloudwatch: cloudwatch, aws_ecs: ecs } = require(${JSON.stringify(resolve(__dirname, '../../node_modules/aws-cdk-lib'))});
const { DaemonCapacityProvider, DaemonTaskDefinition, ManagedDaemon } = require(${JSON.stringify(resolve(__dirname, '../../lib/index.js'))});
const stack = new Stack(new App(), 'Agents', { env: { account: '123456789012', region: 'us-east-1' } });
const metric = new cloudwatch.Metric({ namespace: 'App', metricName: 'Errors' });
const alarm = new cloudwatch.Alarm(stack, 'Errors', { metric, threshold: 1, evaluationPeriods: 1 });
const daemonTaskDefinition = new DaemonTaskDefinition(stack, 'Agent', { family: 'agent' });
daemonTaskDefinition.addContainer('agent', { image: ecs.ContainerImage.fromRegistry('agent:' + process.env.AGENT_TAG), memoryLimitMiB: 256 });
new ManagedDaemon(stack, 'Daemon', {
  cluster: ecs.Cluster.fromClusterArn(stack, 'Cluster', 'arn:aws:ecs:us-east-1:123456789012:cluster/apps'),
  capacityProviders: [DaemonCapacityProvider.fromCapacityProviderArn('arn:aws:ecs:us-east-1:123456789012:capacity-provider/managed')],
  daemonTaskDefinition,
  daemonName: 'agent',
  drainPercent: 100,
  bakeTime: Duration.minutes(20),
  alarms: process.env.AGENT_TAG === '2' ? [alarm] : undefined,
});
`;

test('an alarm rehearsed by --alarm makes a rollout roll back, and the stack of the CDK CLI fails with the reason', () => {
  writeFileSync(join(folder, 'app.js'), APP);
  writeFileSync(join(folder, 'cdk.json'), JSON.stringify({ app: 'node app.js', notices: false, versionReporting: false, requireApproval: 'never' }));
  const deploy = `${resolve(__dirname, '../../node_modules/.bin/cdk')} deploy --ci --no-color --progress events`;
  const { status, stdout, stderr } = run(
    'sandbox', '--fleet', 'apps/managed=2', '--alarm', 'Agents-Errors*@15', '--', 'sh', '-c', `AGENT_TAG=1 ${deploy} && AGENT_TAG=2 ${deploy}`,
  );
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(
    /Stack Agents: CREATE_COMPLETE\n(.*\n)*.* Alarm Agents-Errors.*: ALARM \(rehearsed by the sandbox\)\n(.*\n)*.* Stack Agents: UPDATE_ROLLBACK_COMPLETE\n/,
  ) });
  expect(stderr).toMatch(/Stack Agents: Daemon\S* \(Custom::ECSManagedDaemon\) UPDATE_FAILED: .*rolled the daemon agent back: .*Agents-Errors/);
  expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(/ECS rolled the daemon agent back: .*Agents-Errors/);
});

test('the command ends in order and leaves no files', async () => {
  await start('--logs', join(folder, 'logs'));
  expect(runFolders()).toHaveLength(1);
  command!.kill('SIGTERM');
  expect(await once(command!, 'exit')).toEqual([0, null]);
  expect(runFolders()).toEqual([]);
  expect(existsSync(join(folder, 'logs', 'requests.jsonl'))).toBe(true);
});

test('a log of many megabytes is written to its end', async () => {
  const client = clientFor(await start('--logs', join(folder, 'logs')));
  const StackName = 'x'.repeat(500_000);
  const requests = Array.from({ length: 8 }, () => client.send(new DescribeStacksCommand({ StackName })).catch(() => undefined));
  await Promise.all(requests);
  command!.kill('SIGTERM');
  await once(command!, 'exit');
  const lines = readFileSync(join(folder, 'logs', 'requests.jsonl'), 'utf8').trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as RequestLogEntry).input)).toEqual(requests.map(() => ({ StackName })));
});

test('the next command removes the folder of a killed one', async () => {
  await start();
  command!.kill('SIGKILL');
  await once(command!, 'exit');
  const left = runFolders();
  expect(left).toHaveLength(1);
  expect(run('sandbox', '--', 'true').status).toBe(0);
  expect(runFolders()).toEqual([]);
});

test('the command continues when the reader of its output has ended', async () => {
  await start();
  command!.stdout!.destroy();
  command!.stderr!.destroy();
  command!.kill('SIGTERM');
  expect(await once(command!, 'exit')).toEqual([0, null]);
});

const asRoot = process.getuid?.() === 0 ? test : test.skip;

asRoot('another local user gets 403, and reads neither the key nor the files of the sandbox', async () => {
  const { AWS_ENDPOINT_URL: endpoint } = await start();
  chmodSync(folder, 0o755);
  const [runFolder] = runFolders();
  const paths = [join(folder, 'environment'), join(folder, 'temp', runFolder!), `/proc/${command!.pid}/environ`];
  const script = `
    const { readdirSync, readFileSync, statSync } = require('node:fs');
    const isReadable = (path) => { try { return (statSync(path).isDirectory() ? readdirSync : readFileSync)(path).length >= 0; } catch { return false; } };
    const key = (id) => 'AWS4-HMAC-SHA256 Credential=' + id + '/20260101/us-east-1/ecs/aws4_request, SignedHeaders=host, Signature=0';
    const headers = [{}, { authorization: key('AKIA0') }, { authorization: key('AKIA0'), origin: 'http://attacker.example' }];
    const requests = headers.map((more) => fetch('${endpoint}', { method: 'POST', body: '{}', headers: { 'x-amz-target': 'X.ListClusters', ...more } }));
    Promise.all(requests).then((replies) => console.log(JSON.stringify({
      user: process.getuid(), statuses: replies.map(({ status }) => status), readable: ${JSON.stringify(paths)}.filter(isReadable),
    })));`;
  const { stdout, stderr } = await asNobody(script);
  expect({ stdout, stderr }).toEqual({ stdout: `${JSON.stringify({ user: NOBODY, statuses: [403, 403, 403], readable: [] })}\n`, stderr: '' });
});

test('the file for the environment becomes unreadable for others', async () => {
  writeFileSync(join(folder, 'environment'), '', { mode: 0o644 });
  await start();
  expect(statSync(join(folder, 'environment')).mode & 0o777).toBe(0o600);
});

test('a command after -- gets the signals that the sandbox gets, and decides when to end', async () => {
  const script = 'trap "echo ended; exit 7" TERM; echo started; while :; do sleep 0.1; done';
  command = spawn(process.execPath, [CLI, 'sandbox', '--', 'sh', '-c', script], { env: environment(), cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  command.stdout!.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    if (chunk.toString() === 'started\n') command!.kill('SIGTERM');
  });
  expect(await once(command, 'close')).toEqual([7, null]);
  expect({ stdout, left: runFolders() }).toEqual({ stdout: 'started\nended\n', left: [] });
});

test('a command after -- ends when the server process dies', async () => {
  const script = 'trap "echo ended; exit 0" TERM; echo started; while :; do sleep 0.1; done';
  command = spawn(process.execPath, [CLI, 'sandbox', '--', 'sh', '-c', script], { env: environment(), cwd: folder });
  output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) command[stream]!.on('data', (chunk: Buffer) => { output[stream] += chunk.toString(); });
  await once(command.stdout!, 'data');
  process.kill(serverOf(command.pid!), 'SIGKILL');
  expect(await once(command, 'close')).toEqual([1, null]); // the command holds the output open until it has ended
  expect({ ...output, left: runFolders() }).toEqual({
    stdout: 'started\nended\n', stderr: expect.stringMatching(/^The console .*\nThe sandbox has ended unexpectedly\. The command sh was stopped\.\n$/), left: [],
  });
});

test('a command after -- runs in the environment of the sandbox, and the sandbox ends with it', () => {
  const { status, stdout } = run('sandbox', '--region', 'eu-west-1', '--', 'sh', '-c', 'echo $AWS_REGION $AWS_ENDPOINT_URL; exit 3');
  expect(status).toBe(3);
  expect(stdout).toMatch(/^eu-west-1 http:\/\/127\.0\.0\.1:\d+\n$/);
});

describe('an invalid option', () => {
  test('fails with the port in use, and with the option that chooses another one', async () => {
    const { AWS_ENDPOINT_URL: endpoint } = await start();
    const { status, stderr } = run('sandbox', '--port', new URL(endpoint!).port);
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/^The port \d+ is taken\. Choose another one with --port\.\n$/) });
  });

  test('fails at once for a log folder that cannot be created', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(run('sandbox', '--port', '0', '--logs', join(folder, 'file', 'logs'))).toMatchObject({ status: 1, stderr: expect.stringContaining('ENOTDIR') });
  });

  test('fails in one line for a bad value', () => {
    const { status, stderr } = run('sandbox', '--fleet', 'a/managed=1', '--fleet', 'b/managed=2');
    expect({ status, stderr }).toEqual({ status: 1, stderr: '--fleet must name each capacity provider once, got "managed" twice. --help lists the options.\n' });
  });

  test('fails at once for an environment file that cannot be written', () => {
    const { status, stderr } = run('sandbox', '--environment-file', join(folder, 'missing', 'file'), '--', 'true');
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/^--environment-file must be a path that can be written, got .*\n$/) });
  });

  test('fails with the name of a command that does not exist, and leaves no files', () => {
    expect(run('sandbox', '--', 'no-such-command')).toMatchObject({ status: 1, stderr: expect.stringContaining('Cannot run no-such-command') });
    expect(runFolders()).toEqual([]);
  });
});
