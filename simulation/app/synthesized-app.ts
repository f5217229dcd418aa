import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duration, type Stack } from 'aws-cdk-lib';
import { zipSync } from 'fflate';
import { agentApp, STACK } from './agent-app';

/** The alarm that guards the daemon. */
export const ALARM = 'agent-errors';

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
}

interface AssetManifest {
  readonly files: Readonly<Record<string, {
    readonly source: { readonly path: string; readonly packaging: string };
    readonly destinations: Readonly<Record<string, { readonly objectKey: string }>>;
  }>>;
}

export interface Archive {
  readonly key: string;
  readonly body: Buffer;
}

export interface SynthesizedApp {
  readonly template: string;
  /** The code of its functions, as the toolkit uploads it. */
  readonly archives: readonly Archive[];
}

/** Synthesizes the app without the toolkit, which would be too slow for a thousand deployments. */
export function synthesize(imageTag: string, adapt?: (stack: Stack) => void): SynthesizedApp {
  const outdir = mkdtempSync(join(tmpdir(), 'interruption-'));
  try {
    agentApp({ imageTag, alarmNames: [ALARM], daemon: { bakeTime: Duration.minutes(0) }, adapt }, { outdir }).synth();
    const manifest = JSON.parse(readFileSync(join(outdir, `${STACK}.assets.json`), 'utf8')) as AssetManifest;
    const archives = Object.values(manifest.files).filter(({ source }) => source.packaging === 'zip').map(({ source, destinations }) => ({
      key: Object.values(destinations)[0]!.objectKey,
      body: zipOf(join(outdir, source.path)),
    }));
    return { template: readFileSync(join(outdir, `${STACK}.template.json`), 'utf8'), archives };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** Returns the stack without its custom resources, so that functions stay deployed and warm. */
export function withoutDaemon(template: string): string {
  const parsed = JSON.parse(template) as Template;
  const others = Object.entries(parsed.Resources).filter(([, { Type }]) => !Type.startsWith('Custom::'));
  return JSON.stringify({ ...parsed, Resources: Object.fromEntries(others) });
}

function zipOf(folder: string): Buffer {
  const files = readdirSync(folder).map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))] as const);
  return Buffer.from(zipSync(Object.fromEntries(files)));
}
