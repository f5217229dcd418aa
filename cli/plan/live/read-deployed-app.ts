import type { Account } from '../../live/reads';
import { parseTemplate } from '../../../sandbox';
import type { AssemblyStack } from '../assembly';
import { DAEMON_TYPE } from '../daemon-requests';
import { InputError } from '../input-error';
import { isToBeCreated, type DeployedApp, type LiveDaemon, type LiveResource, type LiveStack } from './deployed-app';
import { countedFleets } from './instance-counts';
import { secondsPerBatch, type Pace } from './pace';
import { referencesIn, type DaemonReferences } from './references';
import { described, instancesOf, isTerminal, nameIn, pages, revisionArnOf, settingsOf, type Reader, type Reply } from './replies';

/** The last deployments of a daemon that its pace is read from. */
const PAST_DEPLOYMENTS = 3;

const MOST_ALARMS_AT_ONCE = 100;

/** Reads what an account has of the stacks of an app. */
export async function readDeployedApp(
  account: Account, scope: { readonly account: string; readonly region: string }, planned: readonly AssemblyStack[],
): Promise<DeployedApp> {
  const stacks = new Map<string, LiveStack>();
  for (const { stackName } of planned) {
    const stack = await readStack(account, stackName);
    if (stack) stacks.set(stackName, stack);
  }
  const templates = [...planned.map(({ template }) => template), ...[...stacks.values()].map(({ template }) => template)];
  const exports = JSON.stringify(templates).includes('"Fn::ImportValue"') ? await readExports(account) : {};
  const references = planned.flatMap(({ stackName, template }) => {
    const live = stacks.get(stackName);
    return [template, ...live ? [live.template] : []].flatMap((each) => referencesIn(each, live, { ...scope, exports }));
  });
  const own = [...stacks.values()].flatMap(({ resources }) => [...resources.values()])
    .filter(({ type, physicalId }) => type === DAEMON_TYPE && physicalId.startsWith('arn:')).map(({ physicalId }) => physicalId);
  const { daemons, past } = await readDaemons(account, references, own);
  const fleets = await countedFleets(account, references, daemons);
  const alarmNames = [
    ...references.flatMap((reference) => reference.alarmNames), ...[...daemons.values()].flatMap(({ settings }) => settings.AlarmNames),
  ];
  return {
    ...scope, stacks, exports, daemons, fleets,
    pace: paceOf(past, fleets),
    alarms: await readAlarms(account, [...new Set(alarmNames)].sort()),
    taskDefinitions: await readTaskDefinitions(account, [...daemons.values()].filter(({ daemonArn }) => own.includes(daemonArn)), stacks),
  };
}

async function readStack(account: Account, StackName: string): Promise<LiveStack | undefined> {
  const found = await account.read('cloudformation:DescribeStacks', { StackName }).catch((error: Error) => {
    if (error.name === 'ValidationError' && error.message.includes('does not exist')) return { Stacks: [] };
    throw new InputError(`cloudformation:DescribeStacks fails: ${error.message}`);
  });
  const [stack] = found.Stacks ?? [];
  if (!stack) return undefined;
  const { StackId: id, StackStatus: status, Parameters: parameters = [], Tags: tags = [] } = stack as Reply;
  if (isToBeCreated(status)) return undefined;
  const { TemplateBody: body } = await account.read('cloudformation:GetTemplate', { StackName: id, TemplateStage: 'Processed' });
  const summaries = await pages(
    (NextToken) => account.read('cloudformation:ListStackResources', { StackName: id, NextToken }), 'StackResourceSummaries', 'NextToken');
  return {
    id, name: StackName, status,
    template: parseTemplate(String(body)),
    parameters: (parameters as Reply[]).map(({ ParameterKey: key, ParameterValue: value, ResolvedValue: resolved }) => (
      { key, value, resolved })),
    tags: Object.fromEntries(tags.map(({ Key, Value }: Reply) => [Key, Value])),
    resources: new Map(summaries.filter(({ ResourceStatus, PhysicalResourceId }) => PhysicalResourceId && ResourceStatus !== 'DELETE_COMPLETE')
      .map(({ LogicalResourceId, ResourceType, PhysicalResourceId }): [string, LiveResource] => (
        [LogicalResourceId, { type: ResourceType, physicalId: PhysicalResourceId }]))),
  };
}

async function readExports(account: Account): Promise<Record<string, string>> {
  const exports = await pages((NextToken) => account.read('cloudformation:ListExports', { NextToken }), 'Exports', 'NextToken');
  return Object.fromEntries(exports.map(({ Name, Value }) => [Name, Value]));
}

async function readAlarms(account: Account, names: readonly string[]): Promise<DeployedApp['alarms']> {
  const alarms = new Map<string, { state: string; reason: string }>();
  for (let index = 0; index < names.length; index += MOST_ALARMS_AT_ONCE) {
    const { MetricAlarms = [], CompositeAlarms = [], LogAlarms = [] } = await account.read('cloudwatch:DescribeAlarms', {
      AlarmNames: names.slice(index, index + MOST_ALARMS_AT_ONCE), AlarmTypes: ['MetricAlarm', 'CompositeAlarm', 'LogAlarm'], MaxRecords: MOST_ALARMS_AT_ONCE,
    });
    for (const { AlarmName, StateValue, StateReason = '' } of [...MetricAlarms, ...CompositeAlarms, ...LogAlarms] as Reply[]) {
      alarms.set(AlarmName, { state: StateValue, reason: StateReason });
    }
  }
  return alarms;
}

interface Past {
  readonly daemonArn: string;
  /** The newest first. */
  readonly deployments: readonly Reply[];
}

async function readDaemons(
  account: Account, references: readonly DaemonReferences[], own: readonly string[],
): Promise<{ daemons: Map<string, LiveDaemon>; past: Past[] }> {
  const read: Reader = (operation, input) => account.read(`ecs:${operation}` as 'ecs:DescribeDaemon', input);
  const arns = new Set(own);
  for (const [clusterArn, capacityProviderArns] of providersByCluster(references)) {
    const summaries = await pages((nextToken) => read('ListDaemons', { clusterArn, capacityProviderArns, nextToken }), 'daemonSummariesList', 'nextToken')
      .catch(absent([]));
    for (const { daemonArn } of summaries) arns.add(daemonArn);
  }
  const found = await Promise.all([...arns].map((daemonArn) => read('DescribeDaemon', { daemonArn }).then(({ daemon }) => daemon, absent(undefined))));
  const present = found.filter((daemon) => daemon !== undefined && daemon.status !== 'INACTIVE');
  const summarized = await Promise.all(present.filter(({ daemonArn }) => own.includes(daemonArn)).map(async ({ daemonArn }) => {
    const { daemonDeployments = [] } = await read('ListDaemonDeployments', { daemonArn, status: ['SUCCESSFUL'], maxResults: 20 });
    return { daemonArn, summaries: (daemonDeployments as Reply[]).slice(0, PAST_DEPLOYMENTS) };
  }));
  const latest = present.flatMap(({ deploymentArn }) => deploymentArn ?? []);
  const ended = summarized.flatMap(({ summaries }) => summaries).map((summary) => summary.daemonDeploymentArn);
  const wanted = new Set<string>([...latest, ...ended]);
  const deployments = new Map((await described(read, 'DescribeDaemonDeployments', 'daemonDeploymentArns', 'daemonDeployments', [...wanted]))
    .map((deployment) => [deployment.daemonDeploymentArn as string, deployment]));
  const deploymentOf = ({ deploymentArn }: Reply): Reply | undefined => deployments.get(deploymentArn);
  const revisions = new Map((await described(read, 'DescribeDaemonRevisions', 'daemonRevisionArns', 'daemonRevisions',
    [...new Set(present.flatMap((daemon) => revisionArnOf(daemon, deploymentOf(daemon)) ?? []))]))
    .map((revision) => [revision.daemonRevisionArn as string, revision]));
  const daemons = await Promise.all(present.map(async (daemon) => {
    const deployment = deploymentOf(daemon);
    const revision = revisions.get(revisionArnOf(daemon, deployment) ?? '');
    if (!revision) throw new InputError(`The daemon ${daemon.daemonArn} must have a revision, but ECS returns none. Plan again in a minute.`);
    const tags = own.includes(daemon.daemonArn) ? (await read('ListTagsForResource', { resourceArn: daemon.daemonArn })).tags ?? [] : undefined;
    return {
      daemonArn: daemon.daemonArn as string,
      clusterArn: daemon.clusterArn as string,
      settings: settingsOf(daemon, deployment, revision),
      instances: instancesOf(daemon, deployment),
      ...(deployment && !isTerminal(deployment.status) && {
        inProgress: { running: deployment.targetDaemonRevision?.totalRunningInstanceCount ?? 0 },
      }),
      ...(tags && { tags: Object.fromEntries(tags.map(({ key, value }: Reply) => [key, value])) }),
    };
  }));
  const past = summarized.map(({ daemonArn, summaries }) => (
    { daemonArn, deployments: summaries.flatMap(({ daemonDeploymentArn }) => deployments.get(daemonDeploymentArn) ?? []) }));
  return { daemons: new Map(daemons.map((daemon) => [daemon.daemonArn, daemon])), past };
}

/** The pace of the daemon with the most deployments. What its fleets had then is not known: they have about as many instances now. */
function paceOf(past: readonly Past[], fleets: DeployedApp['fleets']): Pace | undefined {
  const sizeOf = (arn: string): number => fleets.find(({ capacityProvider }) => capacityProvider === nameIn(arn))?.instances ?? 0;
  const paces = past.map(({ daemonArn, deployments }) => ({
    daemon: nameIn(daemonArn),
    secondsPerBatch: deployments.flatMap(({ createdAt, finishedAt, deploymentConfiguration = {}, targetDaemonRevision = {} }) => {
      if (!createdAt || !finishedAt) return [];
      return secondsPerBatch({
        seconds: (finishedAt.getTime() - createdAt.getTime()) / 1000,
        bakeMinutes: deploymentConfiguration.bakeTimeInMinutes ?? 0,
        drainPercent: deploymentConfiguration.drainPercent ?? 25,
        instances: (targetDaemonRevision.capacityProviders ?? []).map(({ arn }: Reply) => sizeOf(arn)),
      }) ?? [];
    }).reverse(),
  }));
  return paces.toSorted((a, b) => b.secondsPerBatch.length - a.secondsPerBatch.length).find(({ secondsPerBatch: list }) => list.length > 0);
}

/** The capacity providers of the daemons, by the ARN of the cluster. */
export function providersByCluster(references: readonly DaemonReferences[]): Map<string, string[]> {
  const clusters = new Map<string, string[]>();
  for (const { clusterArn, capacityProviderArns } of references) {
    if (clusterArn === undefined || capacityProviderArns.length === 0) continue;
    clusters.set(clusterArn, [...new Set([...clusters.get(clusterArn) ?? [], ...capacityProviderArns])].sort());
  }
  return clusters;
}

/** Something that does not exist yet, such as a cluster that the new app creates. */
const absent = <T>(instead: T) => (error: Error): T => {
  if (/NotFound/.test(error.name) || /not found/i.test(error.message)) return instead;
  throw error;
};

/** The task definitions of daemons that were changed manually: no template has them. */
async function readTaskDefinitions(
  account: Account, daemons: readonly LiveDaemon[], stacks: ReadonlyMap<string, LiveStack>,
): Promise<DeployedApp['taskDefinitions']> {
  const known = new Set([...stacks.values()].flatMap(({ resources }) => [...resources.values()]).map(({ physicalId }) => physicalId));
  const found = new Map<string, Readonly<Record<string, unknown>>>();
  for (const arn of new Set(daemons.map(({ settings }) => settings.DaemonTaskDefinitionArn))) {
    if (known.has(arn)) continue;
    const { daemonTaskDefinition } = await account.read('ecs:DescribeDaemonTaskDefinition', { daemonTaskDefinition: arn });
    found.set(arn, daemonTaskDefinition);
  }
  return found;
}
