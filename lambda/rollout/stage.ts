import type { Answer } from '../answer';
import type { Command, Outcome } from './decision';

/** What is carried out once every guard has passed. */
export type DeployPlan =
  | { readonly kind: 'create-daemon' | 'follow-deployment' | 'follow-rollback' | 'none' }
  /** `supersedes`: it replaces a deployment that is not over. */
  | { readonly kind: 'update-daemon'; readonly supersedes?: boolean };

export interface DeletePlan {
  readonly kind: 'delete-daemon';
  readonly deletion: Deletion;
}

export interface AdoptPlan {
  readonly kind: 'adopt-daemon';
  readonly adoption: Adoption;
}

/**
 * Where the rollout is, with what only this stage knows.
 * - `plan`: reads the actual settings, to find out what there is to do;
 * - `await-deployment`: waits for the deployment or deletion that blocks the plan to end;
 * - `preflight`: reads capacity providers, task definition and deployment alarms before a write;
 * - `turn`: waits for deployments of other daemons that block this rollout;
 * - `write`: makes the write of the plan, or that of the tags, which comes before it;
 * - `confirm-write`: reads whether an interrupted update has taken effect;
 * - `watch`: polls the deployment that carries the rollout;
 * - `verify`: reads what the daemon runs after its deployment has ended;
 * - `drain`: polls a daemon that is to be deleted until it is gone;
 * - `release`: gives an adopted daemon its former tags;
 * - `write-stack-tags`: writes the tags of the stack after the end of an update.
 */
export type Stage =
  | { readonly name: 'plan' }
  /** `deletion`: what continues after the wait, if it is no plan. */
  | { readonly name: 'await-deployment'; readonly deletion?: Deletion }
  | { readonly name: 'preflight'; readonly plan: DeployPlan }
  | { readonly name: 'turn'; readonly plan: DeployPlan | DeletePlan }
  | { readonly name: 'write'; readonly plan: DeployPlan | DeletePlan | AdoptPlan }
  /** `absentSince`: since when reads have returned no effect of it. */
  | { readonly name: 'confirm-write'; readonly write: InterruptedWrite; readonly absentSince?: number }
  /** `missingSince`: since when ECS no longer returns the deployment (A15). */
  | { readonly name: 'watch'; readonly watched: WatchedDeployment; readonly missingSince?: number }
  | { readonly name: 'verify'; readonly watched: WatchedDeployment; readonly end: DeploymentEnd }
  | { readonly name: 'drain'; readonly deletion: Deletion }
  | { readonly name: 'release'; readonly release: Release; readonly deletion: Deletion }
  | { readonly name: 'write-stack-tags'; readonly ended: Ended; readonly watched?: WatchedDeployment };

export type StageName = Stage['name'];
export type StageOf<N extends StageName> = Stage & { readonly name: N };

/** The write that was made last. Times are epoch milliseconds. */
export interface Write {
  readonly command: Command;
  /** No deployment of the first attempt is older. It is ECS's time where a deployment was known before: clocks differ. */
  readonly notBefore: number;
  /** The latest deployment before it. */
  readonly latestArn: string;
  /** When its result was known, an interruption included: it arrived before that. */
  readonly settledAt?: number;
  /** When it was found to be interrupted. */
  readonly interruptedAt?: number;
}

export interface InterruptedWrite extends Write {
  readonly interruptedAt: number;
}

/** The deployment that carries the rollout. */
export interface WatchedDeployment {
  readonly arn: string;
  readonly since: number;
  /** When ECS made it, as far as we know. */
  readonly createdAt: number;
  /** This rollout has not started it, but found it. */
  readonly isFound: boolean;
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

/** How the watched deployment has ended: with a status, or `MISSING`, since ECS no longer returns it (A15). */
export interface DeploymentEnd {
  readonly status: 'SUCCESSFUL' | 'STOPPED' | 'ROLLBACK_SUCCESSFUL' | 'MISSING';
  /** When that was read first, in epoch milliseconds. */
  readonly at: number;
}

/** A deletion of the daemon. Times are epoch milliseconds. */
export interface Deletion {
  readonly arn: string;
  readonly name: string;
  /** A failed change of name or cluster has left the daemon behind (E28): the deployment follows its deletion. */
  readonly isOfPrevious?: true;
  /** How often DeleteDaemon was sent, or is about to be. */
  readonly requests: number;
  /** When our daemon was created, once it was read. */
  readonly createdAt?: number;
  readonly isSeen?: boolean;
  /** When the current deletion was first known to have started, or to have perhaps. */
  readonly knownAt?: number;
  /** It is unknown whether the newest DeleteDaemon has arrived. */
  readonly isInterrupted?: boolean;
  /** The number of instances with the daemon that was logged last, and when. */
  readonly logged?: { readonly running: number; readonly at: number; readonly isStallLogged?: boolean };
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

/** How the rollout has ended, while the tags of the stack are still to be written. */
export interface Ended {
  readonly answer: Answer;
  readonly outcome: Outcome;
}
