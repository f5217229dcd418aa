import type { Answer } from '../answer';
import type { Fault } from './aws/fault';
import type { Observation, Reads } from './observation';

/** Where a rollout is, as log and reasons name it. */
export type Phase =
  | 'PREFLIGHT' | 'WAITING_TURN' | 'APPLYING' | 'DEPLOYING' | 'BAKING' | 'ROLLING_BACK' | 'DRAINING' | 'DONE';

/** How it ended. */
export type Outcome = 'SUCCEEDED' | 'UNCHANGED' | 'ROLLED_BACK' | 'FAILED' | 'SUPERSEDED' | 'TIMED_OUT' | 'DEGRADED';

/** A write; each is a step of the execution, and its name is fixed for ever (EN11). */
export type Command = 'create-daemon' | 'update-daemon' | 'delete-daemon' | 'tag-daemon' | 'adopt-daemon' | 'give-back-daemon';

/** The result of a write. */
export type Result =
  | { readonly kind: 'accepted'; readonly deploymentArn: string }
  /** It is unknown whether it took effect. */
  | { readonly kind: 'interrupted'; readonly message: string }
  | { readonly kind: 'rejected'; readonly fault: Fault }
  /** Not sent: a read immediately before it failed, or took too long. */
  | { readonly kind: 'not-sent'; readonly message: string; readonly isLate?: boolean }
  /**
   * Not sent, because something has changed since it was read: the daemon itself, the deployment alarms, or a peer, whose deployment
   * drains the same instances.
   */
  | { readonly kind: 'blocked'; readonly by: 'daemon' | 'alarms' | 'peer' };

/** The same, and how many reads of ECS and CloudWatch came before the write. */
export type WriteOutcome = Result & { readonly reads?: number };

/** What a step of the machine judges. */
export type Event =
  | { readonly kind: 'observed'; readonly seen: Observation }
  | { readonly kind: 'written'; readonly outcome: WriteOutcome };

export type Step =
  /** Poll after this many seconds; 0: at once. */
  | { readonly kind: 'poll'; readonly afterSeconds: number; readonly reads: Reads }
  | { readonly kind: 'write'; readonly command: Command };

export type Decision =
  | Step
  /** Respond to CloudFormation, and go on. */
  | { readonly kind: 'respond'; readonly response: Answer; readonly then: Step }
  /** End the rollout. CloudFormation gets the response, unless it has one. */
  | { readonly kind: 'finish'; readonly response: Answer; readonly outcome: Outcome };
