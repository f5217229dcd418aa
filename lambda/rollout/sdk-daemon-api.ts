import { CloudWatchClient, DescribeAlarmsCommand, type DescribeAlarmsOutput, type LogAlarm, type MetricAlarm } from '@aws-sdk/client-cloudwatch';
import {
  CreateDaemonCommand, DeleteDaemonCommand, DescribeCapacityProvidersCommand, DescribeDaemonCommand, DescribeDaemonDeploymentsCommand,
  DescribeDaemonRevisionsCommand, DescribeDaemonTaskDefinitionCommand, ECSClient, ListDaemonDeploymentsCommand, ListDaemonsCommand,
  ListTagsForResourceCommand, TagResourceCommand, UntagResourceCommand, UpdateDaemonCommand, type DaemonDeployment,
  type DaemonDeploymentRevisionDetail,
} from '@aws-sdk/client-ecs';
import type { DaemonApi, DaemonSettings, DaemonSummary, DeploymentSummary } from './daemon-api';
import { ApiFault, faultOf } from './fault';
import type { ObservedAlarm, ObservedCapacityProvider, ObservedDeployment, RevisionCounts, RevisionSettings } from './observation';

/** The most ARNs that a describe call takes (R13). */
const DESCRIBE_BATCH = 20;
/** More capacity providers than these come in pages. */
const PROVIDER_BATCH = 10;
/** The most names that DescribeAlarms takes. */
const ALARM_BATCH = 100;

const requestHandler = { connectionTimeout: 5_000, requestTimeout: 20_000 };

/** What of the AWS SDK's clients the calls go through. */
export interface Clients {
  readonly reader: Pick<ECSClient, 'send'>;
  readonly writer: Pick<ECSClient, 'send'>;
  readonly cloudWatch: Pick<CloudWatchClient, 'send'>;
}

const clients = (): Clients => ({
  reader: new ECSClient({ maxAttempts: 3, requestHandler }),
  // the SDK would send a write again after a lost reply: UpdateDaemon has no client token (R7), so it is never retried blindly
  writer: new ECSClient({ maxAttempts: 1, requestHandler }),
  cloudWatch: new CloudWatchClient({ maxAttempts: 3, requestHandler }),
});

/** The clients, and how many reads have gone through them so far. */
export function countingReads({ reader, writer, cloudWatch }: Clients = clients()) {
  let reads = 0;
  const counted = <C extends Pick<ECSClient, 'send'> | Pick<CloudWatchClient, 'send'>>(client: C): C => ({
    send: (command: never) => {
      reads++;
      return (client.send as (command: never) => unknown)(command);
    },
  }) as unknown as C;
  return { clients: { reader: counted(reader), writer, cloudWatch: counted(cloudWatch) }, readsMade: () => reads };
}

/** `DaemonApi` over the AWS SDK. */
export function sdkDaemonApi({ reader, writer, cloudWatch }: Clients = clients()): DaemonApi {
  return faulting({
    async describeDaemon(daemonArn) {
      const { daemon } = await reader.send(new DescribeDaemonCommand({ daemonArn }));
      return {
        status: daemon?.status ?? 'UNKNOWN',
        createdAt: daemon?.createdAt?.getTime() ?? 0,
        latestArn: daemon?.deploymentArn ?? '',
        revisions: (daemon?.currentRevisions ?? []).map((revision) => ({
          revisionArn: revision.arn ?? '',
          capacityProviderArns: (revision.capacityProviders ?? []).map(({ arn }) => arn ?? ''),
          running: revision.totalRunningCount ?? 0,
          withoutDaemon: revision.totalWithoutDaemonCount ?? 0,
          draining: 0,
        })),
      };
    },

    async describeDeployments(deploymentArns) {
      const found: ObservedDeployment[] = [];
      for (const daemonDeploymentArns of batches(deploymentArns, DESCRIBE_BATCH)) {
        const { daemonDeployments } = await reader.send(new DescribeDaemonDeploymentsCommand({ daemonDeploymentArns }));
        found.push(...(daemonDeployments ?? []).map(observedDeployment));
      }
      return found;
    },

    async describeRevisions(revisionArns) {
      const found: Record<string, RevisionSettings> = {};
      for (const daemonRevisionArns of batches(revisionArns, DESCRIBE_BATCH)) {
        const { daemonRevisions } = await reader.send(new DescribeDaemonRevisionsCommand({ daemonRevisionArns }));
        for (const revision of daemonRevisions ?? []) {
          found[revision.daemonRevisionArn ?? ''] = {
            taskDefinitionArn: revision.daemonTaskDefinitionArn ?? '',
            propagateTags: revision.propagateTags === 'DAEMON' ? 'DAEMON' : 'NONE',
            enableECSManagedTags: revision.enableECSManagedTags ?? false,
            enableExecuteCommand: revision.enableExecuteCommand ?? false,
            critical: revision.critical ?? true,
          };
        }
      }
      return found;
    },

    async listDeployments(daemonArn, createdAfter) {
      const found: DeploymentSummary[] = [];
      let nextToken: string | undefined;
      do {
        const createdAt = { after: new Date(createdAfter) };
        const page = await reader.send(new ListDaemonDeploymentsCommand({ daemonArn, createdAt, maxResults: 100, nextToken }));
        found.push(...(page.daemonDeployments ?? []).map((deployment) => ({
          arn: deployment.daemonDeploymentArn ?? '',
          createdAt: deployment.createdAt?.getTime() ?? 0,
          status: deployment.status ?? 'UNKNOWN',
          statusReason: deployment.statusReason ?? '',
          targetRevisionArn: deployment.targetDaemonRevisionArn ?? '',
        })));
        nextToken = page.nextToken;
      } while (nextToken);
      return found;
    },

    async listDaemons(clusterArn, capacityProviderArns) {
      const found: DaemonSummary[] = [];
      let nextToken: string | undefined;
      do {
        const filter = capacityProviderArns && { capacityProviderArns: [...capacityProviderArns] };
        const page = await reader.send(new ListDaemonsCommand({ clusterArn, ...filter, maxResults: 100, nextToken }));
        found.push(...(page.daemonSummariesList ?? []).map(({ daemonArn = '', status = 'ACTIVE', createdAt, updatedAt = createdAt }) =>
          ({ arn: daemonArn, status, updatedAt: updatedAt?.getTime() ?? 0 })));
        nextToken = page.nextToken;
      } while (nextToken);
      return found;
    },

    async listTags(resourceArn) {
      const { tags } = await reader.send(new ListTagsForResourceCommand({ resourceArn }));
      return Object.fromEntries((tags ?? []).map(({ key, value }) => [key ?? '', value ?? '']));
    },

    async describeAlarms(alarmNames) {
      const found: ObservedAlarm[] = [];
      for (const AlarmNames of batches(alarmNames, ALARM_BATCH)) {
        // without AlarmTypes only metric alarms are returned (A13)
        const page = await cloudWatch.send(new DescribeAlarmsCommand({
          AlarmNames, AlarmTypes: ['MetricAlarm', 'CompositeAlarm', 'LogAlarm'], MaxRecords: ALARM_BATCH,
        }));
        found.push(...observedAlarms(page));
      }
      return found;
    },

    async describeCapacityProviders(cluster, capacityProviderArns) {
      const found: ObservedCapacityProvider[] = [];
      for (const names of batches(capacityProviderArns, PROVIDER_BATCH)) {
        // those of Managed Instances belong to one cluster
        const { capacityProviders } = await reader.send(new DescribeCapacityProvidersCommand({ cluster, capacityProviders: names }));
        found.push(...(capacityProviders ?? []).map(({ capacityProviderArn = '', status = 'UNKNOWN', type = '', managedInstancesProvider }) =>
          ({ arn: capacityProviderArn, status, type, autoRepair: managedInstancesProvider?.autoRepairConfiguration?.actionsStatus })));
      }
      return found;
    },

    async taskDefinitionStatus(daemonTaskDefinition) {
      const described = await reader.send(new DescribeDaemonTaskDefinitionCommand({ daemonTaskDefinition }));
      return described.daemonTaskDefinition?.status ?? 'ACTIVE';
    },

    async createDaemon({ clusterArn, daemonName, tags, clientToken, ...settings }) {
      const { deploymentArn } = await writer.send(new CreateDaemonCommand({
        clusterArn, daemonName, tags: listOf(tags), clientToken, ...writeInput(settings),
      }));
      return deploymentArn ?? '';
    },

    async updateDaemon(daemonArn, settings) {
      const { deploymentArn } = await writer.send(new UpdateDaemonCommand({ daemonArn, ...writeInput(settings) }));
      return deploymentArn ?? '';
    },

    async deleteDaemon(daemonArn) {
      const { deploymentArn } = await writer.send(new DeleteDaemonCommand({ daemonArn }));
      return deploymentArn ?? '';
    },

    async tag(resourceArn, tags) {
      await writer.send(new TagResourceCommand({ resourceArn, tags: listOf(tags) }));
    },

    async untag(resourceArn, tagKeys) {
      await writer.send(new UntagResourceCommand({ resourceArn, tagKeys: [...tagKeys] }));
    },
  });
}

/** The complete desired set, defaults included (R5); names of alarms do nothing without the switch (R31, A14). */
const writeInput = (settings: DaemonSettings) => ({
  daemonTaskDefinitionArn: settings.taskDefinitionArn,
  capacityProviderArns: [...settings.capacityProviderArns],
  deploymentConfiguration: {
    drainPercent: settings.drainPercent,
    bakeTimeInMinutes: settings.bakeTimeInMinutes,
    alarms: { alarmNames: [...settings.alarmNames], enable: settings.alarmNames.length > 0 },
  },
  propagateTags: settings.propagateTags,
  enableECSManagedTags: settings.enableECSManagedTags,
  enableExecuteCommand: settings.enableExecuteCommand,
  critical: settings.critical,
});

const observedDeployment = (deployment: DaemonDeployment): ObservedDeployment => ({
  arn: deployment.daemonDeploymentArn ?? '',
  status: deployment.status ?? 'UNKNOWN',
  statusReason: deployment.statusReason ?? '',
  createdAt: deployment.createdAt?.getTime() ?? 0,
  endedAt: (deployment.finishedAt ?? deployment.stoppedAt)?.getTime(),
  target: deployment.targetDaemonRevision && revisionCounts(deployment.targetDaemonRevision),
  sources: (deployment.sourceDaemonRevisions ?? []).map(revisionCounts),
  failureCount: deployment.circuitBreaker?.failureCount ?? 0,
  failureThreshold: deployment.circuitBreaker?.threshold ?? 0,
  circuitBreakerStatus: deployment.circuitBreaker?.status ?? '',
  alarmsStatus: deployment.alarms?.status ?? '',
  triggeredAlarmNames: deployment.alarms?.triggeredAlarmNames ?? [],
  rollbackReason: deployment.rollback?.reason ?? '',
  rollbackTargetArn: deployment.rollback?.rollbackTargetDaemonRevisionArn ?? '',
  rollbackCapacityProviderArns: deployment.rollback?.rollbackCapacityProviders ?? [],
  configuration: {
    drainPercent: deployment.deploymentConfiguration?.drainPercent ?? 25,
    bakeTimeInMinutes: deployment.deploymentConfiguration?.bakeTimeInMinutes ?? 0,
    alarmNames: (deployment.deploymentConfiguration?.alarms?.enable && deployment.deploymentConfiguration.alarms.alarmNames) || [],
  },
});

const revisionCounts = (revision: DaemonDeploymentRevisionDetail): RevisionCounts => ({
  revisionArn: revision.arn ?? '',
  capacityProviderArns: (revision.capacityProviders ?? []).map(({ arn }) => arn ?? ''),
  running: revision.totalRunningInstanceCount ?? 0,
  withoutDaemon: revision.totalWithoutDaemonInstanceCount ?? 0,
  draining: revision.totalDrainingInstanceCount ?? 0,
});

/** Of an alarm on metric math the longest period counts. */
const periodSeconds = ({ Period, Metrics }: MetricAlarm): number =>
  Period ?? Math.max(60, ...(Metrics ?? []).map((metric) => metric.MetricStat?.Period ?? metric.Period ?? 0));

/** How often the query of a log alarm runs; 0 if its schedule says otherwise than by a rate. */
function rateSeconds(expression: string = ''): number {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  return Number(count ?? 0) * { minute: 60, hour: 3600, day: 86_400 }[(unit ?? 'minute') as 'minute' | 'hour' | 'day'];
}

const querySeconds = ({ ScheduledQueryConfiguration: query, QueryResultsToEvaluate = 1 }: LogAlarm): number =>
  rateSeconds(query?.ScheduleConfiguration?.ScheduleExpression) * QueryResultsToEvaluate;

const observedAlarms = ({ MetricAlarms, CompositeAlarms, LogAlarms }: DescribeAlarmsOutput): ObservedAlarm[] => [
  ...(MetricAlarms ?? []).map((alarm) => ({ ...alarm, seconds: periodSeconds(alarm) * (alarm.EvaluationPeriods ?? 1) })),
  ...(CompositeAlarms ?? []).map((alarm) => ({ ...alarm, seconds: 0 })),
  ...(LogAlarms ?? []).map((alarm) => ({ ...alarm, seconds: querySeconds(alarm) })),
].map(({ AlarmName = '', StateValue = 'INSUFFICIENT_DATA', StateReason = '', seconds }) =>
  ({ name: AlarmName, state: StateValue, stateReason: StateReason, evaluationSeconds: seconds }));

const listOf = (tags: Readonly<Record<string, string>>) => Object.entries(tags).map(([key, value]) => ({ key, value }));

function batches<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}

/** Turns every error of the SDK into an `ApiFault`, once for all calls. */
function faulting(api: DaemonApi): DaemonApi {
  return new Proxy(api, {
    get: (target, key: keyof DaemonApi) => async (...parameters: never[]) => {
      try {
        return await (target[key] as (...values: never[]) => Promise<unknown>)(...parameters);
      } catch (error) {
        throw new ApiFault(faultOf(error));
      }
    },
  });
}
