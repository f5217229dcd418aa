import type { Ecs } from '../../sandbox/ecs';
import type { Daemon } from '../../sandbox/ecs/daemon/daemon';
import type { Instance } from '../../sandbox/ecs/fleet/instance';
import { countInstances } from '../../sandbox/ecs/daemon/instance-counts';
import type { DaemonRevision } from '../../sandbox/ecs/task-definitions/daemon-revision';
import { isSameContent, isSameRevision, type FleetContent } from '../world/fleet-content';
import { READ_LAG_SECONDS } from './rules';

/** The real state of a daemon, without the lag of reads. */
export interface DaemonTruth {
  readonly arn: string;
  readonly isActive: boolean;
  readonly tags: Readonly<Record<string, string>>;
  readonly deployment: {
    readonly arn: string;
    readonly status: string;
    readonly kind: string;
    readonly isOver: boolean;
    readonly createdAt: number;
    /** When its first batch began, or the first instance came. */
    readonly startedAt?: number;
    readonly leadsToGoal: boolean;
    /** Whether it has expired (A15). */
    readonly isForgotten: boolean;
  };
  /** The content of new instances. */
  readonly goal?: FleetContent;
  /** The content of each instance that should run the daemon; undefined for one without it. */
  readonly running: readonly (FleetContent | undefined)[];
  /** Whether it has started on any instance. */
  readonly hasStarted: boolean;
  readonly capacityProviderArns: readonly string[];
}

/** A deployment that reads show waiting for instances for five minutes has waited at least this long. */
const WAITED_SECONDS = 300 - READ_LAG_SECONDS;

export const JUST_MET_INSTANCE = 'the first instance has started too recently for reads to show it (A10, A28)';

/** Whether a deployment that counted as one without instances has met its first one so lately. */
export function hasJustMetInstance({ deployment: { isOver, createdAt, startedAt = 0 } }: DaemonTruth, now: number): boolean {
  return !isOver && startedAt - createdAt >= WAITED_SECONDS * 1000 && now - startedAt <= READ_LAG_SECONDS * 1000;
}

/** Reads the state of the sandbox's ECS directly, without its API. */
export class Truth {
  constructor(private readonly ecs: Ecs) {}

  public daemon(arn: string): DaemonTruth | undefined {
    const daemon = this.ecs['controlPlane'].daemons.get(arn);
    return daemon && this.describe(daemon);
  }

  public daemons(): DaemonTruth[] {
    return [...this.ecs['controlPlane'].daemons.values()].map((daemon) => this.describe(daemon));
  }

  /** Whether all instances of a daemon run the content, and no deployment is about to change that. */
  public isSettledOn(arn: string, content: FleetContent): boolean {
    const daemon = this.daemon(arn);
    if (!daemon?.goal || !daemon.isActive || !daemon.deployment.isOver || !isSameContent(daemon.goal, content)) return false;
    const hasFailed = daemon.deployment.status === 'STOPPED' || daemon.deployment.status === 'ROLLBACK_FAILED';
    // a failed daemon that runs on no instance may keep instances from registering (R28)
    if (hasFailed && daemon.deployment.leadsToGoal && !daemon.hasStarted) return false;
    // an update that replaces no instance succeeds at once (A7), be it that of a daemon which does not start
    if (content.critical && daemon.running.length > 0 && daemon.running.every((content) => content === undefined)) return false;
    return daemon.running.every((content) => content ? isSameRevision(content, content) : !hasFailed);
  }

  /** Whether instances of a daemon's deployment are launching or draining, even those that have left the daemon. */
  public isMoving({ arn }: DaemonTruth): boolean {
    const daemon = this.ecs['controlPlane'].daemons.get(arn);
    const fleets = daemon ? this.ecs['controlPlane'].deploymentOf(daemon).options.fleets : [];
    return fleets.some(({ instances }) => [...instances].some(({ state }) => state !== 'ACTIVE'));
  }

  public hasInstances(capacityProviderArns: readonly string[]): boolean {
    return [...this.ecs['fleets'].values()].some((fleet) => capacityProviderArns.includes(fleet.capacityProviderArn) && fleet.instances.size > 0);
  }

  /** The instance counts of each deployment in progress, by its ARN: all that reads show of its instances. */
  public counts(): [deploymentArn: string, counts: string][] {
    const controlPlane = this.ecs['controlPlane'];
    return [...controlPlane.daemons.values()].filter((daemon) => !controlPlane.deploymentOf(daemon).isTerminal).map((daemon) => {
      const counts = [...countInstances(daemon, this.ecs['fleets'].values())].map(([revision, places]) => [revision, [...places]]);
      return [controlPlane.deploymentOf(daemon).arn, JSON.stringify(counts)];
    });
  }

  private describe(daemon: Daemon): DaemonTruth {
    const { goal } = daemon;
    const deployment = this.ecs['controlPlane'].deploymentOf(daemon);
    return {
      arn: daemon.arn,
      isActive: daemon.status === 'ACTIVE',
      tags: Object.fromEntries(this.ecs['context'].tags.list(daemon.arn).map(({ key, value }) => [key, value])),
      deployment: {
        arn: deployment.arn, status: deployment.status, kind: deployment.options.kind, isOver: deployment.isTerminal,
        createdAt: deployment.createdAt,
        startedAt: deployment.startedAt,
        leadsToGoal: deployment.options.target === goal,
        isForgotten: deployment.isForgotten,
      },
      goal: goal && contentOf(goal),
      running: this.running(daemon),
      hasStarted: [...this.ecs['fleets'].values()].some(({ instances }) =>
        [...instances].some(({ daemonTasks }) => daemonTasks.get(daemon.arn)?.state === 'RUNNING')),
      capacityProviderArns: this.places(daemon),
    };
  }

  /** The capacity providers on which it runs or should run, and those that an update leaves and drains (A27). */
  private places(daemon: Daemon): string[] {
    // a task may be of another daemon, deleted since, that had the name
    const isOn = ({ daemonTasks }: Instance): boolean => (daemonTasks.get(daemon.arn)?.revision.createdAt ?? 0) >= daemon.createdAt;
    const runsOn = [...this.ecs['fleets'].values()].filter(({ instances }) => [...instances].some(isOn));
    return [...new Set([...daemon.goal?.capacityProviderArns ?? [], ...runsOn.map(({ capacityProviderArn }) => capacityProviderArn)])];
  }

  private running(daemon: Daemon): (FleetContent | undefined)[] {
    const found: (FleetContent | undefined)[] = [];
    for (const fleet of this.ecs['fleets'].values()) {
      const isMeant = daemon.goal?.capacityProviderArns.includes(fleet.capacityProviderArn) ?? false;
      for (const instance of fleet.instances) {
        // one that is drained has its successor, whosever deployment drains it
        if (instance.state !== 'ACTIVE' && instance.state !== 'REGISTERING') continue;
        const task = instance.daemonTasks.get(daemon.arn);
        if (task && task.state !== 'FAILED') found.push(contentOf(task.revision));
        else if (isMeant && instance.state === 'ACTIVE') found.push(undefined);
      }
    }
    return found;
  }
}

const contentOf = (revision: DaemonRevision): FleetContent => ({
  taskDefinitionArn: revision.taskDefinition.arn,
  capacityProviderArns: revision.capacityProviderArns,
  propagateTags: revision.propagateTags ?? 'NONE',
  enableECSManagedTags: revision.enableECSManagedTags,
  enableExecuteCommand: revision.enableExecuteCommand,
  critical: revision.critical,
});

/** Describes a daemon in a line. */
export function inWords({ deployment, goal, running, isActive }: DaemonTruth): string {
  const name = (content: FleetContent | undefined): string => content
    ? `${content.taskDefinitionArn.split('/').at(-1)}${content.critical ? '' : ' not critical'}${content.enableExecuteCommand ? ' exec' : ''}${content.propagateTags === 'DAEMON' ? ' tags' : ''}`
    : 'nothing';
  const places = goal?.capacityProviderArns.map((arn) => arn.split('/').at(-1)).join('+') ?? '';
  const counts = new Map<string, number>();
  for (const content of running) counts.set(name(content), (counts.get(name(content)) ?? 0) + 1);
  const runs = [...counts].map(([what, count]) => `${count} × ${what}`).join(', ') || 'no instance';
  return `${isActive ? '' : 'being deleted, '}${deployment.kind} ${deployment.status} towards ${name(goal)} on ${places}; runs ${runs}`;
}
