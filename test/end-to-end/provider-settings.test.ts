import { aws_lambda as lambda } from 'aws-cdk-lib';
import { ManagedDaemonProvider, type ManagedDaemonProviderProps } from 'cdk-ecs-managed-daemons';
import type { AgentSettings } from '../../simulation/app/agent-app';
import { DeploymentBench } from './deployment';

const { DEBUG, ERROR } = lambda.ApplicationLogLevel;
const configured = (props: ManagedDaemonProviderProps, settings: AgentSettings = {}): AgentSettings =>
  ({ ...settings, adapt: (stack) => ManagedDaemonProvider.configure(stack, props) });

describe('the settings of the provider', () => {
  let bench: DeploymentBench;
  let readBefore = 0;
  beforeAll(async () => {
    bench = await DeploymentBench.start();
    await bench.alarm('errors', 'OK');
  });
  afterAll(() => bench.close());

  /** The lines that functions have written since they were asked for last. */
  const newLines = async (): Promise<string[]> => {
    const { logGroups: [group] } = await bench.sandbox.call('logs', 'DescribeLogGroups', {});
    const { events } = await bench.sandbox.call('logs', 'FilterLogEvents', { logGroupName: group.logGroupName });
    const lines = events.map(({ message }: { message: string }) => message);
    return lines.slice(readBefore, readBefore = lines.length);
  };
  const lookLines = (lines: string[]): string[] => lines.filter((line) => /^agent: saw \{/.test(line));

  test('log by default the steps of a rollout, and not each poll', async () => {
    await bench.deploy();
    const lines = await newLines();

    expect(lines).toContainEqual(expect.stringMatching(/begins$/));
    expect(lines).toContainEqual(expect.stringMatching(/^agent SUCCEEDED/));
    expect(lookLines(lines)).toEqual([]);
  });

  test('change without a rollout', async () => {
    const { error, calls, stackStatus } = await bench.deploy(configured({ logLevel: DEBUG, tracing: lambda.Tracing.ACTIVE }));

    expect({ error, calls, stackStatus }).toEqual({ error: undefined, calls: [], stackStatus: 'UPDATE_COMPLETE' });
  });

  test('take effect with the next rollout, of which DEBUG logs each poll', async () => {
    await bench.deploy(configured({ logLevel: DEBUG, tracing: lambda.Tracing.ACTIVE }, { imageTag: '2' }));
    const lines = await newLines();

    expect(lookLines(lines).length).toBeGreaterThan(3);
    expect(lines).toContainEqual(expect.stringMatching(/^agent SUCCEEDED/));
  });

  test('may leave nothing to log of a rollout that succeeds', async () => {
    await bench.deploy(configured({ logLevel: ERROR }, { imageTag: '3' }));

    expect(await newLines()).toEqual([]);
  });

  test('leave the reason of a failed rollout to CloudFormation', async () => {
    await bench.alarm('errors', 'ALARM');
    const { reasons } = await bench.deploy(configured({ logLevel: ERROR }, { imageTag: '4', alarmNames: ['errors'] }));
    const [line, ...others] = await newLines();

    expect(others).toEqual([]);
    expect(line).toMatch(/^agent PREFLIGHT: .*errors/);
    expect(reasons.join()).toContain(line!.replace(/^agent /, ''));
  });
});
