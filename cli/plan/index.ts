import { readAssembly, type AssemblyStack } from './assembly';
import { checkOptions, type PlanOptions, type Synthesizable } from './options';
import type { Script } from './play';
import { playAll, scriptOf } from './playing';
import type { PlanResult } from './result';
import { InputError } from './input-error';
import { hasDaemons, plannedStacks, selectedStacks } from './selected-stacks';

/**
 * Plans the deployment of an app: deploys the old app and then the new one to a sandbox in virtual time, and returns what happens to the
 * daemons and their instances. Throws an error of one line if there is nothing to plan, or if the sandbox cannot deploy the app.
 */
export async function plan(app: string | Synthesizable, options: PlanOptions = {}): Promise<PlanResult> {
  checkOptions(options);
  const stacks = readAssembly(folderOf(app));
  const old = options.from === undefined ? undefined : readAssembly(folderOf(options.from));
  const selected = selectedStacks(stacks, options.stacks ?? []);
  if (![...selected, ...old ?? []].some(hasDaemons)) throw new InputError(NO_DAEMONS);
  return playAll(scriptsOf(selected, old, options), options);
}

const NO_DAEMONS = 'The app must have a ManagedDaemon in one of the planned stacks, but has none.';

const folderOf = (app: string | Synthesizable): string => (typeof app === 'string' ? app : app.synth().directory);

/** Stacks of one account and Region are deployed to one sandbox; those without an environment have one too. */
function scriptsOf(stacks: readonly AssemblyStack[], old: readonly AssemblyStack[] | undefined, options: PlanOptions): Script[] {
  const environments = new Map([...stacks, ...old ?? []].map(({ account, region }) => [`${account} ${region}`, { account, region }]));
  return [...environments.values()].flatMap(({ account, region }) => {
    const here = (list: readonly AssemblyStack[]): AssemblyStack[] =>
      list.filter((stack) => stack.account === account && stack.region === region);
    if (![...here(stacks), ...here(old ?? [])].some(hasDaemons)) return [];
    return [scriptOf({ account, region, new: plannedStacks(here(stacks)), ...(old && { old: plannedStacks(here(old)) }) }, options)];
  });
}

export type { CheckedLimit, PlanLimits } from './limits';
export type { Minutes } from './minutes';
export type { PlanAlarm, PlanFailures, PlanFleet, PlanOptions, Synthesizable } from './options';
export type { DaemonChange, PlannedDaemon, PlannedOutcome, PlanResult } from './result';
