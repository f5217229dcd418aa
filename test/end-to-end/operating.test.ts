import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  GetDurableExecutionCommand, GetDurableExecutionHistoryCommand, LambdaClient, ListDurableExecutionsByFunctionCommand,
  StopDurableExecutionCommand,
} from '@aws-sdk/client-lambda';
import { Duration } from 'aws-cdk-lib';
import type { SandboxOptions } from '../../sandbox';
import type { Input } from '../../sandbox/core/aws-service';
import { DeploymentBench, writes } from './deployment';
import { STACK } from '../../simulation/app/agent-app';

const text = readFileSync(join(__dirname, '../../docs/operating.md'), 'utf8');

const LAMBDA_COMMANDS: Readonly<Record<string, (client: LambdaClient, input: Input) => Promise<object>>> = {
  'list-durable-executions-by-function': (client, input) => client.send(new ListDurableExecutionsByFunctionCommand(input as never)),
  'get-durable-execution': (client, input) => client.send(new GetDurableExecutionCommand(input as never)),
  'get-durable-execution-history': (client, input) => client.send(new GetDurableExecutionHistoryCommand(input as never)),
  'stop-durable-execution': (client, input) => client.send(new StopDurableExecutionCommand(input as never)),
};

/** The commands of the page, by the variable that each sets, or else by service and name. */
const COMMANDS = new Map([...text.matchAll(/```sh\n([^`]+)```/g)].flatMap(([, block]) => block!.replaceAll('\\\n', ' ').split('\n')).flatMap((line) => {
  const [, variable, command] = /^(?:(\w+)=\$\()?aws (.+?)\)?$/.exec(line) ?? [];
  return command ? [[variable ?? command.split(' ').slice(0, 2).join(' '), command] as const] : [];
}));

/** A command of the page, as its options. */
function documented(service: string, command: string): Readonly<Record<string, string>> {
  const line = COMMANDS.get(`${service} ${command}`);
  if (!line) throw new Error(`docs/operating.md has no command ${service} ${command}`);
  const options = [...line.matchAll(/ --([a-z-]+)(?: +("[^"]*"|[^-\s]\S*))?/g)];
  return Object.fromEntries(options.map(([, name, value = 'true']) => [name!, value.replaceAll('"', '')]));
}

/** Options of the CLI itself. */
const OF_CLI = ['query', 'output'];

/** The input of the AWS SDK that the CLI makes of its options, with shell variables replaced. */
function inputOf(options: Readonly<Record<string, string>>, variables: Readonly<Record<string, string>>): Input {
  const valueOf = (name: string, value: string): unknown => {
    if (value.startsWith('$')) return variables[value.slice(1)];
    if (name === 'statuses') return [value];
    if (name === 'error') return Object.fromEntries(value.split(',').map((pair) => pair.split('=')));
    return value === 'true' ? true : /^\d+$/.test(value) ? Number(value) : value;
  };
  return Object.fromEntries(Object.entries(options).filter(([name]) => !OF_CLI.includes(name)).map(([name, value]) =>
    [name.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase()), valueOf(name, value)]));
}

let bench: DeploymentBench;
const start = async (options?: SandboxOptions): Promise<void> => { bench = await DeploymentBench.start(options); };
afterEach(() => bench?.close());

async function lambda(command: string, variables: Readonly<Record<string, string>>): Promise<Input> {
  return LAMBDA_COMMANDS[command]!(new LambdaClient(), inputOf(documented('lambda', command), variables));
}

/** The value of a shell variable, as the page reads it from the resources of the stack. */
async function variable(name: 'FUNCTION' | 'LOG_GROUP'): Promise<string> {
  const command = COMMANDS.get(name)!;
  expect(command).toMatch(new RegExp(`^cloudformation list-stack-resources --stack-name ${STACK} --output text `));
  const [, begin, type] = /"StackResourceSummaries\[\?starts_with\(LogicalResourceId, '(\w+)'\) && ResourceType=='([\w:]+)'\]\.PhysicalResourceId"$/.exec(command)!;
  const { StackResourceSummaries } = await bench.sandbox.call('cloudformation', 'ListStackResources', { StackName: STACK });
  const found = StackResourceSummaries.filter(({ ResourceType, LogicalResourceId }: Record<string, string>) =>
    ResourceType === type && LogicalResourceId!.startsWith(begin!));
  expect(found).toHaveLength(1);
  return found[0].PhysicalResourceId;
}

/** The rollout that runs: what has begun after it are gates. */
async function running(): Promise<{ FUNCTION: string; ROLLOUT_ARN: string; others: number }> {
  const FUNCTION = await variable('FUNCTION');
  const { DurableExecutions } = await lambda('list-durable-executions-by-function', { FUNCTION });
  return { FUNCTION, ROLLOUT_ARN: DurableExecutions.at(-1).DurableExecutionArn, others: DurableExecutions.length - 1 };
}

/** Does something so long after the first instance of the next rollout is drained. */
function midway<T>(action: () => Promise<T>, seconds = 30): Promise<T> {
  return new Promise((resolve, reject) => {
    bench.onInstanceEvent('INSTANCE_DRAINING', 1, seconds, () => void action().then(resolve, reject));
  });
}

async function stopIt(): ReturnType<typeof running> {
  const variables = await running();
  await lambda('stop-durable-execution', { ROLLOUT_ARN: variables.ROLLOUT_ARN });
  return variables;
}

test('a rollout is found and followed while it runs, and reports its result at the end', async () => {
  await start();
  await bench.deploy({ imageTag: '1' });
  const found = midway(async () => {
    const variables = await running();
    return { variables, history: await lambda('get-durable-execution-history', { ROLLOUT_ARN: variables.ROLLOUT_ARN }) };
  });
  await bench.deploy({ imageTag: '2' });
  const { variables: { others, ROLLOUT_ARN }, history } = await found;
  expect(others).toBe(0);
  expect(history.Events.map(({ Name }: Input) => Name)).toEqual(expect.arrayContaining(['watch', 'update-daemon']));

  const { Result } = await lambda('get-durable-execution', { ROLLOUT_ARN });
  expect(documented('lambda', 'get-durable-execution').query).toBe('Result');
  const report = JSON.parse(Result) as Input;
  expect(report).toMatchObject({
    outcome: 'SUCCEEDED',
    reason: 'SUCCEEDED: the daemon agent is rolled out to 4 instances',
    request: 'Update',
    answer: { Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED', RolloutArn: ROLLOUT_ARN } },
    rollout: { coverage: { running: 4, withoutDaemon: 0 }, alarms: [] },
  });
  expect(report.rollout.phases.map(({ phase }: Input) => phase)).toEqual(['PREFLIGHT', 'APPLYING', 'DEPLOYING', 'DONE']);
  expect(report.rollout.batches.at(-1)).toMatchObject({ moved: 4, of: 4 });
  expect(Result).not.toMatch(/Signature|ResponseURL|http/);

  // the page's own example has every field, and no other
  const example = JSON.parse(/```json\n([^`]+)```/.exec(text)![1]!) as Input;
  expect(Object.keys(example).sort()).toEqual(Object.keys(report).sort());
  expect(Object.keys(example.rollout).sort()).toEqual(Object.keys(report.rollout).sort());
  expect(Object.keys(example.answer.Data).sort()).toEqual(Object.keys(report.answer.Data).sort());
});

test('the log identifies a rollout by the name of its daemon', async () => {
  await start();
  await bench.deploy({ imageTag: '1' });
  await bench.sandbox.lambda.flushLogs();
  const { 'filter-pattern': filterPattern } = documented('logs', 'filter-log-events');
  const { events } = await bench.sandbox.call('logs', 'FilterLogEvents', { logGroupName: await variable('LOG_GROUP'), filterPattern });
  expect(events.map(({ message }: Input) => message)).toContainEqual(expect.stringMatching(/^agent SUCCEEDED: the daemon agent is rolled out to 4 instances/));
});

test('cancel-update-stack stops an update, and the rollback restores the fleet by one UpdateDaemon', async () => {
  await start();
  await bench.deploy({ imageTag: '1' });
  void midway(() => bench.sandbox.call('cloudformation', 'CancelUpdateStack', inputOf(documented('cloudformation', 'cancel-update-stack'), {})));
  const updated = await bench.deploy({ imageTag: '2' });
  expect(updated.stackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await bench.runningImageTags()).toEqual(['1']);
  expect(writes(updated)).toEqual(['UpdateDaemon', 'UpdateDaemon']);
});

test('delete-stack stops the create of a stack, and leaves no daemon', async () => {
  await start();
  void midway(() => bench.sandbox.call('cloudformation', 'DeleteStack', inputOf(documented('cloudformation', 'delete-stack'), {})));
  const created = await bench.deploy({ imageTag: '1' });
  expect(created.error).toBeDefined();
  expect(writes(created)).toEqual(['CreateDaemon', 'DeleteDaemon']);
  expect(await bench.daemons()).toEqual([]);
});

test('a stop of an execution before its answer fails the stack with the given reason, and the rollback restores the fleet', async () => {
  await start();
  await bench.deploy({ imageTag: '1' });
  const stopped = midway(stopIt);
  const updated = await bench.deploy({ imageTag: '2' });
  expect(updated.stackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(updated.reasons[0]).toContain("the rollout's execution ended as STOPPED without an answer: wrong-image");
  expect(await bench.runningImageTags()).toEqual(['1']);
  expect(writes(updated)).toEqual(['UpdateDaemon', 'UpdateDaemon']);
  const { ROLLOUT_ARN } = await stopped;
  const { Status, Error: error } = await lambda('get-durable-execution', { ROLLOUT_ARN });
  expect([Status, error]).toEqual(['STOPPED', { ErrorType: 'StoppedByHand', ErrorMessage: 'wrong-image' }]);
});

test('a stop of an execution after its answer leaves it to the gate to read from ECS that instances run the desired revision (FM29)', async () => {
  await start({ timing: { drainApplicationTasks: 70 * 60 } });
  const daemon = { drainPercent: 50, timeout: Duration.hours(4) };
  await bench.deploy({ imageTag: '1', daemon });
  const stopped = midway(stopIt, 90 * 60);
  const updated = await bench.deploy({ imageTag: '2', daemon });
  expect(updated).toMatchObject({ error: undefined, stackStatus: 'UPDATE_COMPLETE', reasons: [] });
  expect((await stopped).others).toBe(1);
  expect(await bench.runningImageTags()).toEqual(['2']);
  expect(writes(updated)).toEqual(['UpdateDaemon']);
  const [daemonAnswer, ...gateAnswers] = updated.answers.map(({ Reason }) => Reason);
  expect(daemonAnswer).toMatch(/^CONTINUING: DEPLOYING after 55 minutes/);
  expect(gateAnswers.at(-1)).toMatch(/^SUCCEEDED: 4 of 4 instances run the daemon agent; the rollout's execution ended as STOPPED and reports no outcome$/);
});

test('every command of the page is run here', () => {
  const run = [
    'FUNCTION', 'LOG_GROUP', 'cloudformation cancel-update-stack', 'cloudformation delete-stack', 'logs filter-log-events',
    ...Object.keys(LAMBDA_COMMANDS).map((name) => `lambda ${name}`),
  ];
  expect([...COMMANDS.keys()].sort()).toEqual(run.sort());
  expect(text.match(/aws [a-z]+ /g)).toHaveLength(run.length);
});
