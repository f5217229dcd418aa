import type { Decision, Phase } from './decision';
import type { Reads } from './observation';
import type { AdoptPlan, Adoption, DeletePlan, Deletion, DeployPlan, Stage, StageName, StageOf, WatchedDeployment, Write } from './stage';

/** A state that is known to be in one of these stages. */
export type StateIn<N extends StageName> = State & { readonly stage: StageOf<N> };

/** A write that ECS has refused because a deployment was not over (A1 to A3). */
export interface Rejection {
  /** The deployment that ECS named, or else the daemon's latest. */
  readonly deploymentArn: string;
  readonly at: number;
}

/** A daemon whose deployment blocks this rollout. */
export interface Blocker {
  readonly arn: string;
  readonly endedAt?: number;
  /** Changes whenever instances move. */
  readonly counts?: string;
  readonly progressedAt?: number;
  /** No instance was replaced for the progress deadline. */
  readonly isStalled?: boolean;
  /** The write was planned again since its end. */
  readonly isReplanned?: boolean;
}

/** What keeps within a budget of reads. */
export interface Budgeted {
  /** Until when the reads that were made are within the budget, in epoch milliseconds. */
  readonly readsPaidUntil?: number;
}

/** What was seen that may be due to a stale read (A28), and is believed once it was seen for long enough. */
export type Sighting = 'daemon-absent' | 'daemon-gone' | 'daemon-as-desired' | 'alarm-missing' | 'alarm-unclear' | 'write-rejected';

/** What the response and later stages know, whatever the stage. */
export interface Facts {
  /** The latest deployment of the daemon, its revision, and whether its tags differ, as read last. */
  readonly latestArn?: string;
  readonly revisionArn?: string;
  readonly tagsDiffer?: boolean;
  /** Where the daemon runs, beside the capacity providers of the properties. */
  readonly furtherProviderArns?: readonly string[];
  /** The newest deployment of the daemon that was read, since when, and since when it no longer goes forward. */
  readonly newest?: { readonly arn: string; readonly createdAt: number; readonly since: number; readonly backSince?: number };
  /** The deployment that the daemon names as its latest, and since when reads do not return it; 0 if they have. */
  readonly unreadableDeployment?: { readonly arn: string; readonly since: number };
  /** What blocks the write, as a clause for the reason of a time-out. */
  readonly blockedOn?: string;
  /** The daemon that blocked this rollout last. */
  readonly blocker?: Blocker;
  /** Since when reads do not return the latest deployments of peers, by their ARNs. */
  readonly missingPeersSince?: Readonly<Record<string, number>>;
  /** Deployments that this rollout no longer waits for, since they wait for its daemon; daemons where they name none. */
  readonly exemptArns?: readonly string[];
  readonly write?: Write;
  /** How often in a row a write was refused, or not sent in time. */
  readonly throttles?: number;
  /** How often the reads before a write took too long. */
  readonly slowChecks?: number;
  readonly rejection?: Rejection;
  /** Another deployment came in between, and ours was sent once more. */
  readonly resubmitted?: boolean;
  /** Whether ECS has started something for this request. */
  readonly ecsStarted?: 'perhaps' | 'certainly';
  /** What has been changed besides a rollout, as clauses for the reason. */
  readonly sideEffects?: readonly string[];
  /** The tags were written for this request. */
  readonly tagsWritten?: true;
  /** The tags have been read since reads must return what the request before has written. */
  readonly tagsConfirmed?: true;
  /** The daemon of an update does not exist any more: from here on the request is a create. */
  readonly recreates?: true;
  /** A daemon was created, or may have been, whose id CloudFormation does not know yet. */
  readonly createdDaemon?: boolean;
  /** ECS may have answered the create with an existing daemon of that name (A17): its tags are still to be read. */
  readonly ownerUnconfirmed?: true;
  readonly adoption?: Adoption;
  /** Whether the operation that adopted the daemon is complete, once that was read. */
  readonly adoptionCompleted?: boolean;
  /** Settings that were changed manually since the last rollout, and that this update reverts. */
  readonly driftReverted?: string;
  /** The deployment alarms that were in ALARM before the write, which ECS ignores (R33). */
  readonly ignoredAlarms?: readonly string[];
}

/** The state of a rollout between two polls. Every poll stores it, so that it stays small (EN1). */
export interface State extends Facts, Budgeted {
  /** Where the rollout is, as people read it. */
  readonly phase: Phase;
  readonly stage: Stage;
  readonly decision: Decision;
  /** Lines for the log. */
  readonly logLines: readonly string[];
  /** CloudFormation has its answer, and the rollout goes on. */
  readonly answered?: true;
  readonly timeline?: Timeline;
  /** Since when it was seen, in epoch milliseconds. */
  readonly sightings: Readonly<Partial<Record<Sighting, number>>>;
  /** Reads that have failed one after the other. */
  readonly failedReads?: { readonly since: number; readonly count: number; readonly message: string };
}

/** When a write of this rollout has arrived at the latest; 0 if there was none. What is read of its effects is as old as that (A28). */
export const lastWriteAt = ({ write }: Pick<State, 'write'>): number => write?.settledAt ?? 0;

export const planOf = ({ stage }: State): DeployPlan | DeletePlan | AdoptPlan | undefined => 'plan' in stage ? stage.plan : undefined;

export const watchedOf = ({ stage }: State): WatchedDeployment | undefined => 'watched' in stage ? stage.watched : undefined;

/** The deletion that is carried out, also while it waits for its turn. */
export function deletionOf({ stage }: State): Deletion | undefined {
  if ('deletion' in stage) return stage.deletion;
  return 'plan' in stage && stage.plan.kind === 'delete-daemon' ? stage.plan.deletion : undefined;
}

/** A clause of reasons. */
export const TAGS_CHANGED = 'the tags were changed';

/** The clauses of reasons, once tags may have been written. */
export const withTagsChanged = ({ sideEffects = [] }: Pick<State, 'sideEffects'>): readonly string[] => [...new Set([...sideEffects, TAGS_CHANGED])];

export const withLog = <S extends State>(state: S, ...logLines: string[]): S => ({ ...state, logLines: [...state.logLines, ...logLines] });

export const withWatched = (state: StateIn<'watch'>, changes: Partial<WatchedDeployment>): StateIn<'watch'> =>
  ({ ...state, stage: { ...state.stage, watched: { ...state.stage.watched, ...changes } } });

/** Records since when something is seen, or that it is not seen any more. */
export function withSighting<S extends State>(state: S, sighting: Sighting, isSeen: boolean, now: number): S {
  const { [sighting]: since, ...others } = state.sightings;
  return { ...state, sightings: isSeen ? { ...others, [sighting]: since ?? now } : others };
}

export const poll = (state: State, seconds: number, reads: Reads, ...logLines: string[]): State =>
  ({ ...withLog(state, ...logLines), decision: { kind: 'poll', afterSeconds: seconds, reads } });

/** A time in whole seconds since the start of the rollout. */
export type Seconds = number;

/** The course of a rollout, for its report. Every poll stores it: nothing in it grows without bounds (EN1). */
export interface Timeline {
  /** Each phase with its beginning. */
  readonly phases: readonly (readonly [phase: Phase, at: Seconds])[];
  /** Each increase of the replaced instances: how many, of how many. */
  readonly batches: readonly (readonly [moved: number, total: number, at: Seconds])[];
  /** The deployment alarms that have fired. */
  readonly alarms: readonly { readonly name: string; readonly reason: string; readonly at: Seconds }[];
  /** The instances that run the daemon, whatever its revision, and those without it. */
  readonly coverage?: { readonly running: number; readonly withoutDaemon: number };
}
