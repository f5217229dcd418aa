import type { Answer } from '../answer';
import type { Fault } from './aws/fault';
import type { DaemonSettings, Reads } from './observation';

/** Where a rollout is, as people are told. */
export type Phase =
  | 'PREFLIGHT' | 'WAITING_TURN' | 'APPLYING' | 'DEPLOYING' | 'BAKING' | 'ROLLING_BACK' | 'DRAINING' | 'DONE';

/** How it ended. */
export type Outcome = 'SUCCEEDED' | 'UNCHANGED' | 'ROLLED_BACK' | 'FAILED' | 'SUPERSEDED' | 'TIMED_OUT' | 'DEGRADED';

/**
 * What the machine is busy with. Phases are for people; stages say what the next observation is for:
 * - `planning`: the actual settings, to find out what there is to do;
 * - `waiting`: whether what stands in the way is over;
 * - `preflight`: capacity providers, task definition and guard alarms, before a write;
 * - `turn`: whether another daemon's deployment is in the way;
 * - `resolving`: whether a write that was cut off has taken effect;
 * - `deployment`: the deployment that carries the rollout;
 * - `verdict`: what the daemon runs after its deployment has ended;
 * - `deletion`: whether the daemon is gone;
 * - `giving-back`: what an adopted daemon was before, and whether it is given back.
 */
export type Stage = 'planning' | 'waiting' | 'preflight' | 'turn' | 'resolving' | 'deployment' | 'verdict' | 'deletion' | 'giving-back';

/** A write; each is a step of the execution, and its name is fixed for ever (EN11). */
export type Command = 'create-daemon' | 'update-daemon' | 'delete-daemon' | 'tag-daemon' | 'adopt-daemon' | 'give-back-daemon';

/** What a write has come to. */
export type Result =
  | { readonly kind: 'done'; readonly deploymentArn: string }
  /** Nobody knows whether it took effect. */
  | { readonly kind: 'cut-off'; readonly message: string }
  | { readonly kind: 'refused'; readonly fault: Fault }
  /** Not sent: what has to be seen right before it could not be read, or not soon enough. */
  | { readonly kind: 'unsent'; readonly message: string; readonly isLate?: boolean }
  /** Not sent: the world is no longer what the machine saw. */
  | { readonly kind: 'moved' }
  /** Not sent: the guard alarms are not as they were, and have to be judged anew. */
  | { readonly kind: 'unsafe' }
  /** Not sent: another daemon's deployment has begun to drain the same instances. */
  | { readonly kind: 'taken' };

/** The same, and how many reads of ECS and CloudWatch came before the write. */
export type WriteOutcome = Result & { readonly reads?: number };

export type Step =
  /** Look again in so many seconds (0: at once). */
  | { readonly look: number; readonly reads: Reads }
  | { readonly command: Command };

export type Decision =
  | Step
  /** Answer, and go on. */
  | { readonly interim: Answer; readonly then: Step }
  /** It is over. CloudFormation is answered, unless it has been before. */
  | { readonly answer: Answer };

/** The write that is under way or was made last. Times are epoch milliseconds. */
export interface Write {
  readonly command: Command;
  /** No deployment of the first attempt is older. It is ECS's time where a deployment was known before: clocks differ. */
  readonly notBefore: number;
  /** When its result was known, be it that it was cut off: it arrived before that. */
  readonly settledAt?: number;
  /** The latest deployment before it. */
  readonly latestArn: string;
  /** When it was found to be cut off. */
  readonly interruptedAt?: number;
  /** Since when looks have shown no trace of it. */
  readonly absentSince?: number;
}

/** The deployment that carries the rollout. */
export interface WatchedDeployment {
  readonly arn: string;
  readonly since: number;
  /** When ECS made it, as far as we know. */
  readonly createdAt: number;
  /** How far it has been seen: statuses never go back, whatever a stale read says (A28). */
  readonly furthestRank: number;
  /** The most instances seen on the new revision, and of how many. */
  readonly updatedInstances: number;
  readonly totalInstances: number;
  /** Instances that have moved and lack the daemon. */
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
  /** Since when it shows no more (A15). */
  readonly missingSince?: number;
  /** The counts that the log has told last. */
  readonly lastLogged: string;
  /**
   * - `forward`: it leads to what we want;
   * - `ecs-rollback`: ECS takes our own deployment back by it (A5);
   * - `adopted-rollback`: ECS takes another one back, to just what we want (A2).
   */
  readonly direction: 'forward' | 'ecs-rollback' | 'adopted-rollback';
  /** Where it was before ECS took it back. */
  readonly phase: 'DEPLOYING' | 'BAKING';
  /** The alarm that fired, why, and when we saw it. */
  readonly alarm?: { readonly name: string; readonly reason: string; readonly since: number };
  readonly alarmsAt?: number;
  /** Guard alarms that have been red since before the write: ECS ignores them (R33). */
  readonly inAlarmBefore?: readonly string[];
  /** That ECS does not watch the guard alarms: the status that it tells instead, and since when. */
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
  /** Nobody knows whether the tags were written. */
  readonly interrupted?: boolean;
}

/** An adopted daemon on its way back. */
export interface Release {
  /** The deployment whose settings it had, by the last part of its ARN. */
  readonly deploymentId: string;
  readonly owner: string;
  readonly since: number;
  /** The settings to put back, once they are known. */
  readonly settings?: DaemonSettings;
  /** How putting them back has ended; what is left is the ownership. */
  readonly ended?: { readonly restored: boolean; readonly reason: string };
}

/** A daemon whose deployment is in the way. */
export interface Blocker {
  readonly arn: string;
  readonly endedAt?: number;
  /** Changes whenever instances move. */
  readonly counts?: string;
  readonly progressedAt?: number;
  /** The most instances that were counted while some had still to move. */
  readonly mostInstances?: number;
  /** Its instances have not moved for so long that nothing drains. */
  readonly isStalled?: boolean;
  /** Changes whenever another daemon on the capacity providers has begun a deployment, or is gone. */
  readonly otherDeployments?: string;
}

/** What keeps within a budget of reads. */
export interface Budgeted {
  /** Until when the reads that were made are within the budget, in epoch milliseconds. */
  readonly readsPaidUntil?: number;
}

/** Everything that a rollout remembers between two looks; every look writes it down, so that it stays small (EN1). */
export interface State extends Budgeted {
  readonly version: 1;
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
  /** What the last write has come to, until the machine has taken note of it. */
  readonly result?: WriteOutcome;
  readonly write?: Write;
  readonly watched?: WatchedDeployment;
  /** What the plan leads to, once the tags are as wanted. */
  readonly plan?: 'create-daemon' | 'update-daemon' | 'follow-deployment' | 'follow-rollback' | 'none';
  /** The daemon whose deployment was last waited for, and when that has ended. */
  readonly blocker?: Blocker;
  /** Since when the latest deployments of other daemons do not show, by their ARNs. */
  readonly missingPeersSince?: Readonly<Record<string, number>>;
  /** What is not waited for any more, since it waits for this daemon: deployments, or daemons that name none. */
  readonly exemptArns?: readonly string[];
  /** Where the daemon runs, beside the capacity providers of the properties. */
  readonly furtherProviderArns?: readonly string[];
  /** An update is needed only because ECS does not tell what instances run, or they run this and that: planned once more after a wait. */
  readonly replan?: 'found' | 'looked-at-again';
  /** What keeps the rollout from its write, in words for the reason should its time run out. */
  readonly blockedOn?: string;
  readonly tagsDiffer?: boolean;
  /** The tags were written for this request. */
  readonly tagsWritten?: true;
  /** The daemon of an update does not exist any more: from here on the request is a create. */
  readonly recreates?: true;
  /** A daemon was made, or may have been, whose id CloudFormation does not know yet. */
  readonly createdDaemon?: boolean;
  /** ECS has answered the create, perhaps with a daemon of somebody else's that has the name (A17): its tags have not told yet. */
  readonly ownerUnconfirmed?: true;
  /** The deletion is of the daemon that a failed change of name or cluster has left behind. */
  readonly deletesPrevious?: boolean;
  /** When the daemon was made that is to be deleted, and that is ours. */
  readonly ownedCreatedAt?: number;
  /** What has been changed besides a rollout, as clauses for the reason. */
  readonly sideEffects?: readonly string[];
  /** Whether ECS has begun something for this request, or nobody knows. */
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
  /** The deployment that the daemon names as its latest, and since when it does not show; 0 if it has shown. */
  readonly unreadableDeployment?: { readonly arn: string; readonly since: number };
  /** The planned update replaces a deployment that is not over. */
  readonly supersedes?: boolean;
  /** Another deployment has come in between once, and ours was sent again. */
  readonly resubmitted?: boolean;
  readonly adoption?: Adoption;
  /** Whether the operation that has adopted the daemon was completed, once that was asked. */
  readonly adoptionCompleted?: boolean;
  readonly release?: Release;
  readonly deleteRequests?: number;
  readonly deletionSeen?: boolean;
  /** When it was first known that the deletion which runs had begun, or may have. */
  readonly deletionKnownAt?: number;
  /** Nobody knows whether the newest request to delete has arrived. */
  readonly deletionCutOff?: boolean;
  /** How many instances still ran the daemon when the log was told last, and when that was. */
  readonly loggedDraining?: { readonly running: number; readonly at: number; readonly isStallLogged?: boolean };
  /** Since when two reads have to agree on an end (A16, A28). */
  readonly seenSince?: number;
  /** Since when no read has returned the daemon of an update. */
  readonly absentSince?: number;
  readonly alarmsMissingSince?: number;
  readonly alarmsUnknownSince?: number;
  /** Settings that were changed by hand since the last rollout, and that this update puts back. */
  readonly driftReverted?: string;
  /** The guard alarms that were in ALARM before the write, which ECS ignores (R33). */
  readonly ignoredAlarms?: readonly string[];
  /** The newest deployment of the daemon that was seen, since when, and since when it does not go forward any more. */
  readonly newest?: { readonly arn: string; readonly createdAt: number; readonly since: number; readonly backSince?: number };
  readonly latestArn?: string;
  readonly revisionArn?: string;
}

/** When a write of this rollout has arrived at the latest; 0 if there was none. What is read of its effects is as old as that (A28). */
export const lastWriteAt = ({ write }: Pick<State, 'write'>): number => write?.settledAt ?? 0;

export const withLog = (state: State, ...logLines: string[]): State => ({ ...state, logLines: [...state.logLines, ...logLines] });

export const poll = (state: State, seconds: number, reads: Reads, ...logLines: string[]): State =>
  ({ ...withLog(state, ...logLines), decision: { look: seconds, reads } });

/** A time in whole seconds since the start of the rollout. */
export type Seconds = number;

/** What the report of a rollout tells of its course. Every look writes it down: nothing in it grows without bounds (EN1). */
export interface Timeline {
  /** Each phase with its beginning. */
  readonly phases: readonly (readonly [phase: Phase, at: Seconds])[];
  /** Whenever more instances had moved: how many, of how many. */
  readonly batches: readonly (readonly [moved: number, total: number, at: Seconds])[];
  /** The guard alarms that have fired. */
  readonly alarms: readonly { readonly name: string; readonly reason: string; readonly at: Seconds }[];
  /** The instances that run the daemon, whatever its revision, and those that lack it. */
  readonly coverage?: { readonly running: number; readonly withoutDaemon: number };
}
