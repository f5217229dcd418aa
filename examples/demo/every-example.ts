/**
 * `npm run examples`: the real CDK CLI deploys each example to a sandbox of its own, updates the image of its daemons, and
 * destroys it. `npm run examples -- falco envoy` does so with those two.
 *
 * The checks read the sandbox's request log, instance event log and list calls, never what the Lambda says of itself.
 */
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startSandbox, type InstanceEvent, type Sandbox } from 'cdk-ecs-managed-daemons/sandbox';
import { cdk } from './command-line';
import { drainBatches, startsDaemonFirst, stopsDaemonLast } from './instance-order';
import { leftovers, retained } from './leftovers';
import { Fleet } from './fleet';

const EXAMPLES = resolve(__dirname, '..');
// within the package, whose name the examples import
const COPIES = resolve('demo-output', `examples-${process.pid}`);

/** A check that failed, with what the CLI printed last. */
class CheckFailed extends Error {}

/** One example on a sandbox of its own. The update edits a copy of its folder, as its user would edit it. */
class ExampleRun {
  private readonly fleet = new Fleet();
  private readonly uncovered = new Set<string>();
  private readonly sources: string;
  private output = '';

  constructor(private readonly sandbox: Sandbox, example: string) {
    this.sources = join(COPIES, example);
    cpSync(join(EXAMPLES, example), this.sources, { recursive: true });
    sandbox.ecs.onInstanceEvent((event) => {
      this.fleet.apply(event);
      for (const instance of this.fleet.uncovered) this.uncovered.add(instance);
    });
  }

  /** What happened, in a line. */
  public async run(): Promise<string> {
    const tag = await this.create();
    const batches = await this.update(tag, `${tag}-next`);
    const instances = this.fleet.counts().active;
    const kept = await this.destroy();
    return `${instances} instances; created with ${tag}, updated in ${batches} batches, destroyed`
      + `; left is what the template retains: ${kept.join(', ')}`;
  }

  private async create(): Promise<string> {
    const events = await this.cdk('deploy');
    const [tag, ...others] = this.runningTags();
    this.check('every instance runs the image of the example', tag !== undefined && others.length === 0 && this.everyInstanceRuns(tag));
    this.check('on every instance the daemon ran before the first application task', startsDaemonFirst(events));
    const daemons = this.daemons();
    this.check(`one CreateDaemon for each of ${daemons} daemons, and no UpdateDaemon`,
      daemons > 0 && this.count('CreateDaemon') === daemons && this.count('UpdateDaemon') === 0);
    return tag!;
  }

  private async update(tag: string, next: string): Promise<number> {
    this.edit(tag, next);
    const before = this.fleet.counts().active;
    const events = await this.cdk('deploy');
    this.check('every instance runs the new image', this.fleet.counts().active === before && this.everyInstanceRuns(next));
    this.check('one UpdateDaemon for each daemon', this.count('UpdateDaemon') === this.daemons());
    const batches = drainBatches(events);
    this.check('every instance of before was drained, and none twice', batches.flat().length === before && new Set(batches.flat()).size === before);
    return batches.length;
  }

  private async destroy(): Promise<string[]> {
    const names = await this.retainedNames();
    const events = await this.cdk('destroy', '--force');
    this.check('on every instance the daemon stopped after the last application task', stopsDaemonLast(events));
    this.check('no instance is left', this.fleet.alive === 0);
    this.check('never an instance without the daemon while it ran application tasks', this.uncovered.size === 0);
    const left = await leftovers(this.sandbox);
    const others = left.filter((what) => !names.some((name) => what.endsWith(` ${name}`)));
    this.check(`nothing is left that the template does not retain, but: ${others.join(', ')}`, others.length === 0);
    return [`old revisions: ${(await retained(this.sandbox)).length}`, `log groups: ${left.length}`];
  }

  private async cdk(command: string, ...options: readonly string[]): Promise<readonly InstanceEvent[]> {
    const first = this.sandbox.ecs.instanceEvents.length;
    const app = `node --import tsx ${join(this.sources, 'app.ts')}`;
    const result = await cdk([command, '--all', '--app', app, '--output', join(this.sources, 'cdk.out'), ...options], this.sandbox.environment);
    this.output = result.output;
    this.check(`cdk ${command} succeeds`, result.exitCode === 0);
    return this.sandbox.ecs.instanceEvents.slice(first);
  }

  /** Replaces the version in the one source file that names it. */
  private edit(version: string, next: string): void {
    const files = sourcesWith(`${version}'`, this.sources);
    this.check(`one source file names the version ${version}, not: ${files.join(', ')}`, files.length === 1);
    const file = join(this.sources, files[0]!);
    writeFileSync(file, readFileSync(file, 'utf8').replace(`${version}'`, `${next}'`));
  }

  private runningTags(): string[] {
    return Object.keys(this.fleet.counts().daemons);
  }

  private everyInstanceRuns(tag: string): boolean {
    const { active, daemons } = this.fleet.counts();
    return active > 0 && this.fleet.alive === active && daemons[tag] === active && this.runningTags().length === 1;
  }

  private count(operation: string): number {
    return this.sandbox.requests.filter((request) => request.operation === operation).length;
  }

  /** How many daemons the templates have. */
  private daemons(): number {
    const assembly = join(this.sources, 'cdk.out');
    const templates = readdirSync(assembly).filter((file) => file.endsWith('.template.json'));
    return templates.flatMap((file) => {
      const { Resources } = JSON.parse(readFileSync(join(assembly, file), 'utf8')) as { Resources: Record<string, { Type: string }> };
      return Object.values(Resources).filter(({ Type }) => Type === 'Custom::ECSManagedDaemon');
    }).length;
  }

  /** The physical names of what the templates say is to be kept. */
  private async retainedNames(): Promise<string[]> {
    const { Stacks } = await this.sandbox.call('cloudformation', 'DescribeStacks', {});
    const names = await Promise.all(Stacks.map(async ({ StackName }: { StackName: string }) => {
      const { TemplateBody } = await this.sandbox.call('cloudformation', 'GetTemplate', { StackName });
      const { StackResources } = await this.sandbox.call('cloudformation', 'DescribeStackResources', { StackName });
      const { Resources } = JSON.parse(TemplateBody) as { Resources: Record<string, { DeletionPolicy?: string }> };
      return StackResources
        .filter(({ LogicalResourceId }: Record<string, string>) => Resources[LogicalResourceId!]!.DeletionPolicy === 'Retain')
        .map(({ PhysicalResourceId }: Record<string, string>) => PhysicalResourceId!);
    }));
    return names.flat();
  }

  private check(what: string, holds: boolean): void {
    if (!holds) throw new CheckFailed(`${what}\n${this.output}`);
  }
}

/** The source files of an example that contain a text. */
const sourcesWith = (text: string, folder: string): string[] => readdirSync(folder)
  .filter((file) => /(?<!\.test)\.ts$/.test(file) && readFileSync(join(folder, file), 'utf8').includes(text));

async function holds(example: string): Promise<boolean> {
  const started = performance.now();
  const sandbox = await startSandbox({ startTime: new Date() });
  const finish = (mark: string, text: string): void => console.log(`${mark} ${example}: ${text} (${Math.round((performance.now() - started) / 1000)} s)`);
  try {
    finish('✓', await new ExampleRun(sandbox, example).run());
    return true;
  } catch (error) {
    finish('✗', error instanceof CheckFailed ? `FAILED: ${error.message}` : String(error));
    return false;
  } finally {
    await sandbox.close();
  }
}

async function main(names: readonly string[]): Promise<number> {
  const examples = readdirSync(EXAMPLES).filter((folder) => existsSync(join(EXAMPLES, folder, 'app.ts')));
  const chosen = examples.filter((example) => names.length === 0 || names.includes(example));
  let failures = chosen.length === 0 ? 1 : 0;
  for (const example of chosen) if (!await holds(example)) failures++;
  console.log(failures === 0 ? `Examples deployed, updated and destroyed: ${chosen.length}.` : `Examples that failed: ${failures} of ${chosen.length}.`);
  return failures === 0 ? 0 : 1;
}

main(process.argv.slice(2)).then((exitCode) => { process.exitCode = exitCode; }, (error: unknown) => {
  console.error(error);
  process.exitCode = 1;
}).finally(() => rmSync(COPIES, { recursive: true, force: true }));
