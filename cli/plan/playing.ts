import { matchesPattern } from '../../sandbox/iam/pattern';
import { resultOf, type Played } from './combined-result';
import { daemonPlans } from './daemon-plans';
import { label } from './fleets';
import { InputError } from './input-error';
import type { PlanOptions } from './options';
import { planTimeline } from './plan-timeline';
import { play, type Course, type Script } from './play';
import type { PlanResult } from './result';

export const scriptOf = (apps: Pick<Script, 'account' | 'region' | 'old' | 'new' | 'deployed'>, options: PlanOptions): Script => ({
  ...apps,
  fleets: options.fleets ?? [],
  failures: options.failures ?? {},
  applicationTasksPerInstance: options.applicationTasksPerInstance,
});

/** Plays each environment on a sandbox of its own, and returns the plan of all. */
export async function playAll(scripts: readonly Script[], options: PlanOptions): Promise<PlanResult> {
  const courses: Played[] = [];
  for (const script of scripts) {
    courses.push(await play(script, {}, async (course, sandbox) => {
      await sandbox.lambda.flushLogs();
      const plans = daemonPlans(course);
      return { course, plans, isUpdate: script.old !== undefined, timeline: planTimeline(sandbox.recording(), plans, course.startedAt) };
    }));
  }
  checkUse(courses.map(({ course }) => course), options);
  return resultOf(courses, options.limits);
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
