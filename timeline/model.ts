/**
 * One rollout or several over time, as plain JSON: what every renderer draws, whatever it was read from. `timeline.schema.json` describes
 * the same. Times are milliseconds: those of a rollout since its request, and `requestedAt` since the start of the timeline. What a source
 * does not know is absent.
 */
export interface Timeline {
  readonly version: 1;
  /** A plan has no clock time, and its words say what will happen. */
  readonly kind: 'recorded' | 'plan';
  /** Where it was read from, for the reader: `the sandbox`. */
  readonly source?: string;
  /** The first request, ISO 8601 in UTC. Absent in a plan. */
  readonly startedAt?: string;
  /** In the order of their requests; in waves, those that were not begun are last. */
  readonly rollouts: readonly Rollout[];
  /** The events of CloudFormation, since the start of the timeline, oldest first. */
  readonly stackEvents: readonly StackEvent[];
  /** The log lines of the Lambda, since the start of the timeline, oldest first. */
  readonly log: readonly LogLine[];
}

/** Milliseconds. */
export type Elapsed = number;

/** All that happens to one daemon in one operation of its stack, the rollback of the stack included. */
export interface Rollout {
  /** The daemon's name. */
  readonly daemon: string;
  readonly daemonArn?: string;
  /** The cluster's name. */
  readonly cluster: string;
  /** The names of the capacity providers. */
  readonly capacityProviders: readonly string[];
  readonly stack?: string;
  /** The logical id of the custom resource. */
  readonly resource?: string;
  readonly request: 'create' | 'update' | 'delete';
  /** Of a daemon of `ManagedDaemonWaves`. */
  readonly place?: Place;
  /** Since the start of the timeline. */
  readonly requestedAt: Elapsed;
  /** Until the end of the last deployment, or of the request if there was none. While it runs: until now. */
  readonly duration: Elapsed;
  /** Instances that are not draining, at the start. Absent if the source does not know. */
  readonly instances?: number;
  readonly revisions: Revisions;
  readonly settings: Settings;
  /** Of a plan: which settings cause the rollout, `image 1.300.1 → 1.300.2`. */
  readonly causes?: readonly string[];
  /** Without gaps from 0 on, but for the time in which a place waits for the stack. */
  readonly phases: readonly Phase[];
  readonly batches: readonly Batch[];
  /** One for each moment at which a count changes; the first is at 0. Empty if the source does not know. */
  readonly moments: readonly Moment[];
  readonly alarms: readonly Alarm[];
  readonly gates: readonly Gate[];
  readonly ecsEvents: readonly EcsEvent[];
  /** Of a fleet of up to 24: every instance; else at most 8: those that failed, stalled or took longest. */
  readonly instanceHistories: readonly InstanceHistory[];
  readonly measures: Measures;
  readonly verdict: Verdict;
  /** The bounds of the duration, of a plan or of a rollout that runs: always all three, or absent ("not known"). */
  readonly estimate?: Estimate;
}

export interface Place {
  readonly wave: string;
  /** The name of the target. */
  readonly name: string;
  /** From 1 on. */
  readonly waveNumber: number;
}

/** What people read as the version: the tag of the image, or what else tells them apart. Absent for "no daemon". */
export interface Revisions {
  readonly new?: string;
  readonly old?: string;
  /** Those between, if there are more than two. */
  readonly mid?: string;
}

export interface Settings {
  readonly drainPercent?: number;
  readonly bakeMinutes?: number;
  readonly alarmNames: readonly string[];
}

export const PHASES = [
  'PREFLIGHT', 'WAITING_TURN', 'APPLYING', 'DEPLOYING', 'BAKING', 'ROLLING_BACK', 'DRAINING', 'STALLED',
] as const;

export type PhaseName = typeof PHASES[number];

export interface Phase {
  readonly phase: PhaseName;
  readonly from: Elapsed;
  readonly to: Elapsed;
}

/** Instances that were drained together. */
export interface Batch {
  /** From 1 on; those of a rollback are counted by themselves. */
  readonly number: number;
  /** How many batches all instances take. */
  readonly of?: number;
  readonly isRollback: boolean;
  readonly from: Elapsed;
  /** When the last of its instances was terminated. Absent while it is under way. */
  readonly to?: Elapsed;
  readonly instances: number;
}

export const REVISION_ROLES = ['new', 'mid', 'old'] as const;

export type RevisionRole = typeof REVISION_ROLES[number];

/** Each instance is counted once: with the revision that it runs, ran or starts, and in one state. */
export interface Moment {
  readonly at: Elapsed;
  readonly new: StateCounts;
  readonly old: StateCounts;
  /** Of revisions between the two. @default - none */
  readonly mid?: StateCounts;
  readonly applicationTasks: number;
}

export interface StateCounts {
  /** ACTIVE, and the daemon task of the revision is RUNNING. */
  readonly runs: number;
  /** At least one application task and no running daemon task, in any state of the instance. */
  readonly uncovered: number;
  /** REGISTERING, or ACTIVE before its daemon task runs and without application tasks. */
  readonly starting: number;
  /** DRAINING and DEREGISTERING. */
  readonly draining: number;
}

export interface Alarm {
  readonly name: string;
  /** From 0 on: the states that it was in. */
  readonly states: readonly AlarmPeriod[];
}

export interface AlarmPeriod {
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  readonly from: Elapsed;
  readonly reason?: string;
}

/** A custom resource that held the stack: the daemon's own first, then its gates. */
export interface Gate {
  readonly name: string;
  readonly from: Elapsed;
  /** Absent while it waits. */
  readonly to?: Elapsed;
}

/** A deployment enters a status, or a daemon task does not start. */
export interface EcsEvent {
  readonly at: Elapsed;
  readonly deploymentArn?: string;
  readonly status: string;
  readonly reason?: string;
}

export interface StackEvent {
  /** Since the start of the timeline. */
  readonly at: Elapsed;
  readonly stack: string;
  readonly resource: string;
  readonly status: string;
  readonly reason?: string;
}

export interface LogLine {
  /** Since the start of the timeline. */
  readonly at: Elapsed;
  readonly text: string;
}

export interface InstanceHistory {
  readonly id: string;
  /** When it was registered; 0 if it was there before. */
  readonly from: Elapsed;
  /** When it was terminated, if it was. */
  readonly to?: Elapsed;
  readonly states: readonly InstancePeriod[];
  readonly note?: 'failed' | 'stalled' | 'slow';
}

export interface InstancePeriod {
  readonly from: Elapsed;
  readonly role: RevisionRole;
  readonly state: keyof StateCounts;
}

export interface Measures {
  /** INSTANCE_DRAINING events; a rollback counts again. */
  readonly drains?: number;
  /** How many of them the rollback caused. */
  readonly rollbackDrains?: number;
  /** The largest number that ran the new revision at once: the reach of a bad one. */
  readonly ran?: number;
  /** When the first instance ran it, and until when the last one did; absent if it runs still. */
  readonly ranFrom?: Elapsed;
  readonly ranUntil?: Elapsed;
  /** At the end, or now. */
  readonly runsNew?: number;
  readonly runsOld?: number;
  readonly draining?: number;
  readonly uncovered?: Uncovered;
  readonly applicationTasks?: { readonly start: number; readonly fewest: number; readonly end: number };
}

/** Instances without the daemon. */
export interface Uncovered {
  readonly most: number;
  /** How long there was at least one. */
  readonly duration: Elapsed;
}

export const OUTCOMES = [
  'SUCCEEDED', 'UNCHANGED', 'ROLLED_BACK', 'FAILED', 'TIMED_OUT', 'SUPERSEDED', 'RUNNING', 'STALLED', 'NOT_BEGUN',
] as const;

export type Outcome = typeof OUTCOMES[number];

export interface Verdict {
  readonly outcome: Outcome;
  /** What it was rolled back for, failed for or waits for. */
  readonly cause?: Cause;
  /** Of a rollback: who rolled back. */
  readonly rolledBackBy?: 'ECS' | 'stack';
  /** The Lambda's one line for CloudFormation. */
  readonly reason?: string;
  /** The last status of the stack. */
  readonly stackStatus?: string;
}

export interface Cause {
  readonly kind: 'alarm' | 'start-failure' | 'drain' | 'refused' | 'settings' | 'stack' | 'other';
  /** The alarm, the image, the instance or the resource. */
  readonly name?: string;
  readonly at?: Elapsed;
  /** How many instances it concerns. */
  readonly instances?: number;
  /** In the words of its source: an alarm's reason, a task's error. */
  readonly text?: string;
}

export interface Estimate {
  readonly least: Elapsed;
  readonly likely: Elapsed;
  readonly most: Elapsed;
  /** What the three rest on, one clause each. */
  readonly restsOn: readonly string[];
}

/** The instances without the daemon at a moment. */
export const uncoveredAt = (moment: Moment): number => moment.new.uncovered + moment.old.uncovered + (moment.mid?.uncovered ?? 0);

/** The timeline of one of the rollouts, since its own request, with the events of its stack. */
export function timelineOf(timeline: Timeline, rollout: Rollout): Timeline {
  const start = rollout.requestedAt;
  const since = <T extends { readonly at: Elapsed }>(entries: readonly T[]): T[] =>
    entries.map((entry) => ({ ...entry, at: entry.at - start }));
  return {
    ...timeline,
    ...(timeline.startedAt !== undefined && { startedAt: new Date(Date.parse(timeline.startedAt) + start).toISOString() }),
    rollouts: [{ ...rollout, requestedAt: 0 }],
    stackEvents: since(timeline.stackEvents.filter(({ stack }) => rollout.stack === undefined || stack === rollout.stack)),
    log: since(timeline.log),
  };
}
