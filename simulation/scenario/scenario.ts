import type { DaemonProperties } from '../../lambda/contract';
import type { EcsAssumptions, FleetTiming } from '../../sandbox/ecs';
import type { CallFault } from '../world/faults';
import type { Random } from '../world/random';
import type { StackOptions, Tags } from '../world/stack';
import type { AlarmKind } from '../world/world';

/** A daemon in a template; the image decides whether its tasks start. */
export interface DaemonPlan {
  readonly logicalId: string;
  readonly name: string;
  readonly image: string;
  readonly providers: readonly string[];
  readonly settings: Partial<DaemonProperties>;
  /** The logical ids that it is rolled out after. Left out: those defined before it that share a capacity provider. */
  readonly after?: readonly string[];
  /** Whether a verification follows it. */
  readonly isVerified?: boolean;
  /** Whether the template comes from an earlier version of the constructs, with fewer properties and one that was removed since. */
  readonly isOfEarlierVersion?: boolean;
}

/** A daemon that a person has created. */
export type ExistingDaemon = Pick<DaemonPlan, 'name' | 'image' | 'providers' | 'settings'>;

export type Step =
  | { readonly kind: 'deploy'; readonly pause: number; readonly daemons: readonly DaemonPlan[]; readonly cancelAfter?: number; readonly tags?: Tags }
  | { readonly kind: 'delete'; readonly pause: number };

export interface StackScript {
  readonly name: string;
  readonly options: StackOptions;
  readonly steps: readonly Step[];
}

export const PLAIN_DISTURBANCES = [
  'manual-update', 'manual-delete', 'foreign-daemon', 'alarm-flap', 'alarm-stays-in-alarm', 'stopped-execution', 'hanging-drain', 'stopped-task',
  'code-upgrade',
] as const;

export const DISTURBANCES = [...PLAIN_DISTURBANCES, 'paused-execution'] as const;

export type DisturbanceKind = typeof DISTURBANCES[number];

/** A manual write or an event of the fleet, at some second. */
export interface Disturbance {
  readonly kind: DisturbanceKind;
  readonly at: number;
  readonly choice: Random;
}

export const DELIVERY_FAULTS = ['duplicate-delivery', 'late-delivery', 'late-duplicate', 'repeated-request-id'] as const;

export type DeliveryFault = typeof DELIVERY_FAULTS[number];

/** Everything that a seed decides before the scenario starts. */
export interface Scenario {
  readonly assumptions: EcsAssumptions;
  readonly timing: Partial<FleetTiming>;
  readonly fleets: Readonly<Record<string, number>>;
  readonly alarms: readonly string[];
  /** The kind of each alarm that is not on a metric. */
  readonly alarmKinds: Readonly<Record<string, AlarmKind>>;
  /** Daemons without an owner that exist before any stack. */
  readonly existing: readonly ExistingDaemon[];
  readonly stacks: readonly StackScript[];
  readonly disturbances: readonly Disturbance[];
  /** The probability for each call and each delivery. */
  readonly faultProbability: number;
  readonly callFaults: readonly CallFault[];
  readonly deliveryFaultProbability: number;
  readonly deliveryFaults: readonly DeliveryFault[];
  readonly listLag: number;
  /** How many seconds the clock of our functions is ahead of that of AWS. */
  readonly clockAhead: number;
  /** The most entries of a page of any list. @default - as AWS documents */
  readonly longestPage?: number;
  /** Hours after which every step must have ended. */
  readonly scenarioHours: number;
  /** Sources of choices during the run, one a subject. */
  readonly random: Readonly<Record<'world' | 'network' | 'faults' | 'cloudFormation' | 'delivery' | 'later', Random>>;
}

/** An image whose tasks never start, and one whose first launches fail. */
export const BAD_IMAGE = /^bad/;
export const FLAKY_IMAGE = /^flaky/;

/** Timing of a fast fleet, of which rollouts need few reads. */
export const QUICK: Partial<FleetTiming> = {
  prepareBatch: 4, launchReplacement: 6, startDaemon: 2, activate: 2, drainApplicationTasks: 6, stopDaemon: 2, deregister: 6,
  stopRequested: 6, retryDaemon: 5,
};
