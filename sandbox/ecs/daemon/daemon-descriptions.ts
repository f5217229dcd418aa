import type { Input } from '../../core/aws-service';
import type { Daemon } from './daemon';
import type { Deployment } from './deployment';
import type { CountsByRevision, InstanceCounts } from './instance-counts';
import type { DaemonRevision } from '../task-definitions/daemon-revision';

/** The fields of a deployment in reads, without its counters. */
export type DescribedDeployment = Readonly<Pick<Deployment,
  'arn' | 'options' | 'status' | 'statusReason' | 'breakerStatus' | 'failureCount' | 'threshold' | 'alarmWatch' | 'rollback'
  | 'createdAt' | 'startedAt' | 'stoppedAt' | 'finishedAt'>>;

const NONE: InstanceCounts = { running: 0, withoutDaemon: 0, draining: 0 };

const at = (epochMilliseconds: number | undefined, field: string): Input =>
  (epochMilliseconds === undefined ? {} : { [field]: new Date(epochMilliseconds) });

const sum = (counts: readonly InstanceCounts[], field: keyof InstanceCounts): number =>
  counts.reduce((total, count) => total + count[field], 0);

/** The capacity providers of a revision with their counts. */
function providerCounts(revision: DaemonRevision, counts: CountsByRevision): (InstanceCounts & { arn: string })[] {
  const byProvider = counts.get(revision.arn);
  const arns = new Set([...revision.capacityProviderArns, ...(byProvider?.keys() ?? [])]);
  return [...arns].map((arn) => ({ arn, ...(byProvider?.get(arn) ?? NONE) }));
}

/** A daemon as `DescribeDaemon` shows it: without name, task definition, configuration, flags and tags (R15). */
export function describeDaemon(
  daemon: Daemon, deploymentArn: string, revisions: readonly DaemonRevision[], counts: CountsByRevision,
): Input {
  return {
    daemonArn: daemon.arn,
    clusterArn: daemon.clusterArn,
    status: daemon.status,
    currentRevisions: revisions.map((revision) => {
      const providers = providerCounts(revision, counts);
      return {
        arn: revision.arn,
        capacityProviders: providers.map(({ arn, running, withoutDaemon }) =>
          ({ arn, runningCount: running, withoutDaemonCount: withoutDaemon })),
        totalRunningCount: sum(providers, 'running'),
        totalWithoutDaemonCount: sum(providers, 'withoutDaemon'),
      };
    }),
    deploymentArn,
    createdAt: new Date(daemon.createdAt),
    updatedAt: new Date(daemon.updatedAt),
  };
}

export const summarizeDaemon = (daemon: Daemon): Input => ({
  daemonArn: daemon.arn,
  status: daemon.status,
  createdAt: new Date(daemon.createdAt),
  updatedAt: new Date(daemon.updatedAt),
});

/** Only the summary has the daemon's ARN (R17). */
export const summarizeDeployment = (deployment: Deployment): Input => ({
  daemonDeploymentArn: deployment.arn,
  daemonArn: deployment.options.daemon.arn,
  clusterArn: deployment.options.daemon.clusterArn,
  status: deployment.status,
  ...(deployment.statusReason !== undefined && { statusReason: deployment.statusReason }),
  ...(deployment.options.target && { targetDaemonRevisionArn: deployment.options.target.arn }),
  ...times(deployment),
});

/** A deployment as `DescribeDaemonDeployments` shows it: one target and an array of sources (R17). */
export function describeDeployment(deployment: DescribedDeployment, counts: CountsByRevision): Input {
  const { target, sources, configuration, daemon } = deployment.options;
  return {
    daemonDeploymentArn: deployment.arn,
    clusterArn: daemon.clusterArn,
    status: deployment.status,
    ...(deployment.statusReason !== undefined && { statusReason: deployment.statusReason }),
    ...(target && { targetDaemonRevision: describeProgress(target, counts) }),
    sourceDaemonRevisions: sources.map((revision) => describeProgress(revision, counts)),
    circuitBreaker: {
      status: deployment.breakerStatus,
      failureCount: deployment.failureCount,
      threshold: deployment.threshold,
    },
    alarms: {
      status: deployment.alarmWatch.status,
      alarmNames: deployment.alarmWatch.names,
      triggeredAlarmNames: deployment.alarmWatch.triggered,
    },
    ...(deployment.rollback && {
      rollback: {
        reason: deployment.rollback.reason,
        startedAt: new Date(deployment.rollback.startedAt),
        ...(deployment.rollback.target && { rollbackTargetDaemonRevisionArn: deployment.rollback.target.arn }),
        rollbackCapacityProviders: deployment.options.fleets.map((fleet) => fleet.capacityProviderArn),
      },
    }),
    deploymentConfiguration: {
      drainPercent: configuration.drainPercent ?? 25,
      bakeTimeInMinutes: configuration.bakeTimeInMinutes ?? 0,
      alarms: { alarmNames: configuration.alarms?.alarmNames ?? [], enable: configuration.alarms?.enable ?? false },
    },
    ...times(deployment),
  };
}

function describeProgress(revision: DaemonRevision, counts: CountsByRevision): Input {
  const providers = providerCounts(revision, counts);
  return {
    arn: revision.arn,
    capacityProviders: providers.map(({ arn, running, withoutDaemon, draining }) =>
      ({ arn, runningInstanceCount: running, withoutDaemonInstanceCount: withoutDaemon, drainingInstanceCount: draining })),
    totalRunningInstanceCount: sum(providers, 'running'),
    totalWithoutDaemonInstanceCount: sum(providers, 'withoutDaemon'),
    totalDrainingInstanceCount: sum(providers, 'draining'),
  };
}

const times = (deployment: DescribedDeployment): Input => ({
  createdAt: new Date(deployment.createdAt),
  ...at(deployment.startedAt, 'startedAt'),
  ...at(deployment.stoppedAt, 'stoppedAt'),
  ...at(deployment.finishedAt, 'finishedAt'),
});
