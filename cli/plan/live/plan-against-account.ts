import { openAccount } from '../../live/open-account';
import type { Account, AccountOptions } from '../../live/reads';
import { readAssembly, type AssemblyStack } from '../assembly';
import { DAEMON_TYPE } from '../daemon-requests';
import { InputError } from '../input-error';
import { checkOptions, type PlanOptions } from '../options';
import type { Script } from '../play';
import { playAll, scriptOf } from '../playing';
import type { PlanResult } from '../result';
import { hasDaemons, plannedStacks, selectedStacks } from '../selected-stacks';
import { asAssemblyStack, type LiveStack } from './deployed-app';
import { playable } from './old-template';
import { readDeployedApp } from './read-deployed-app';
import { pages } from './replies';

type Placed = AssemblyStack & { readonly account: string; readonly region: string };

/** Plans the deployment of an app against what the account has now. Reads only. */
export async function planAgainstAccount(folder: string, options: Omit<PlanOptions, 'from'>, accountOptions: AccountOptions): Promise<PlanResult> {
  checkOptions(options);
  const selected = selectedStacks(readAssembly(folder), options.stacks ?? []);
  const accounts = new Map<string, Account>();
  const open = async (region?: string): Promise<string> => {
    const account = await openAccount({ ...accountOptions, ...(region !== undefined && { region }) });
    accounts.set(account.region, account);
    return account.region;
  };
  for (const region of new Set(selected.flatMap((stack) => stack.region ?? []))) await open(region);
  const defaultRegion = selected.some(({ region }) => region === undefined) || selected.length === 0 ? await open() : undefined;
  const { Account: id } = await [...accounts.values()][0]!.read('sts:GetCallerIdentity', {});
  const placed = selected.map((stack): Placed => ({ ...stack, account: stack.account ?? id, region: stack.region ?? defaultRegion! }));
  const foreign = placed.find(({ account }) => account !== id);
  if (foreign) throw new InputError(`The credentials must be of the account ${foreign.account}, which the stack ${foreign.id} states, got: ${id}. State the stacks of one account.`);
  const scripts: Script[] = [];
  for (const [region, account] of accounts) scripts.push(...await scriptsIn(account, region, id, placed, options));
  if (scripts.length === 0) throw new InputError('The app must have a ManagedDaemon in one of the planned stacks or in the account, but has none.');
  return playAll(scripts, options);
}

async function scriptsIn(account: Account, region: string, id: string, placed: readonly Placed[], options: PlanOptions): Promise<Script[]> {
  const here = placed.filter((stack) => stack.region === region);
  const needed = new Set((here.some(hasDaemons) ? plannedStacks(here) : []).map(({ stack }) => stack as Placed));
  for (const stack of here) if (!needed.has(stack) && await hasDeployedDaemons(account, stack)) needed.add(stack);
  if (needed.size === 0) return [];
  const deployed = await readDeployedApp(account, { account: id, region }, [...needed]);
  const old = here.flatMap((stack) => {
    const live = deployed.stacks.get(stack.stackName);
    return live ? [playable(asAssemblyStack(live, stack), stack)] : [];
  });
  const current = here.filter((stack) => needed.has(stack))
    .map((stack) => ({ ...stack, parameters: parametersOf(deployed.stacks.get(stack.stackName)) }));
  const apps = { old: plannedStacks(old), new: plannedStacks(current, old.filter(hasDaemons)) };
  return [scriptOf({ account: id, region, ...apps, deployed }, options)];
}

const parametersOf = (stack: LiveStack | undefined): Record<string, string> =>
  Object.fromEntries((stack?.parameters ?? []).map(({ key, value }) => [key, value]));

/** A stack whose last daemon leaves it has none in the new app. */
async function hasDeployedDaemons(account: Account, { stackName: StackName }: AssemblyStack): Promise<boolean> {
  const resources = await pages((NextToken) => account.read('cloudformation:ListStackResources', { StackName, NextToken }), 'StackResourceSummaries', 'NextToken')
    .catch((error: Error) => { if (error.name === 'ValidationError') return []; throw error; });
  return resources.some(({ ResourceType }) => ResourceType === DAEMON_TYPE);
}
