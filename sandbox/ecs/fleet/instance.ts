import type { Timer } from '../../core/clock';
import type { DaemonRevision } from '../task-definitions/daemon-revision';

/** LAUNCHING is ours: the instance is on its way, and no API shows it yet. */
export type InstanceState = 'LAUNCHING' | 'REGISTERING' | 'ACTIVE' | 'DRAINING' | 'DEREGISTERING' | 'TERMINATED';

export interface DaemonTask {
  readonly arn: string;
  revision: DaemonRevision;
  state: 'PENDING' | 'RUNNING' | 'FAILED';
  /** Launches on this instance so far. */
  readonly launches: number;
}

export interface ApplicationTask {
  readonly arn: string;
  readonly serviceArn?: string;
}

export interface Instance {
  /** The EC2 instance's id. */
  readonly id: string;
  readonly containerInstanceArn: string;
  state: InstanceState;
  /** By the daemon's ARN. */
  readonly daemonTasks: Map<string, DaemonTask>;
  applicationTasks: ApplicationTask[];
  /** The services whose tasks start when the instance becomes ACTIVE; undefined for tasks without a service. */
  plannedTasks: (string | undefined)[];
  /** The instance that this one takes over from, until that one is gone. */
  replaces?: Instance;
  /** Set once the replacement is on its way. */
  replacedBy?: Instance;
  /** The deployment that drains or has launched it. */
  deploymentArn?: string;
  /** Its application tasks refuse to stop (A12). */
  drainHangs: boolean;
  /** Its service is gone: it is not replaced when drained, and ends by itself after a while. */
  idle: boolean;
  idleTimer?: Timer;
  readonly registeredAt?: number;
}
