import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Template } from '../../sandbox/cloudformation/template/template';
import { InputError } from './input-error';

/** A file that a template refers to: the code of a function, or the template of a nested stack. */
export interface AssetFile {
  readonly path: string;
  readonly packaging: 'file' | 'zip';
  readonly objectKey: string;
  /** With `${AWS::AccountId}` and `${AWS::Region}`. */
  readonly bucketName: string;
}

/** One stack of a cloud assembly. */
export interface AssemblyStack {
  /** The id by which the CDK CLI lists it, for example `Prod/Agents`. */
  readonly id: string;
  readonly stackName: string;
  /** Undefined for an environment-agnostic stack. */
  readonly account?: string;
  readonly region?: string;
  readonly template: Template;
  readonly files: readonly AssetFile[];
  readonly tags: Readonly<Record<string, string>>;
  /** The stack names that it depends on. */
  readonly dependencies: readonly string[];
  /** Values that the deployed stack has; those that the template does not declare are ignored. */
  readonly parameters?: Readonly<Record<string, string>>;
}

interface Artifact {
  readonly type: string;
  readonly environment?: string;
  readonly dependencies?: readonly string[];
  readonly displayName?: string;
  readonly properties?: {
    readonly templateFile?: string;
    readonly stackName?: string;
    readonly tags?: Readonly<Record<string, string>>;
    readonly directoryName?: string;
    readonly file?: string;
  };
}

interface AssetManifest {
  readonly files?: Readonly<Record<string, {
    readonly source?: { readonly path?: string; readonly packaging?: string };
    readonly destinations: Readonly<Record<string, { readonly bucketName: string; readonly objectKey: string }>>;
  }>>;
}

/** Reads the stacks of a cloud assembly and of the stages in it, each after those that it depends on. */
export function readAssembly(folder: string): AssemblyStack[] {
  const manifest = join(folder, 'manifest.json');
  if (!existsSync(manifest)) throw new InputError(`${folder} must be a cloud assembly, the output of "cdk synth", but has no manifest.json.`);
  return inOrder(stacksIn(folder));
}

function stacksIn(folder: string): AssemblyStack[] {
  const artifacts = parsed<{ artifacts?: Record<string, Artifact> }>(join(folder, 'manifest.json')).artifacts ?? {};
  const nameOf = (id: string): string => artifacts[id]?.properties?.stackName ?? id;
  return Object.entries(artifacts).flatMap(([id, artifact]) => {
    const { type, dependencies = [], properties = {} } = artifact;
    if (type === 'cdk:cloud-assembly') return stacksIn(join(folder, properties.directoryName!));
    if (type !== 'aws:cloudformation:stack') return [];
    const manifests = dependencies.filter((dependency) => artifacts[dependency]?.type === 'cdk:asset-manifest');
    return [{
      id: artifact.displayName ?? id,
      stackName: nameOf(id),
      ...environmentOf(artifact),
      template: parsed<Template>(join(folder, properties.templateFile!)),
      files: manifests.flatMap((name) => filesIn(folder, artifacts[name]!.properties!.file!)),
      tags: properties.tags ?? {},
      dependencies: dependencies.filter((dependency) => artifacts[dependency]?.type === type).map(nameOf),
    }];
  });
}

function environmentOf({ environment = '' }: Artifact): Pick<AssemblyStack, 'account' | 'region'> {
  const [, account, region] = /^aws:\/\/([^/]+)\/(.+)$/.exec(environment) ?? [];
  return {
    ...(account !== undefined && account !== 'unknown-account' && { account }),
    ...(region !== undefined && region !== 'unknown-region' && { region }),
  };
}

function filesIn(folder: string, manifest: string): AssetFile[] {
  const { files = {} } = parsed<AssetManifest>(join(folder, manifest));
  return Object.values(files).flatMap(({ source, destinations }) => {
    if (source?.path === undefined) return []; // built by a command of the user
    return Object.values(destinations).map(({ bucketName, objectKey }) => ({
      path: join(folder, source.path!), packaging: source.packaging === 'zip' ? 'zip' as const : 'file' as const, objectKey, bucketName,
    }));
  });
}

function inOrder(stacks: readonly AssemblyStack[]): AssemblyStack[] {
  const ordered = new Set<AssemblyStack>();
  const visit = (stack: AssemblyStack): void => {
    if (ordered.has(stack)) return;
    for (const other of stacks) if (stack.dependencies.includes(other.stackName) && isSameEnvironment(other, stack)) visit(other);
    ordered.add(stack);
  };
  stacks.forEach(visit);
  return [...ordered];
}

export const isSameEnvironment = (one: AssemblyStack, other: AssemblyStack): boolean =>
  one.account === other.account && one.region === other.region;

function parsed<T>(file: string): T {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch (error) {
    throw new InputError(`${file} must be a JSON file of a cloud assembly, but cannot be read: ${(error as Error).message.split('\n')[0]}`);
  }
}
