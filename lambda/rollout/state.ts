import type { Answer } from '../answer';
import type { Command, Decision, Outcome, Phase, WriteOutcome } from './decision';
import type { Reads } from './observation';

/**
 * What the next observation is for. Phases are for people.
 * - `plan`: the actual settings, to find out what there is to do;
 * - `await-deployment`: whether the deployment or deletion that blocks the plan has ended;
 * - `preflight`: capacity providers, task definition and deployment alarms, before a write;
 * - `turn`: whether another daemon's deployment blocks this rollout;
 * - `confirm-write`: whether an interrupted write has taken effect;
 * - `watch`: the deployment that carries the rollout;
 * - `verify`: what the daemon runs after its deployment has ended;
 * - `drain`: whether the daemon is gone;
 * - `release`: whether an adopted daemon is released;
 * - `write-stack-tags`: the tags of the stack, after the end of an update.
 */
export type Stage =
  | 'plan' | 'await-deployment' | 'preflight' | 'turn' | 'confirm-write' | 'watch' | 'verify' | 'drain' | 'release' | 'write-stack-tags';

/** The write that is under way or was made last. Times are epoch milliseconds. */
export interface Write {
  readonly command: Command;
  /** No deployment of the first attempt is older. It is ECS's time where a deployment was known before: clocks differ. */
  readonly notBefore: number;
  /** When its result was known, an interruption included: it arrived before that. */
  readonly settledAt?: number;
  /** The latest deployment before it. */
  readonly latestArn: string;
  /** When it was found to be interrupted. */
  readonly interruptedAt?: number;
  /** Since when reads have returned no effect of it. */
  readonly absentSince?: number;
}

/** The deployment that carries the rollout. */
export interface WatchedDeployment {
  readonly arn: string;
  readonly since: number;
  /** When ECS made it, as far as we know. */
  readonly createdAt: number;
  /** The furthest status that was read, as a rank: a status never goes back, whatever a stale read returns (A28). */
  readonly furthestRank: number;
  /** The most instances seen on the new revision, and of how many. */
  readonly updatedInstances: number;
  readonly totalInstances: number;
  /** Instances that are replaced and without the daemon. */
  readonly uncoveredInstances: number;
  readonly drainingInstances: number;
  /** Failed starts of the daemon, as ECS counts them. */
  readonly taskFailures: number;
  /** Changes whenever instances move. */
  readonly counts: string;
  readonly progressedAt: number;
  readonly isStallLogged?: boolean;
  readonly targetArn: string;
  /** The revisions it replaces; ECS's own rollback targets one of them (A5). */
  readonly sourceArns: readonly string[];
  /** A terminal failure has to be read twice (A29). */
  readonly endSeen?: { readonly status: string; readonly at: number };
  /** Since when ECS no longer returns it (A15). */
  readonly missingSince?: number;
  /** The line with counts that was logged last. */
  readonly lastLogged: string;
  /**
   * - `forward`: it leads to the desired settings;
   * - `ecs-rollback`: ECS rolls our own deployment back by it (A5);
   * - `adopted-rollback`: ECS rolls another one back to the desired settings (A2).
   */
  readonly direction: 'forward' | 'ecs-rollback' | 'adopted-rollback';
  /** The phase before ECS rolled it back. */
  readonly phase: 'DEPLOYING' | 'BAKING';
  /** The alarm that fired, why, and when we saw it. */
  readonly alarm?: { readonly name: string; readonly reason: string; readonly since: number };
  readonly alarmsAt?: number;
  /** Deployment alarms that have been in ALARM since before the write: ECS ignores them (R33). */
  readonly inAlarmBefore?: readonly string[];
  /** Set while ECS does not watch the deployment alarms: the status that it reports instead, and since when. */
  readonly notMonitored?: { readonly status: string; readonly since: number };
  /** Why ECS stopped our own deployment, kept for the end of the rollback by a deployment of its own (A5). */
  readonly cause?: string;
}

/** A write that ECS has refused because a deployment was not over (A1 to A3). */
export interface Rejection {
  /** The deployment that ECS named, or else the daemon's latest. */
  readonly deploymentArn: string;
  readonly at: number;
}

/** A daemon that this request takes over. */
export interface Adoption {
  readonly operation: string;
  /** Whether its tags named an owner, who may still act on what he reads (A28). */
  readonly takenFromOwner: boolean;
  readonly since: number;
  /** It is unknown whether the tags were written. */
  readonly interrupted?: boolean;
}

/** The release of an adopted daemon. */
export interface Release {
  /** The former owner, in words. */
  readonly owner: string;
  readonly since: number;
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

/** The state of a rollout between two polls. Every poll stores it, so that it stays small (EN1). */
export interface State extends Budgeted {
  readonly phase: Phase;
  readonly stage: Stage;
  readonly decision: Decision;
  /** Lines for the log. */
  readonly logLines: readonly string[];
  /** CloudFormation has its answer, and the rollout goes on. */
  readonly answered?: true;
  /** How it has ended. */
  readonly outcome?: Outcome;
  readonly timeline?: Timeline;
  /** The result of the last write, until the machine has judged it. */
  readonly result?: WriteOutcome;
  readonly write?: Write;
  readonly watched?: WatchedDeployment;
  /** What follows once the tags are as desired. */
  readonly plan?: 'create-daemon' | 'update-daemon' | 'follow-deployment' | 'follow-rollback' | 'none';
  /** The daemon that blocked this rollout last. */
  readonly blocker?: Blocker;
  /** Since when reads do not return the latest deployments of peers, by their ARNs. */
  readonly missingPeersSince?: Readonly<Record<string, number>>;
  /** Deployments that this rollout no longer waits for, since they wait for its daemon; daemons where they name none. */
  readonly exemptArns?: readonly string[];
  /** Where the daemon runs, beside the capacity providers of the properties. */
  readonly furtherProviderArns?: readonly string[];
  /** What blocks the write, as a clause for the reason of a time-out. */
  readonly blockedOn?: string;
  readonly tagsDiffer?: boolean;
  /** The tags have been read since reads must return what the request before has written. */
  readonly tagsConfirmed?: true;
  /** How the rollout has ended, while the tags of the stack are still to be written. */
  readonly ended?: { readonly answer: Answer; readonly outcome?: Outcome };
  /** The tags were written for this request. */
  readonly tagsWritten?: true;
  /** The daemon of an update does not exist any more: from here on the request is a create. */
  readonly recreates?: true;
  /** A daemon was created, or may have been, whose id CloudFormation does not know yet. */
  readonly createdDaemon?: boolean;
  /** ECS may have answered the create with an existing daemon of that name (A17): its tags are still to be read. */
  readonly ownerUnconfirmed?: true;
  /** The deletion is of the daemon that a failed change of name or cluster has left behind. */
  readonly deletesPrevious?: boolean;
  /** When our daemon, which is to be deleted, was created. */
  readonly ownedCreatedAt?: number;
  /** What has been changed besides a rollout, as clauses for the reason. */
  readonly sideEffects?: readonly string[];
  /** Whether ECS has started something for this request. */
  readonly ecsStarted?: 'perhaps' | 'certainly';
  /** Reads that have failed one after the other. */
  readonly failedReads?: { readonly since: number; readonly count: number; readonly message: string };
  /** How often in a row a write was refused, or not sent in time. */
  readonly throttles?: number;
  /** How often the reads before a write took too long. */
  readonly slowChecks?: number;
  readonly rejection?: Rejection;
  /** Since when ECS has refused the write again and again. */
  readonly rejectedSince?: number;
  /** The deployment that the daemon names as its latest, and since when reads do not return it; 0 if they have. */
  readonly unreadableDeployment?: { readonly arn: string; readonly since: number };
  /** The planned update replaces a deployment that is not over. */
  readonly supersedes?: boolean;
  /** Another deployment came in between, and ours was sent once more. */
  readonly resubmitted?: boolean;
  readonly adoption?: Adoption;
  /** Whether the operation that adopted the daemon is complete, once that was read. */
  readonly adoptionCompleted?: boolean;
  readonly release?: Release;
  readonly deleteRequests?: number;
  readonly deletionSeen?: boolean;
  /** When the current deletion was first known to have started, or to have perhaps. */
  readonly deletionKnownAt?: number;
  /** It is unknown whether the newest DeleteDaemon has arrived. */
  readonly deletionCutOff?: boolean;
  /** The number of instances with the daemon that was logged last, and when. */
  readonly loggedDraining?: { readonly running: number; readonly at: number; readonly isStallLogged?: boolean };
  /** Since when two reads have to agree on an end (A16, A28). */
  readonly seenSince?: number;
  /** Since when no read has returned the daemon of an update. */
  readonly absentSince?: number;
  readonly alarmsMissingSince?: number;
  readonly alarmsUnknownSince?: number;
  /** Settings that were changed manually since the last rollout, and that this update reverts. */
  readonly driftReverted?: string;
  /** The deployment alarms that were in ALARM before the write, which ECS ignores (R33). */
  readonly ignoredAlarms?: readonly string[];
  /** The newest deployment of the daemon that was read, since when, and since when it no longer goes forward. */
  readonly newest?: { readonly arn: string; readonly createdAt: number; readonly since: number; readonly backSince?: number };
  readonly latestArn?: string;
  readonly revisionArn?: string;
}

/** When a write of this rollout has arrived at the latest; 0 if there was none. What is read of its effects is as old as that (A28). */
export const lastWriteAt = ({ write }: Pick<State, 'write'>): number => write?.settledAt ?? 0;

/** A clause of reasons. */
export const TAGS_CHANGED = 'the tags were changed';

/** The clauses of reasons, once tags may have been written. */
export const withTagsChanged = ({ sideEffects = [] }: Pick<State, 'sideEffects'>): readonly string[] => [...new Set([...sideEffects, TAGS_CHANGED])];

export const withLog = (state: State, ...logLines: string[]): State => ({ ...state, logLines: [...state.logLines, ...logLines] });

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
