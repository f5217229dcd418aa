import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type {
  DeploymentStatusChange, InstanceEvent, RequestLogEntry, Sandbox, SandboxOptions,
} from 'cdk-ecs-managed-daemons/sandbox';
import { cdk } from './command-line';
import { timelinesOf } from '../../timeline/from-sandbox';
import { toHtml } from '../../timeline/html';
import { toTerminal } from '../../timeline/terminal';
import { Fleet } from './fleet';

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
  private reports = 0;

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

  /** Runs one command of the real CLI, shows what it prints, and then a picture of what the fleet went through. */
  protected async step(title: string, command: readonly string[]): Promise<StepRecord> {
    console.log(`\n━━ ${title}\n\n$ cdk ${command.join(' ')}\n`);
    const firstRequest = this.sandbox.requests.length;
    const firstEvent = this.sandbox.ecs.instanceEvents.length;
    const { exitCode, output } = await cdk(command, this.sandbox.environment, (text) => process.stdout.write(text));
    const instanceEvents = this.sandbox.ecs.instanceEvents.slice(firstEvent);
    const uncovered: string[] = [];
    this.fleet.applyAll(instanceEvents, () => void uncovered.push(...this.fleet.uncovered));
    this.leaveReports(title);
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

  /** Prints the timelines of the step, and leaves each as a page. */
  private leaveReports(title: string): void {
    const timelines = timelinesOf(this.sandbox.recording()).slice(this.reports);
    this.reports += timelines.length;
    mkdirSync(OUTPUT, { recursive: true });
    timelines.forEach((timeline, index) => {
      const story = this.constructor.name.toLowerCase();
      const [step] = title.split('.');
      const file = join(OUTPUT, `${story}-${step}${index === 0 ? '' : `-${index + 1}`}.html`);
      writeFileSync(file, toHtml(timeline));
      console.log(`\n${toTerminal(timeline, { colour: process.stdout.isTTY })}\nThe same as a page: ${relative('.', file)}\n`);
    });
    if (timelines.length === 0) console.log('\n  (no daemon was requested)\n');
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
