import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, parse } from 'node:path';
import { CloudAssembly } from 'aws-cdk-lib/cx-api';

const root = join(__dirname, '..');

/** The apps in `examples/`, by the names of their files. */
export const exampleNames: readonly string[] = readdirSync(join(root, 'examples'))
  .filter((file) => file.endsWith('.ts') && readFileSync(join(root, 'examples', file), 'utf8').includes('new App('))
  .map((file) => parse(file).name);

/** The source text of an example, the construct library of its own included. */
export function sourceOf(example: string): string {
  const own = readFileSync(join(root, 'examples', `${example}.ts`), 'utf8');
  const imported = [...own.matchAll(/from '(\.\/[\w-]+\/[\w-]+)'/g)].map(([, path]) => readFileSync(join(root, 'examples', `${path}.ts`), 'utf8'));
  return [own, ...imported].join('\n');
}

interface SynthesizedResource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DependsOn?: string[];
}

/** An example that was synthesized as its user would, from the built package. */
export class SynthesizedExample {
  public readonly assembly: CloudAssembly;

  constructor(example: string, context: Record<string, string> = {}) {
    const outdir = mkdtempSync(join(tmpdir(), `example-${example}-`));
    const command = ['--import', 'tsx', join('test', 'lib', 'synthesize-with-nag.ts'), join('examples', `${example}.ts`)];
    const { stderr } = spawnSync(process.execPath, command, {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify(context) },
    });
    if (!existsSync(join(outdir, 'manifest.json'))) throw new Error(`${example} does not synthesize: ${stderr}`);
    this.assembly = new CloudAssembly(outdir);
  }

  /** The first resource of a type. */
  public resource(type: string): SynthesizedResource {
    const resources: SynthesizedResource[] = Object.values(this.assembly.stacks[0]!.template.Resources);
    return resources.find(({ Type }) => Type === type)!;
  }

  /** The logical ids of the resources of a type. */
  public logicalIds(type: string): string[] {
    const resources: [string, SynthesizedResource][] = Object.entries(this.assembly.stacks[0]!.template.Resources);
    return resources.filter(([, { Type }]) => Type === type).map(([logicalId]) => logicalId);
  }

  /** How many tasks its services want, in all of its stacks. */
  public get applicationTasks(): number {
    const resources = this.assembly.stacks.flatMap(({ template }) => Object.values<SynthesizedResource>(template.Resources));
    return resources.reduce((sum, { Type, Properties }) => sum + (Type === 'AWS::ECS::Service' ? Number(Properties.DesiredCount) : 0), 0);
  }

  /** Warnings and errors of the constructs. */
  public get messages(): string[] {
    return this.assembly.stacks.flatMap(({ messages }) => messages)
      .filter(({ level }) => level !== 'info').map(({ id, entry }) => `${id}: ${JSON.stringify(entry.data)}`);
  }

  /** What cdk-nag's AwsSolutions pack finds and nobody has acknowledged. */
  public get violations(): string[] {
    return this.read('nag-findings.json') as string[];
  }

  /** The acknowledgements of the AwsSolutions pack that acknowledge nothing. */
  public get idleAcknowledgements(): string[] {
    return this.read('idle-acknowledgements.json') as string[];
  }

  public remove(): void {
    rmSync(this.assembly.directory, { recursive: true });
  }

  private read(file: string): unknown {
    return JSON.parse(readFileSync(join(this.assembly.directory, file), 'utf8'));
  }
}
