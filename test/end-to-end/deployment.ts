import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type IIoHost, Toolkit } from '@aws-cdk/toolkit-lib';
import { startSandbox, type RequestLogEntry, type Sandbox, type SandboxOptions } from '../../sandbox';
import { type AgentSettings, agentApp, FLEET, STACK } from './agent-app';

/** How a deployment ended, as CloudFormation and the sandbox's own logs tell it. */
export interface DeploymentResult {
  readonly error?: string;
  readonly stackStatus?: string;
  /** The reasons of the events that failed in this deployment, oldest first. */
  readonly reasons: readonly string[];
  /** What the rollout function asked of ECS and CloudWatch in this deployment, in order. */
  readonly calls: readonly string[];
  readonly requests: readonly RequestLogEntry[];
}

/** Says nothing, and answers questions as a person would who only presses return. */
const silent: IIoHost = { notify: async () => undefined, requestResponse: async (request) => request.defaultResponse };

/** A sandbox, and the CDK toolkit in this process that deploys to it over HTTP. */
export class DeploymentBench {
  public static async start(options: SandboxOptions = {}): Promise<DeploymentBench> {
    return new DeploymentBench(await startSandbox({ fleets: [FLEET], ...options }));
  }

  private readonly toolkit = new Toolkit({ ioHost: silent, emojis: false, color: false });
  private readonly folder = mkdtempSync(join(tmpdir(), 'deployment-bench-'));
  private assemblies = 0;

  private constructor(public readonly sandbox: Sandbox) {
    Object.assign(process.env, sandbox.environment);
  }

  public deploy(settings: AgentSettings = {}): Promise<DeploymentResult> {
    return this.run(settings, async (assembly) => {
      await this.toolkit.deploy(assembly, { deploymentMethod: { method: 'direct' }, stackEventPollingInterval: 20 });
    });
  }

  public destroy(settings: AgentSettings = {}): Promise<DeploymentResult> {
    return this.run(settings, async (assembly) => {
      await this.toolkit.destroy(assembly, { stackEventPollingInterval: 20 });
    });
  }

  public async close(): Promise<void> {
    await this.sandbox.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The events of the stack, oldest first. */
  public async stackEvents(): Promise<Record<string, string>[]> {
    const { StackEvents } = await this.sandbox.call('cloudformation', 'DescribeStackEvents', { StackName: STACK });
    return StackEvents.reverse();
  }

  private async run(settings: AgentSettings, action: (assembly: Parameters<Toolkit['deploy']>[0]) => Promise<void>): Promise<DeploymentResult> {
    const first = this.sandbox.requests.length;
    const firstEvent = await this.stackEvents().then((events) => events.length, () => 0);
    const outdir = join(this.folder, String(this.assemblies++));
    const source = await this.toolkit.fromAssemblyBuilder(async () => agentApp(settings, { outdir }).synth(), { outdir });
    const error = await action(source).then(() => undefined, (fault: Error) => fault.message);
    const requests = this.sandbox.requests.slice(first);
    const events = await this.stackEvents().catch(() => []);
    const stack = await this.sandbox.call('cloudformation', 'DescribeStacks', { StackName: STACK }).then(
      ({ Stacks }) => Stacks[0], () => undefined);
    return {
      error,
      stackStatus: stack?.StackStatus,
      reasons: events.slice(firstEvent)
        .filter((event) => event.ResourceStatus!.endsWith('_FAILED') && event.ResourceStatusReason)
        .map((event) => event.ResourceStatusReason!),
      calls: requests.filter(({ service, caller }) => ['ecs', 'monitoring'].includes(service) && caller.includes('Rollout'))
        .map(({ operation }) => operation),
      requests,
    };
  }
}

/** How often an operation was asked for, whether it was granted or not. */
export const count = ({ requests }: Pick<DeploymentResult, 'requests'>, operation: string): number =>
  requests.filter((request) => request.operation === operation && request.service === 'ecs').length;
