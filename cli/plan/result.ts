import type { Timeline } from '../../timeline/model';
import type { CheckedLimit } from './limits';
import type { Minutes } from './minutes';

/** What the deployment does to a daemon. */
export type DaemonChange =
  | 'create' | 'update' | 'adopt' | 'delete' | 'tags only' | 'settings only' | 'unchanged'
  /** The deployment would fail before it changes the daemon. */
  | 'refused'
  /** A stack that comes before would fail. */
  | 'not deployed';

/** How a change that replaces instances ends. */
export type PlannedOutcome = 'succeeds' | 'rolled back' | 'fails' | 'times out';

/** What the deployment does to one daemon. */
export interface PlannedDaemon {
  readonly name: string;
  readonly stack: string;
  /** The logical id of its resource. */
  readonly logicalId: string;
  /** Names that CloudFormation generates are shortened to the id of the construct. */
  readonly cluster: string;
  readonly capacityProviders: readonly string[];
  /** The wave and target of `ManagedDaemonWaves`. */
  readonly wave?: { readonly name: string; readonly target: string };
  readonly change: DaemonChange;
  /** Of `create`, `update` and `delete`. */
  readonly outcome?: PlannedOutcome;
  /** The settings that change, for example `image 1.300.1 → 1.300.2`; of an update those that drain. */
  readonly causes: readonly string[];
  /** The settings that were changed outside CloudFormation: from the deployed template to what ECS has. Of a plan against an account. */
  readonly manualChanges?: readonly string[];
  /** Why the deployment is refused or fails, as the stack would report it. */
  readonly reason?: string;
  /** Instances of its capacity providers before the deployment. Absent if the number is not known. */
  readonly instances?: number;
  /** How often an instance drains; more than `instances` after a rollback. Absent if it is not known. */
  readonly drainedInstances?: number;
  /** The sizes of the batches, without those of a rollback. */
  readonly batches: readonly number[];
  /** From the request to its end. Absent if nothing drains, or if it is not known. */
  readonly minutes?: Minutes;
  /** Minutes after the start of the first rollout, if it drains. */
  readonly startsAfterMinutes?: number;
  /** Minutes for which it waits for deployments of other daemons on its capacity providers. */
  readonly queuedMinutes?: number;
  /** How many gates hold the stack for it. */
  readonly gates: number;
}

/** What a deployment would do to the daemons of an app. */
export interface PlanResult {
  readonly version: 1;
  /** The plan in sentences, a line for each daemon; the same for the same input. */
  readonly summary: string;
  readonly verdict: 'nothing drains' | 'instances drain' | 'refused' | 'fleet not known';
  /** 0 nothing drains, 2 instances drain, 3 they do and a limit is exceeded, 4 the deployment would be refused, 5 a fleet is not known. */
  readonly exitCode: 0 | 2 | 3 | 4 | 5;
  readonly daemons: readonly PlannedDaemon[];
  /** Of all capacity providers of the daemons. Absent if the number is not known. */
  readonly instances?: number;
  readonly drainedInstances?: number;
  /** From the first rollout to the end of the last. */
  readonly minutes?: Minutes;
  /** The limits that are set. */
  readonly limits?: readonly CheckedLimit[];
  /** The capacity providers of which the number of instances is not known, as `cluster/provider`. */
  readonly unknownFleets: readonly string[];
  /** How the deployment of each stack with planned daemons ends, for example `UPDATE_COMPLETE`. */
  readonly stacks: readonly { readonly name: string; readonly status: string }[];
  /** The rollouts that drain instances, over time. Absent if there are none, or if a number of instances is not known. */
  readonly timeline?: Timeline;
  /** What the plan rests on. */
  readonly assumptions: readonly string[];
}
