import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAssembly } from '../../cli/plan/assembly';
import { deployStack } from '../../cli/plan/stack-deployment';
import type { InstanceEvent, SandboxOptions } from '../../sandbox';
import { agentApp, type AgentSettings } from '../../simulation/app/agent-app';
import { startConsole, type ConsoleRig } from '../sandbox/console/console-rig';

/** A console beside which the tests' app is deployed, with its real functions; virtual time can be stopped in a rollout. */
export interface RolloutRig extends ConsoleRig {
  /** Deploys to the end. */
  deploy(settings: AgentSettings): Promise<string>;
  /** Stops time at the first event that matches; the returned function lets it go on. */
  stopAt(matches: (event: InstanceEvent) => boolean): Promise<() => void>;
}

export async function startRollouts(options: SandboxOptions): Promise<RolloutRig> {
  const rig = await startConsole({ ...options, ecs: { throttle: 'off' } });
  return {
    ...rig,
    deploy: async (settings) => {
      const outdir = mkdtempSync(join(tmpdir(), 'console-app-'));
      agentApp(settings, { outdir, autoSynth: false }).synth();
      const [stack] = readAssembly(outdir);
      const { status } = await deployStack(rig.sandbox, stack!, stack!.template);
      rmSync(outdir, { recursive: true, force: true });
      return status;
    },
    stopAt: (matches) => new Promise((resolve) => {
      const stop = rig.sandbox.ecs.onInstanceEvent((event) => {
        if (!matches(event)) return;
        stop();
        resolve(rig.sandbox.clock.hold());
      });
    }),
  };
}

/** Matches when the daemon task of the nth instance that runs an image is up. */
export function running(number: number, tag: string): (event: InstanceEvent) => boolean {
  let seen = 0;
  return ({ event, image }) => event === 'DAEMON_TASK_RUNNING' && image!.endsWith(`:${tag}`) && ++seen === number;
}
