import type { Rollout, Timeline } from '../../timeline/model';
import type { DaemonPlan } from './daemon-plans';
import { checkedLimits, type PlanLimits } from './limits';
import { minutesInAll, RESTS_ON } from './minutes';
import { paceInWords } from './live/pace';
import { laterBy, merged } from './plan-timeline';
import type { Course } from './play';
import type { PlannedDaemon, PlanResult } from './result';
import { summaryOf } from './summary';

/** What was played in one environment. */
export interface Played {
  readonly course: Course;
  readonly plans: readonly DaemonPlan[];
  readonly timeline?: Timeline;
  /** Whether an old app was deployed before. */
  readonly isUpdate: boolean;
}

const MINUTE = 60_000;

/** The plan of all environments, which are deployed one after the other. */
export function resultOf(environments: readonly Played[], limits: PlanLimits = {}): PlanResult {
  const played = inSequence(environments);
  const plans = played.flatMap((each) => each.plans);
  const courses = played.map(({ course }) => course);
  const timeline = merged(played.flatMap((each) => each.timeline ?? []));
  const daemons = plans.map((plan) => timedDaemon(plan, plans, timeline?.rollouts ?? []));
  const spans = plans.flatMap(({ span }) => (span ? [span] : []));
  const isKnown = daemons.every(({ drainedInstances }) => drainedInstances !== undefined);
  const sizes = courses.map(({ fleets }) => fleets.instances);
  const instances = sizes.includes(undefined) ? undefined : sizes.reduce<number>((sum, size) => sum + size!, 0);
  const amounts = {
    ...(instances !== undefined && { instances }),
    ...(isKnown && { drainedInstances: daemons.reduce((sum, { drainedInstances }) => sum + drainedInstances!, 0) }),
    ...(isKnown && spans.length > 0 && { minutes: minutesInAll(spans) }),
  };
  const isEndless = daemons.some(({ outcome }) => outcome === 'times out');
  const checked = checkedLimits(limits, isEndless ? { ...amounts, minutes: undefined } : amounts);
  const verdict = verdictOf(daemons, courses);
  const result: Omit<PlanResult, 'summary'> = {
    version: 1,
    ...verdict,
    ...(verdict.exitCode === 2 && checked.some(({ isExceeded }) => isExceeded) && { exitCode: 3 }),
    daemons,
    ...amounts,
    ...(checked.length > 0 && { limits: checked }),
    unknownFleets: courses.flatMap(({ fleets }) => fleets.unknown),
    stacks: stacksOf(daemons, courses),
    assumptions: assumptionsOf(daemons, played),
    ...(isKnown && timeline && { timeline }),
  };
  // the summary comes right after what it sums up
  return Object.assign({ version: result.version, verdict: result.verdict, exitCode: result.exitCode, summary: summaryOf(result) }, result);
}

/** Each environment has a clock of its own: its rollouts begin when those before have ended. */
function inSequence(environments: readonly Played[]): Played[] {
  let end: number | undefined;
  return environments.map((played) => {
    const spans = played.plans.flatMap(({ span }) => (span ? [span] : []));
    const first = Math.min(...spans.map(({ from }) => from));
    const offset = end === undefined || spans.length === 0 ? 0 : end - first;
    end = Math.max(end ?? -Infinity, ...spans.map(({ to }) => to + offset));
    const plans = played.plans.map((plan) => {
      const { span } = plan;
      return span ? { ...plan, span: { ...span, from: span.from + offset, to: span.to + offset } } : plan;
    });
    const start = Math.min(...environments[0]!.plans.flatMap(({ span }) => (span ? [span.from] : [])), first);
    return { ...played, plans, ...(played.timeline && { timeline: laterBy(played.timeline, first + offset - start) }) };
  });
}

function timedDaemon({ daemon, daemonArn, span }: DaemonPlan, plans: readonly DaemonPlan[], rollouts: readonly Rollout[]): PlannedDaemon {
  if (!span) return daemon;
  const start = Math.min(...plans.flatMap((plan) => (plan.span ? [plan.span.from] : [])));
  const phases = rollouts.find((rollout) => rollout.daemonArn === daemonArn)?.phases ?? [];
  const queued = phases.filter(({ phase }) => phase === 'WAITING_TURN').reduce((sum, { from, to }) => sum + to - from, 0);
  return {
    ...daemon,
    startsAfterMinutes: Math.round((span.from - start) / MINUTE),
    ...(queued >= MINUTE && { queuedMinutes: Math.round(queued / MINUTE) }),
  };
}

function stacksOf(daemons: PlanResult['daemons'], courses: readonly Course[]): PlanResult['stacks'] {
  const names = new Set(daemons.map(({ stack }) => stack));
  const ends = courses.flatMap(({ stacks }) => stacks).filter(({ stackName }) => names.has(stackName));
  const refused = courses.flatMap(({ skipped, deployed }) => skipped.filter(({ refusal }) => refusal !== undefined)
    .map(({ stackName }) => ({ stackName, status: deployed!.stacks.get(stackName)!.status })));
  return [...ends, ...refused].map(({ stackName: name, status }) => ({ name, status }));
}

function verdictOf(daemons: PlanResult['daemons'], courses: readonly Course[]): Pick<PlanResult, 'verdict' | 'exitCode'> {
  if (courses.some(({ skipped }) => skipped.some(({ refusal }) => refusal !== undefined)) || daemons.some(({ change }) => change === 'refused')) return { verdict: 'refused', exitCode: 4 };
  if (daemons.some(({ drainedInstances }) => drainedInstances === undefined)) return { verdict: 'fleet not known', exitCode: 5 };
  if (daemons.some(({ drainedInstances }) => drainedInstances! > 0)) return { verdict: 'instances drain', exitCode: 2 };
  return { verdict: 'nothing drains', exitCode: 0 };
}

function assumptionsOf(daemons: PlanResult['daemons'], played: readonly Played[]): string[] {
  const courses = played.map(({ course }) => course);
  const paces = courses.flatMap(({ deployed }) => (deployed?.pace ? [paceInWords(deployed.pace)] : []));
  const outside = [...new Set(courses.flatMap(({ outsideAlarms }) => outsideAlarms))].sort();
  return [
    ...played.some(({ isUpdate }) => isUpdate) ? [] : ['nothing is deployed yet, because no app is given that is deployed now'],
    ...courses.flatMap(({ deployed }) => (deployed ? [`what the account ${deployed.account} has in ${deployed.region} now`] : [])),
    ...daemons.some(({ minutes }) => minutes) ? [...RESTS_ON, ...paces] : [],
    ...courses.flatMap(({ fleets }) => fleets.origins),
    ...outside.length > 0 && courses.some(({ deployed }) => !deployed) ? [`alarms from outside of the app exist and are OK: ${outside.join(', ')}`] : [],
  ];
}
