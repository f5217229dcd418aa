import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App, AppProps } from 'aws-cdk-lib';
import { plan, type PlanOptions, type PlanResult } from '../../cli/plan';
import { agentApp, FLEET, type AgentSettings } from '../../simulation/app/agent-app';

const folders: string[] = [];

afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'plan-bench-'));
  folders.push(folder);
  return folder;
}

/** Synthesizes an app and returns the folder of its cloud assembly. */
export function assemblyOf(make: (props: AppProps) => App): string {
  const outdir = newFolder();
  make({ outdir, autoSynth: false }).synth();
  return outdir;
}

export const agentAssembly = (settings: AgentSettings = {}): string => assemblyOf((props) => agentApp(settings, props));

/** Plans the update of the test's app, whose daemon `agent` runs on an imported capacity provider. */
export const planUpdate = (from: AgentSettings, to: AgentSettings, options: PlanOptions = {}): Promise<PlanResult> =>
  plan(agentAssembly(to), { from: agentAssembly(from), fleets: [FLEET], ...options });
