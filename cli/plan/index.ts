import { matchesPattern } from '../../sandbox/iam/pattern';
import { readAssembly, type AssemblyStack } from './assembly';
import { daemonPlans } from './daemon-plans';
import { label } from './fleets';
import { InputError } from './input-error';
import { resultOf, type Played } from './combined-result';
import { planTimeline } from './plan-timeline';
import { play, type Course, type Script } from './play';
import { checkOptions, type PlanOptions, type Synthesizable } from './options';
import type { PlanResult } from './result';
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
  if (![...selected, ...old ?? []].some(hasDaemons)) {
    throw new InputError('The app must have a ManagedDaemon in one of the planned stacks, but has none.');
  }
  const courses: Played[] = [];
  for (const script of scriptsOf(selected, old, options)) {
    courses.push(await play(script, {}, async (course, sandbox) => {
      await sandbox.lambda.flushLogs();
      const plans = daemonPlans(course);
      return { course, plans, isUpdate: old !== undefined, timeline: planTimeline(sandbox.recording(), plans, course.startedAt) };
    }));
  }
  checkUse(courses.map(({ course }) => course), options);
  return resultOf(courses);
}

const folderOf = (app: string | Synthesizable): string => (typeof app === 'string' ? app : app.synth().directory);

/** Stacks of one account and Region are deployed to one sandbox; those without an environment have one too. */
function scriptsOf(stacks: readonly AssemblyStack[], old: readonly AssemblyStack[] | undefined, options: PlanOptions): Script[] {
  const environments = new Map([...stacks, ...old ?? []].map(({ account, region }) => [`${account} ${region}`, { account, region }]));
  return [...environments.values()].flatMap(({ account, region }) => {
    const here = (list: readonly AssemblyStack[]): AssemblyStack[] =>
      list.filter((stack) => stack.account === account && stack.region === region);
    if (![...here(stacks), ...here(old ?? [])].some(hasDaemons)) return [];
    return [{
      account, region,
      new: plannedStacks(here(stacks)),
      ...(old && { old: plannedStacks(here(old)) }),
      fleets: options.fleets ?? [],
      failures: options.failures ?? {},
      applicationTasksPerInstance: options.applicationTasksPerInstance,
    }];
  });
}

/** An option that is about nothing in the app is a mistake, most often of spelling. */
function checkUse(courses: readonly Course[], { fleets = [], failures = {} }: PlanOptions): void {
  const unused = fleets.find((fleet) => courses.every((course) => course.fleets.unused.includes(fleet)));
  const providers = [...new Set(courses.flatMap((course) => course.fleets.providers.map(label)))].sort().join(', ');
  if (unused) throw new InputError(`A fleet must be of a capacity provider that the app uses (${providers}), got: ${label(unused)}.`);
  const hanging = failures.hangingDrains?.find((name) => courses.every((course) => !course.fleets.hasProvider(name)));
  if (hanging !== undefined) throw new InputError(`A hanging drain must be of a capacity provider that the app uses (${providers}), got: ${hanging}.`);
  const alarms = [...new Set(courses.flatMap((course) => course.alarmNames))].sort();
  const alarm = failures.alarms?.find((rehearsal) => !alarms.some((name) => matchesPattern(name, rehearsal.alarm)));
  if (alarm) {
    throw new InputError(`An alarm must be a deployment alarm of a daemon (${alarms.join(', ') || 'the app has none'}), got: ${alarm.alarm}.`);
  }
}

export type { Minutes } from './minutes';
export type { PlanAlarm, PlanFailures, PlanFleet, PlanOptions, Synthesizable } from './options';
export type { DaemonChange, PlannedDaemon, PlannedOutcome, PlanResult } from './result';
