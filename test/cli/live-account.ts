import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { readAssembly } from '../../cli/plan/assembly';
import { uploadAssets } from '../../cli/plan/asset-upload';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../sandbox';

const COMMAND = resolve(__dirname, '../../cli/dist/main.js');

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The calls that the account saw. */
  readonly calls: readonly string[];
}

/** A sandbox that stands for an account. */
export async function startAccount(options: SandboxOptions = {}): Promise<Sandbox> {
  return startSandbox({ ecs: { throttle: 'off' }, ...options });
}

/** Deploys the stacks of an assembly, each to its end, and returns the status of the last one. */
export async function deploy(sandbox: Sandbox, folder: string): Promise<string> {
  let status = '';
  for (const stack of readAssembly(folder)) {
    if (!await submit(sandbox, folder, stack.stackName)) continue;
    do {
      await sandbox.clock.sleep(10);
      status = await statusOf(sandbox, stack.stackName);
    } while (status.endsWith('_IN_PROGRESS'));
  }
  return status;
}

/** Starts the deployment of one stack; returns whether CloudFormation has accepted it. */
export async function submit(sandbox: Sandbox, folder: string, name: string): Promise<boolean> {
  const stack = readAssembly(folder).find(({ stackName }) => stackName === name)!;
  await uploadAssets(sandbox, stack);
  const exists = await sandbox.call('cloudformation', 'DescribeStacks', { StackName: name }).then(() => true, () => false);
  const input = {
    StackName: name, TemplateBody: JSON.stringify(stack.template), Capabilities: ['CAPABILITY_NAMED_IAM'],
    Tags: Object.entries(stack.tags).map(([Key, Value]) => ({ Key, Value })),
  };
  return sandbox.call('cloudformation', exists ? 'UpdateStack' : 'CreateStack', input).then(() => true, () => false);
}

export const statusOf = async ({ call }: Sandbox, StackName: string): Promise<string> =>
  (await call('cloudformation', 'DescribeStacks', { StackName })).Stacks[0].StackStatus;

/** Runs the built command with the sandbox as its account. Virtual time is stopped meanwhile. */
export async function command(
  sandbox: Sandbox, values: readonly string[], environment: NodeJS.ProcessEnv = sandbox.environment,
): Promise<CommandResult> {
  const before = sandbox.requests.length;
  const release = sandbox.clock.hold();
  try {
    const result = await runCommand(values, environment);
    const calls = sandbox.requests.slice(before).filter(({ caller }) => caller !== 'cloudformation');
    return { ...result, calls: calls.map(({ service, operation }) => `${service}:${operation}`) };
  } finally {
    release();
  }
}

export function runCommand(values: readonly string[], environment: NodeJS.ProcessEnv): Promise<Omit<CommandResult, 'calls'>> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [COMMAND, ...values], { env: { PATH: process.env.PATH, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) child[stream].on('data', (data: Buffer) => { output[stream] += data.toString(); });
    child.on('close', (code) => done({ code, ...output }));
  });
}
