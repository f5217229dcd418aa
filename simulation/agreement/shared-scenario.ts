import type { FleetTiming } from '../../sandbox/ecs';
import type { CallFault } from '../world/faults';
import { Random } from '../world/random';
import { scenarioOf } from '../scenario/generator';
import { QUICK, type DaemonPlan, type Scenario, type Step } from '../scenario/scenario';

/** An event in the middle of a step, timed from when ECS starts to replace instances. */
export interface Midway {
  readonly kind: 'cancel' | 'alarm';
  readonly afterSeconds: number;
}

/** A step; acts do not overlap. */
export type Act =
  | { readonly kind: 'step'; readonly stack: number; readonly step: Step; readonly midway?: Midway }
  | { readonly kind: 'manual update' | 'manual delete' | 'manual create'; readonly daemonName: string; readonly provider: string };

/** Faults of writes, by the number of the write among all writes of rollouts. */
export type WriteFaults = ReadonlyMap<number, CallFault>;

/** A scenario that has the same course on both models. */
export interface SharedScenario {
  readonly seed: number;
  readonly scenario: Scenario;
  readonly acts: readonly Act[];
  readonly writeFaults: WriteFaults;
}

const WRITE_FAULTS: readonly CallFault[] = ['crash-before', 'crash-after', 'lost-request', 'lost-reply', 'throttle', 'server-error', 'cut-reply', 'garbled-reply'];

/** Enough for a bake behind gates, and for one that is too long for them. */
const MOST_MINUTES = 110;
const MOST_BAKE_MINUTES = 120;

/**
 * Returns the scenario of a seed without anything that depends on seconds: each model has its own pauses between calls.
 *
 * So stacks and daemons take turns, a fault hits the nth write and not a time, an event in a step is timed from the start of ECS's
 * deployment, and requests are not throttled.
 */
export function sharedScenarioOf(seed: number): SharedScenario {
  const scenario = scenarioOf(seed);
  const random = new Random(seed ^ 0x5eed);
  const isDeliveredTwice = random.chance(0.2);
  const options = scenario.stacks[0]!.options;
  const stacks = scenario.stacks.slice(0, 2)
    .map((script) => ({ ...script, options, steps: script.steps.map(withoutCancellation).map(inALine) }));
  const timing: Partial<FleetTiming> = random.chance(0.8) ? QUICK : {};
  const writes = random.pick([0, 0, 1, 2, 3]);
  return {
    seed,
    scenario: {
      ...scenario,
      assumptions: { ...scenario.assumptions, throttle: 'off', readAge: 'constant' },
      timing,
      stacks,
      disturbances: [],
      // the models do not distinguish the kinds of alarms
      alarmKinds: {},
      faultProbability: 0,
      deliveryFaultProbability: isDeliveredTwice ? 1 : 0,
      deliveryFaults: ['duplicate-delivery'],
      listLag: 0,
      clockAhead: 0,
    },
    acts: actsOf(stacks, Object.keys(scenario.fleets), scenario.alarms.length > 0, random),
    writeFaults: new Map(Array.from({ length: writes }, () => [random.integer(1, 8), random.pick(WRITE_FAULTS)] as const)),
  };
}

function withoutCancellation(step: Step): Step {
  if (step.kind === 'delete') return step;
  return { ...step, cancelAfter: undefined };
}

function inALine(step: Step): Step {
  if (step.kind === 'delete') return step;
  const after = (index: number): string[] => step.daemons.slice(0, index)
    .flatMap(({ logicalId, isVerified }) => isVerified ? [logicalId, `${logicalId}Verification`] : [logicalId]);
  return { ...step, daemons: step.daemons.map((daemon, index) => ({ ...withoutEdge(daemon), after: after(index) })) };
}

/** Avoids timeouts that coincide with a wait of the Lambda, which seconds would decide, and long ones, which take the sandbox long. */
function withoutEdge(daemon: DaemonPlan): DaemonPlan {
  const { TimeoutInMinutes = 55, BakeTimeInMinutes = 0 } = daemon.settings;
  const minutes = TimeoutInMinutes === 5 ? 7 : Math.min(TimeoutInMinutes, MOST_MINUTES);
  const bakeMinutes = Math.min(BakeTimeInMinutes, MOST_BAKE_MINUTES);
  return { ...daemon, settings: { ...daemon.settings, TimeoutInMinutes: minutes, BakeTimeInMinutes: bakeMinutes } };
}

/** Interleaves the steps of all stacks: the first steps, then the second ones, and so on, with manual writes between them. */
function actsOf(stacks: Scenario['stacks'], providers: readonly string[], hasAlarms: boolean, random: Random): Act[] {
  const acts: Act[] = [];
  const rounds = Math.max(...stacks.map(({ steps }) => steps.length));
  for (let round = 0; round < rounds; round++) {
    for (const [stack, { steps }] of stacks.entries()) {
      const step = steps[round];
      if (!step) continue;
      if (step.kind === 'deploy' && random.chance(0.15)) acts.push(existingDaemonLike(step.daemons, providers, random));
      const kind = random.pick(hasAlarms ? ['cancel', 'alarm', 'alarm'] as const : ['cancel'] as const);
      const isDisturbed = round > 0 && step.kind === 'deploy' && random.chance(0.35);
      acts.push({ kind: 'step', stack, step, ...(isDisturbed && { midway: { kind, afterSeconds: random.between(1, 90) } }) });
    }
  }
  return acts;
}

function existingDaemonLike(daemons: readonly DaemonPlan[], providers: readonly string[], random: Random): Act {
  const kind = random.pick(['manual update', 'manual update', 'manual delete', 'manual create'] as const);
  return { kind, daemonName: random.pick(daemons).name, provider: random.pick(providers) };
}
