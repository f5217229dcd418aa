import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudAssembly } from 'aws-cdk-lib/cx-api';

const root = join(__dirname, '..');

/** The app of an example. */
export const appOf = (example: string): string => join(root, 'examples', example, 'app.ts');

/** The examples, by the names of their folders. */
export const exampleNames: readonly string[] = readdirSync(join(root, 'examples')).filter((folder) => existsSync(appOf(folder)));

/** The source files of an example, by their paths, without its tests. */
export const sourcesOf = (example: string): string[] => readdirSync(join(root, 'examples', example))
  .filter((file) => /(?<!\.test)\.ts$/.test(file)).map((file) => join(root, 'examples', example, file));

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
    const command = ['--import', 'tsx', join('test', 'lib', 'synthesize-with-nag.ts'), example];
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
