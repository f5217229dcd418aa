import type { DeploymentStatusChange, InstanceEvent } from '../../sandbox';
import { changesBetween, type Changes } from './causes';
import { DAEMON_TYPE, daemonArnOf, type DaemonRequest, type Properties } from './daemon-requests';
import { lastPart, shortName } from './fleets';
import { batchesOf, drainsOf } from './drains';
import { minutesOf, type Span } from './minutes';
import { providersOf } from './outside-resources';
import type { Course, DeployedDaemon, SkippedStack } from './play';
import type { DaemonChange, PlannedDaemon, PlannedOutcome } from './result';
import { stackNameOf } from './stack-deployment';

/** A planned daemon, and the time that its rollout takes if it drains. */
export interface DaemonPlan {
  readonly daemonArn: string;
  readonly daemon: PlannedDaemon;
  readonly span?: Span;
}

/** One daemon in the planned deployment: its first request counts, since later ones belong to a rollback of the stack. */
interface Subject {
  readonly daemonArn: string;
  readonly stack: string;
  readonly logicalId: string;
  readonly properties: Properties;
  readonly request?: DaemonRequest;
  /** Why its stack is not deployed. */
  readonly skipped?: SkippedStack;
}

/** What the planned deployment does to each daemon, in the order of the requests; those without a request come last. */
export const daemonPlans = (course: Course): DaemonPlan[] => subjectsOf(course).map((subject) => planOf(subject, course));

function subjectsOf({ requests, before, after, skipped }: Course): Subject[] {
  const subjects = new Map<string, Subject>();
  for (const request of requests) {
    const { resourceType, stackId, logicalId, properties } = request;
    const daemonArn = daemonArnOf(properties);
    if (resourceType !== DAEMON_TYPE || subjects.has(daemonArn)) continue;
    subjects.set(daemonArn, { daemonArn, stack: stackNameOf(stackId), logicalId, properties, request });
  }
  for (const daemon of [...before, ...after]) {
    if (!subjects.has(daemon.daemonArn)) subjects.set(daemon.daemonArn, restingSubject(daemon, skipped));
  }
  return [...subjects.values()];
}

const restingSubject = ({ stackName, logicalId, daemonArn, properties }: DeployedDaemon, skipped: Course['skipped']): Subject =>
  ({ daemonArn, stack: stackName, logicalId, properties, skipped: skipped.find((stack) => stack.stackName === stackName) });

function planOf(subject: Subject, course: Course): DaemonPlan {
  const { request, properties } = subject;
  const deployments = course.deployments.filter(({ daemonArn }) => daemonArn === subject.daemonArn);
  const changes = changesOf(subject, course);
  const change = changeOf(subject, deployments, changes);
  const manualChanges = course.manualChanges.get(subject.daemonArn);
  const drains = drainsOf(deployments, course.instanceEvents);
  const instances = instancesOf(subject, course);
  const isKnown = instances !== undefined || deployments.length === 0;
  const { outcome } = outcomeOf(change, request, deployments);
  const span = request && drains.length > 0 && outcome !== 'times out' ? spanOf(subject, request, deployments, course) : undefined;
  const daemon: PlannedDaemon = {
    name: String(properties.DaemonName),
    stack: subject.stack,
    logicalId: subject.logicalId,
    cluster: shortName(lastPart(properties.ClusterArn)),
    capacityProviders: providersOf(properties).map(({ capacityProvider }) => shortName(capacityProvider)),
    ...waveOf(properties),
    change,
    ...(outcome !== undefined && { outcome }),
    causes: causesOf(change, changes, manualChanges !== undefined),
    ...(manualChanges && { manualChanges }),
    ...reasonOf(change, subject),
    ...(instances !== undefined && { instances }),
    ...(isKnown && { drainedInstances: drains.length }),
    batches: isKnown ? batchesOf(drains.filter(({ isRollback }) => !isRollback)) : [],
    ...(span && isKnown && { minutes: minutesOf(span) }),
    gates: new Set(gateRequests(subject, course).map(({ logicalId }) => logicalId)).size,
  };
  return { daemonArn: subject.daemonArn, daemon, ...(span && isKnown && { span }) };
}

function changesOf({ request }: Subject, { taskDefinitions }: Course): Changes | undefined {
  if (!request?.oldProperties) return undefined;
  const { properties, oldProperties } = request;
  const [old, current] = [oldProperties, properties].map(({ DaemonTaskDefinitionArn: arn }) => taskDefinitions.get(String(arn)));
  return changesBetween(oldProperties, properties, [old, current]);
}

function changeOf(
  { request, skipped }: Subject, deployments: readonly DeploymentStatusChange[], changes: Changes | undefined,
): DaemonChange {
  if (skipped) return skipped.refusal === undefined ? 'not deployed' : 'refused';
  if (!request) return 'unchanged';
  if (request.type === 'Delete') return 'delete';
  if (deployments.length === 0 && request.answer?.Status === 'FAILED') return 'refused';
  if (request.type === 'Create') return deployments.length === 0 ? 'adopt' : 'create';
  if (deployments.length > 0) return 'update';
  if (changes && changes.rollout.length > 0) return 'settings only';
  return changes && changes.tags.length > 0 ? 'tags only' : 'unchanged';
}

const DEPLOYING: ReadonlySet<DaemonChange> = new Set(['create', 'update', 'delete']);

function outcomeOf(
  change: DaemonChange, request: DaemonRequest | undefined, deployments: readonly DeploymentStatusChange[],
): { outcome?: PlannedOutcome } {
  if (!DEPLOYING.has(change)) return {};
  if (deployments.some(({ status }) => /^ROLLBACK_(SUCCESSFUL|FAILED)$/.test(status))) return { outcome: 'rolled back' };
  if (request?.answer?.Status === 'FAILED') return { outcome: / TIMED_OUT\b/.test(request.answer.Reason) ? 'times out' : 'fails' };
  return { outcome: 'succeeds' };
}

function causesOf(change: DaemonChange, changes: Changes | undefined, hasManualChanges: boolean): readonly string[] {
  if (!changes) return [];
  switch (change) {
    case 'update': return hasManualChanges ? [...changes.fleet, 'manual changes reverted'] : changes.fleet;
    case 'settings only': return [...changes.rollout, ...changes.tags.map((key) => `tag ${key}`)];
    case 'tags only': return changes.tags.map((key) => `tag ${key}`);
    default: return [...changes.fleet, ...changes.rollout];
  }
}

function reasonOf(change: DaemonChange, { request, skipped }: Subject): { reason?: string } {
  if (skipped) return { reason: skipped.refusal ?? `the stack ${skipped.failed} fails before` };
  return change !== 'unchanged' && request?.answer?.Status === 'FAILED' ? { reason: request.answer.Reason } : {};
}

/** Of the old and the new capacity providers; undefined if the number is not known for one of them. */
function instancesOf({ request, properties }: Subject, { fleets }: Course): number | undefined {
  const sides = [properties, request?.oldProperties ?? {}].flatMap((side) => providersOf(side));
  const providers = new Map(sides.map((provider) => [provider.capacityProvider, provider]));
  let sum = 0;
  for (const provider of providers.values()) {
    const size = fleets.sizeOf(provider);
    if (size === undefined) return undefined;
    sum += size;
  }
  return sum;
}

const gateRequests = ({ daemonArn }: Subject, { requests }: Course): DaemonRequest[] =>
  requests.filter(({ resourceType, properties }) => resourceType === `${DAEMON_TYPE}Gate` && properties.DaemonArn === daemonArn);

function spanOf(subject: Subject, request: DaemonRequest, deployments: readonly DeploymentStatusChange[], course: Course): Span {
  // in a rollback of the stack another request is for the daemon
  const own = course.requests.filter(({ resourceType, properties }) =>
    resourceType === DAEMON_TYPE && daemonArnOf(properties) === subject.daemonArn);
  const answers = [...own, ...gateRequests(subject, course)].flatMap(({ answer }) => (answer ? [answer.at] : []));
  return { from: request.at, to: Math.max(request.at, ...answers), baked: bakedIn(deployments, course.instanceEvents) };
}

/** From the last event of a deployment's instances to its success, in milliseconds. */
function bakedIn(deployments: readonly DeploymentStatusChange[], events: readonly InstanceEvent[]): number {
  return deployments.filter(({ status }) => status === 'SUCCESSFUL').reduce((sum, { deploymentArn, time }) => {
    const last = events.findLast((event) => event.deploymentArn === deploymentArn && event.time <= time);
    return sum + (last ? Date.parse(time) - Date.parse(last.time) : 0);
  }, 0);
}

function waveOf({ Tags }: Properties): { wave?: PlannedDaemon['wave'] } {
  const tags = Array.isArray(Tags) ? Tags as { key: string; value: string }[] : [];
  const value = (name: string): string | undefined => tags.find(({ key }) => key === `cdk-ecs-managed-daemons:${name}`)?.value;
  const [name, target] = [value('wave'), value('target')];
  return name !== undefined && target !== undefined ? { wave: { name, target } } : {};
}
