import { matchesPattern } from '../../sandbox/iam/pattern';
import type { Timeline } from '../../timeline/model';
import { readAssembly, type AssemblyStack } from './assembly';
import { daemonPlans, type DaemonPlan } from './daemon-plans';
import { label } from './fleets';
import { InputError } from './input-error';
import { minutesInAll, RESTS_ON } from './minutes';
import { merged, planTimeline } from './plan-timeline';
import { play, type Course, type Script } from './play';
import { checkOptions, type PlanOptions, type Synthesizable } from './options';
import type { PlanResult } from './result';
import { hasDaemons, plannedStacks, selectedStacks } from './selected-stacks';
import { summaryOf } from './summary';

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
      return { course, plans, timeline: planTimeline(sandbox.recording(), plans, course.startedAt) };
    }));
  }
  checkUse(courses.map(({ course }) => course), options);
  return resultOf(courses);
}

interface Played {
  readonly course: Course;
  readonly plans: readonly DaemonPlan[];
  readonly timeline?: Timeline;
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

function resultOf(played: readonly Played[]): PlanResult {
  const plans = played.flatMap((each) => each.plans);
  const courses = played.map(({ course }) => course);
  const spans = plans.flatMap(({ span }) => (span ? [span] : []));
  const start = Math.min(...spans.map(({ from }) => from));
  const daemons = plans.map(({ daemon, span }) => ({
    ...daemon, ...(span && { startsAfterMinutes: Math.round((span.from - start) / 60_000) }),
  }));
  const isKnown = daemons.every(({ drainedInstances }) => drainedInstances !== undefined);
  const sizes = courses.map(({ fleets }) => fleets.instances);
  const instances = sizes.includes(undefined) ? undefined : sizes.reduce<number>((sum, size) => sum + size!, 0);
  const timeline = isKnown ? merged(played.flatMap((each) => each.timeline ?? [])) : undefined;
  const result: Omit<PlanResult, 'summary'> = {
    version: 1,
    ...verdictOf(daemons),
    daemons,
    ...(instances !== undefined && { instances }),
    ...(isKnown && { drainedInstances: daemons.reduce((sum, { drainedInstances }) => sum + drainedInstances!, 0) }),
    ...(isKnown && spans.length > 0 && { minutes: minutesInAll(spans) }),
    unknownFleets: courses.flatMap(({ fleets }) => fleets.unknown),
    stacks: stacksOf(daemons, courses),
    assumptions: assumptionsOf(daemons, courses),
    ...(timeline && { timeline }),
  };
  const { version, verdict, exitCode, ...rest } = result;
  return { version, verdict, exitCode, summary: summaryOf(result), ...rest };
}

function stacksOf(daemons: PlanResult['daemons'], courses: readonly Course[]): PlanResult['stacks'] {
  const names = new Set(daemons.map(({ stack }) => stack));
  const ends = courses.flatMap(({ stacks }) => stacks).filter(({ stackName }) => names.has(stackName));
  return ends.map(({ stackName: name, status }) => ({ name, status }));
}

function verdictOf(daemons: PlanResult['daemons']): Pick<PlanResult, 'verdict' | 'exitCode'> {
  if (daemons.some(({ change }) => change === 'refused')) return { verdict: 'refused', exitCode: 4 };
  if (daemons.some(({ drainedInstances }) => drainedInstances === undefined)) return { verdict: 'fleet not known', exitCode: 5 };
  if (daemons.some(({ drainedInstances }) => drainedInstances! > 0)) return { verdict: 'instances drain', exitCode: 2 };
  return { verdict: 'nothing drains', exitCode: 0 };
}

function assumptionsOf(daemons: PlanResult['daemons'], courses: readonly Course[]): string[] {
  const outside = [...new Set(courses.flatMap(({ outsideAlarms }) => outsideAlarms))].sort();
  return [
    ...daemons.some(({ minutes }) => minutes) ? RESTS_ON : [],
    ...courses.flatMap(({ fleets }) => fleets.origins),
    ...outside.length > 0 ? [`alarms from outside of the app exist and are OK: ${outside.join(', ')}`] : [],
  ];
}

export type { Minutes } from './minutes';
export type { PlanAlarm, PlanFailures, PlanFleet, PlanOptions, Synthesizable } from './options';
export type { DaemonChange, PlannedDaemon, PlannedOutcome, PlanResult } from './result';
