import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateDaemonCommand, DeleteDaemonCommand, DescribeCapacityProvidersCommand, DescribeDaemonCommand, DescribeDaemonDeploymentsCommand,
  DescribeDaemonRevisionsCommand, DescribeDaemonTaskDefinitionCommand, ECSClient, type Failure, ListDaemonDeploymentsCommand,
  ListDaemonsCommand, ListTagsForResourceCommand, TagResourceCommand, UntagResourceCommand, UpdateDaemonCommand,
} from '@aws-sdk/client-ecs';
import { IncompleteReply, required } from '../../required';
import type { DaemonApi, DaemonSummary, DeploymentSummary } from './daemon-api';
import { ApiFault, faultOf } from './fault';
import type { DaemonSettings, ObservedAlarm, ObservedCapacityProvider, ObservedDeployment, RevisionSettings } from '../observation';
import { observedAlarms, observedDaemon, observedDeployment, observedRevision } from './replies';

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
  const listDeployments: DaemonApi['listDeployments'] = (daemonArn, createdAfter) => pages(async (nextToken): Promise<Page<DeploymentSummary>> => {
    const createdAt = { after: new Date(createdAfter) };
    const page = await reader.send(new ListDaemonDeploymentsCommand({ daemonArn, createdAt, maxResults: 100, nextToken }));
    return { nextToken: page.nextToken, items: (page.daemonDeployments ?? []).map((deployment) => ({
      arn: required(deployment.daemonDeploymentArn, 'daemonDeploymentArn'),
      createdAt: required(deployment.createdAt, 'createdAt').getTime(),
      targetRevisionArn: deployment.targetDaemonRevisionArn ?? '',
    })) };
  });
  /** Where the daemon itself names none. */
  const newestDeployment = async (daemonArn: string): Promise<string> =>
    (await listDeployments(daemonArn, 0)).sort((a, b) => b.createdAt - a.createdAt)[0]?.arn ?? '';

  return faulting({
    async describeDaemon(daemonArn) {
      const daemon = required((await reader.send(new DescribeDaemonCommand({ daemonArn }))).daemon, 'daemon');
      return { ...observedDaemon(daemon), latestArn: daemon.deploymentArn ?? await newestDeployment(daemonArn) };
    },

    async describeDeployments(deploymentArns) {
      const found: ObservedDeployment[] = [];
      for (const daemonDeploymentArns of batches(deploymentArns, DESCRIBE_BATCH)) {
        const { daemonDeployments = [], failures } = await reader.send(new DescribeDaemonDeploymentsCommand({ daemonDeploymentArns }));
        const deployments = daemonDeployments.map(observedDeployment);
        account(daemonDeploymentArns, deployments.map(({ arn }) => arn), failures);
        found.push(...deployments);
      }
      return found;
    },

    async describeRevisions(revisionArns) {
      const found: Record<string, RevisionSettings> = {};
      for (const daemonRevisionArns of batches(revisionArns, DESCRIBE_BATCH)) {
        const { daemonRevisions } = await reader.send(new DescribeDaemonRevisionsCommand({ daemonRevisionArns }));
        for (const revision of daemonRevisions ?? []) found[required(revision.daemonRevisionArn, 'daemonRevisionArn')] = observedRevision(revision);
      }
      return found;
    },

    listDeployments,

    async listDaemons(clusterArn, capacityProviderArns) {
      const filter = capacityProviderArns && { capacityProviderArns: [...capacityProviderArns] };
      return pages(async (nextToken): Promise<Page<DaemonSummary>> => {
        const page = await reader.send(new ListDaemonsCommand({ clusterArn, ...filter, maxResults: 100, nextToken }));
        return { nextToken: page.nextToken, items: (page.daemonSummariesList ?? []).map(({ daemonArn, createdAt, updatedAt = createdAt }) =>
          ({ arn: required(daemonArn, 'daemonArn'), updatedAt: updatedAt?.getTime() ?? Number.POSITIVE_INFINITY })) };
      });
    },

    async listTags(resourceArn) {
      const { tags } = await reader.send(new ListTagsForResourceCommand({ resourceArn }));
      return Object.fromEntries(required(tags, 'tags').map(({ key, value = '' }) => [required(key, 'the key of a tag'), value]));
    },

    async describeAlarms(alarmNames) {
      const found: ObservedAlarm[] = [];
      for (const AlarmNames of batches(alarmNames, ALARM_BATCH)) {
        found.push(...await pages(async (NextToken): Promise<Page<ObservedAlarm>> => {
          // without AlarmTypes only metric alarms are returned (A13)
          const page = await cloudWatch.send(new DescribeAlarmsCommand({
            AlarmNames, AlarmTypes: ['MetricAlarm', 'CompositeAlarm', 'LogAlarm'], MaxRecords: ALARM_BATCH, NextToken,
          }));
          return { nextToken: page.NextToken, items: observedAlarms(page) };
        }));
      }
      return found;
    },

    async describeCapacityProviders(cluster, capacityProviderArns) {
      const found: ObservedCapacityProvider[] = [];
      for (const names of batches(capacityProviderArns, PROVIDER_BATCH)) {
        const failures: Failure[] = [];
        const providers = await pages(async (nextToken): Promise<Page<ObservedCapacityProvider>> => {
          // those of Managed Instances belong to one cluster
          const page = await reader.send(new DescribeCapacityProvidersCommand({ cluster, capacityProviders: names, nextToken }));
          failures.push(...page.failures ?? []);
          const observed = (page.capacityProviders ?? []).map(({ capacityProviderArn, status = 'UNKNOWN', type = '', managedInstancesProvider }) => ({
            arn: required(capacityProviderArn, 'capacityProviderArn'), status, type,
            autoRepair: managedInstancesProvider?.autoRepairConfiguration?.actionsStatus,
          }));
          return { nextToken: page.nextToken, items: observed };
        });
        account(names, providers.map(({ arn }) => arn), failures);
        found.push(...providers);
      }
      return found;
    },

    async taskDefinitionStatus(daemonTaskDefinition) {
      const described = await reader.send(new DescribeDaemonTaskDefinitionCommand({ daemonTaskDefinition }));
      return required(described.daemonTaskDefinition?.status, 'the status of the daemon task definition');
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

const listOf = (tags: Readonly<Record<string, string>>) => Object.entries(tags).map(([key, value]) => ({ key, value }));

function batches<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}

interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken: string | undefined;
}

/** Reads a list to its end, however short its pages are. */
async function pages<T>(read: (nextToken: string | undefined) => Promise<Page<T>>): Promise<T[]> {
  const found: T[] = [];
  let nextToken: string | undefined;
  do {
    const page = await read(nextToken);
    found.push(...page.items);
    nextToken = page.nextToken;
  } while (nextToken);
  return found;
}

/** Throws unless each ARN was found or is MISSING (R13): of any other, nobody knows. */
function account(arns: readonly string[], found: readonly string[], failures: readonly Failure[] = []): void {
  const lost = arns.find((arn) => !found.includes(arn) && !failures.some((failure) => failure.arn === arn && failure.reason === 'MISSING'));
  if (lost !== undefined) throw new IncompleteReply(lost);
}

/** As many as the clients make of a read that has failed. */
const MOST_ATTEMPTS = 3;

/** Makes an incomplete read again, and turns every error of the SDK into an `ApiFault`, once for all calls. */
function faulting(api: DaemonApi): DaemonApi {
  return new Proxy(api, {
    get: (target, key: keyof DaemonApi) => async (...parameters: never[]) => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await (target[key] as (...values: never[]) => Promise<unknown>)(...parameters);
        } catch (error) {
          if (!(error instanceof IncompleteReply) || attempt === MOST_ATTEMPTS) throw new ApiFault(faultOf(error));
        }
      }
    },
  });
}
