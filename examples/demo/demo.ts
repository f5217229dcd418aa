import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type {
  DeploymentStatusChange, InstanceEvent, RequestLogEntry, Sandbox, SandboxOptions,
} from 'cdk-ecs-managed-daemons/sandbox';
import { cdk } from './command-line';
import { Fleet, printTimeline, timeline } from './timeline';

const OUTPUT = resolve('demo-output');

/** What happened in the sandbox during one step. */
export interface StepRecord {
  readonly exitCode: number;
  readonly output: string;
  readonly requests: readonly RequestLogEntry[];
  readonly instanceEvents: readonly InstanceEvent[];
}

/**
 * A story that the real CDK CLI tells against a sandbox, step by step.
 *
 * Every check reads the sandbox's request log and instance event log, never what the Lambda says of itself.
 */
export abstract class Demo {
  /** What the sandbox of the story is like. */
  public static readonly sandboxOptions: SandboxOptions = { applicationTasksPerInstance: 2 };

  protected readonly fleet = new Fleet();
  protected readonly statusChanges: DeploymentStatusChange[] = [];
  private failures = 0;

  constructor(protected readonly sandbox: Sandbox) {
    sandbox.ecs.onDeploymentStatus((change) => void this.statusChanges.push(change));
  }

  /** Returns the exit code. */
  public async run(): Promise<number> {
    await this.tell();
    this.leaveLogs();
    console.log(this.failures === 0 ? '\nAll checks passed.' : `\n${this.failures} checks failed.`);
    return this.failures === 0 ? 0 : 1;
  }

  protected abstract tell(): Promise<void>;

  /** Runs one command of the real CLI, shows what it prints, and then the timeline of what the fleet went through. */
  protected async step(title: string, command: readonly string[]): Promise<StepRecord> {
    console.log(`\n━━ ${title}\n\n$ cdk ${command.join(' ')}\n`);
    const firstRequest = this.sandbox.requests.length;
    const firstEvent = this.sandbox.ecs.instanceEvents.length;
    const firstChange = this.statusChanges.length;
    const { exitCode, output } = await cdk(command, this.sandbox.environment, (text) => process.stdout.write(text));
    const instanceEvents = this.sandbox.ecs.instanceEvents.slice(firstEvent);
    const uncovered: string[] = [];
    const statusChanges = this.statusChanges.slice(firstChange);
    const rows = timeline(this.fleet, instanceEvents, statusChanges, () => void uncovered.push(...this.fleet.uncovered));
    console.log(rows.length > 0 ? `\n${printTimeline(rows)}\n` : '\n  (no instance changed its state)\n');
    this.check('never an instance without the daemon while it runs application tasks', uncovered.length === 0);
    return { exitCode, output, instanceEvents, requests: this.sandbox.requests.slice(firstRequest) };
  }

  protected check(what: string, holds: boolean): void {
    if (!holds) this.failures++;
    console.log(`  ${holds ? '✓' : '✗ FAILED:'} ${what}`);
  }

  protected async stackStatus(stackName: string): Promise<string> {
    return (await this.sandbox.call('cloudformation', 'DescribeStacks', { StackName: stackName })).Stacks[0].StackStatus;
  }

  /** Of the latest event of the stack that tells of a failed update. */
  protected async failureReason(stackName: string): Promise<string> {
    const { StackEvents } = await this.sandbox.call('cloudformation', 'DescribeStackEvents', { StackName: stackName });
    const failed = StackEvents.find((event: Record<string, string>) => event.ResourceStatus === 'UPDATE_FAILED');
    return failed?.ResourceStatusReason ?? '';
  }

  private leaveLogs(): void {
    mkdirSync(OUTPUT, { recursive: true });
    const logs: [string, readonly object[]][] = [
      ['requests.jsonl', this.sandbox.requests], ['instance-events.jsonl', this.sandbox.ecs.instanceEvents],
    ];
    for (const [name, entries] of logs) writeFileSync(join(OUTPUT, name), entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    console.log('\nThe request log and the instance event log are in demo-output/.');
  }
}

/** How often the stack asked for an operation; what the story itself asks for does not count. */
export const count = ({ requests }: Pick<StepRecord, 'requests'>, operation: string): number =>
  requests.filter((request) => request.operation === operation && request.caller !== 'operator').length;
