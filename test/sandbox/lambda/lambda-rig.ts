import { LambdaClient } from '@aws-sdk/client-lambda';
import { build } from 'esbuild';
import { zipSync } from 'fflate';
import { join } from 'node:path';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../../sandbox';
import { TOLD } from './handlers/tell';

/** The messages of handlers, and the actions that they trigger. */
export class Witness {
  public readonly heard: { readonly name: string; readonly time: number }[] = [];
  /** Runs before the handler gets its answer. */
  public onHeard: (name: string, count: number) => void | Promise<void> = () => undefined;

  /** Receives the messages of handlers in this sandbox. */
  public listen(sandbox: Sandbox): void {
    sandbox.intercept({
      before: async ({ input }) => {
        if (typeof input[TOLD] !== 'string') return;
        this.heard.push(JSON.parse(input[TOLD]));
        const { name } = this.heard.at(-1)!;
        await this.onHeard(name, this.count(name));
      },
    });
  }

  public count(name: string): number {
    return this.heard.filter((call) => call.name === name).length;
  }
}

/** A sandbox with functions of the handlers beside this file. */
export interface LambdaRig {
  readonly sandbox: Sandbox;
  readonly lambda: LambdaClient;
  readonly witness: Witness;
  /** Creates a function, and a version of it when it is durable; returns its ARN, qualified if it is durable. */
  createFunction(handler: string, settings?: FunctionSettings): Promise<string>;
  close(): Promise<void>;
}

export interface FunctionSettings {
  readonly name?: string;
  readonly durable?: { readonly ExecutionTimeout: number; readonly RetentionPeriodInDays?: number };
  /** Actions that the function's role has on everything. @default - what the engine and the logs need */
  readonly actions?: readonly string[];
  readonly variables?: Record<string, string>;
}

const bundles = new Map<string, Promise<Uint8Array>>();

/** Bundles a file of handlers as a function's code is bundled, and zips it. */
export function archiveOf(file: string): Promise<Uint8Array> {
  const bundled = bundles.get(file) ?? build({
    entryPoints: [join(__dirname, 'handlers', `${file}.ts`)],
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    mainFields: ['module', 'main'],
    write: false,
    logLevel: 'error',
  }).then(({ outputFiles }) => zipSync({ 'index.js': outputFiles[0]!.contents }, { level: 1 }));
  bundles.set(file, bundled);
  return bundled;
}

/** `handler` is `<file>.<export>`. */
export async function startLambdaRig(options: SandboxOptions = {}): Promise<LambdaRig> {
  const sandbox = await startSandbox({ ...options, lambda: { cutsSuspensionPause: true, ...options.lambda } });
  const witness = new Witness();
  witness.listen(sandbox);
  const lambda = new LambdaClient({
    endpoint: sandbox.endpoint, region: sandbox.region, credentials: { accessKeyId: sandbox.environment.AWS_ACCESS_KEY_ID!, secretAccessKey: 'sandbox' },
  });
  let count = 0;
  const createFunction: LambdaRig['createFunction'] = async (handler, { name = `function-${++count}`, durable, actions, variables } = {}) => {
    const [file, exported] = handler.split('.') as [string, string];
    const roleArn = await createRole(sandbox, `${name}-role`, actions ?? ['logs:*', 'lambda:CheckpointDurableExecution', 'lambda:GetDurableExecutionState']);
    const { FunctionArn } = await sandbox.call('lambda', 'CreateFunction', {
      FunctionName: name,
      Role: roleArn,
      Runtime: 'nodejs22.x',
      Handler: `index.${exported}`,
      Timeout: 60,
      MemorySize: 256,
      Code: { ZipFile: Buffer.from(await archiveOf(file)) },
      Environment: { Variables: { ...variables } },
      DurableConfig: durable,
    });
    if (!durable) return FunctionArn;
    return (await sandbox.call('lambda', 'PublishVersion', { FunctionName: name })).FunctionArn;
  };
  return {
    sandbox, lambda, witness, createFunction,
    close: async () => {
      lambda.destroy();
      await sandbox.close();
    },
  };
}

/** A role that Lambda may take on. */
export async function createRole(sandbox: Sandbox, name: string, actions: readonly string[]): Promise<string> {
  const { Role } = await sandbox.call('iam', 'CreateRole', {
    RoleName: name,
    AssumeRolePolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
    }),
  });
  if (actions.length > 0) {
    await sandbox.call('iam', 'PutRolePolicy', {
      RoleName: name,
      PolicyName: 'rights',
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] }),
    });
  }
  return Role.Arn;
}
