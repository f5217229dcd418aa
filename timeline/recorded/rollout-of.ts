import { MINUTE } from '../duration';
import { measuresOf } from '../measures';
import type { EcsEvent, Gate, Moment, Place, Rollout } from '../model';
import type { RecordedInstanceEvent, RecordedStackEvent, Recording } from '../recording';
import { alarmsOf } from './alarms';
import { batchesOf, drainsOf } from './batches';
import { DAEMON_TYPE, daemonArnOf, GATE_TYPE, type DaemonProperties, type DaemonRequests } from './daemon-requests';
import { deploymentsIn, type RecordedDeployment } from './deployments';
import { FleetReplay } from './fleet-replay';
import { historiesOf } from './histories';
import { phasesOf, stalledSince } from './phases';
import { PREPARING, reportedPhases, reportOf } from './reported';
import { namesOf, roleIn, type RevisionRoles } from './revision-names';
import { verdictOf } from './verdict-of';

/** The rollout of a daemon in an operation of its stack; `before` is the next request for it, in epoch milliseconds. */
export function rolloutOf(recording: Recording, requests: DaemonRequests, before: number, timelineStart: number): Rollout {
  const { from: start, daemonArn, properties, kind } = requests;
  const ofDaemon = recording.deploymentChanges.filter((change) => change.daemonArn === daemonArn);
  const deployments = deploymentsIn(ofDaemon, { ...requests, before });
  const end = endOf(recording, requests, deployments);
  const providers = providersOf(recording, requests, end);
  const events = recording.instanceEvents.filter(({ cluster, capacityProvider }) => providers.has(`${cluster}/${capacityProvider}`));
  const roles = rolesOf(events, requests, deployments, stableBefore(recording, daemonArn, start));
  const roleOf = roleIn(roles, recording.revisions);
  const during = events.filter(({ time }) => Date.parse(time) <= end); // later ones may still name the deployment
  const replay = new FleetReplay(events, {
    daemonArn, from: start, to: end, roleOf, isDeletion: kind === 'delete',
    withoutRevision: { registeredBefore: 'old', registeredLater: 'new' },
  });
  const moments = replay.moments.map((moment) => ({ ...moment, at: moment.at - start }));
  const fleet = stayingAt(moments[0]);
  const batches = batchesOf(during, deployments, start, fleet);
  const report = reportOf(recording, daemonArn, start, before);
  const stalled = deployments.some(({ to }) => to === undefined) && stalledSince({ moments, batches, start, end }) !== undefined
    ? drainingAt(replay) : [];
  return {
    ...identityOf(requests, providers),
    requestedAt: start - timelineStart,
    duration: end - start,
    instances: fleet,
    revisions: namesOf(roles, recording.revisions, betweenOf(during, replay, (arn) => roleOf(arn) === 'mid')),
    settings: settingsOf(properties),
    phases: phasesOf({
      start, end, deployments, batches, moments, isDeletion: kind === 'delete',
      before: reportedPhases(report, start, end).filter(({ phase }) => PREPARING.includes(phase)),
    }),
    batches,
    moments,
    alarms: alarmsOf(recording.alarmChanges, properties.AlarmNames ?? [], start, end),
    gates: gatesOf(requests, start),
    ecsEvents: ecsEventsOf(deployments, start),
    instanceHistories: historiesOf(replay.instances.values(), { start, end, fleet, stalled }),
    measures: measuresOf(moments, end - start, drainsOf(during, deployments)),
    verdict: verdictOf({ recording, requests, deployments, report, start, end, stalledInstances: stalled }),
  };
}

/** A daemon of the waves of an operation that the operation has not come to. Times are epoch milliseconds. */
export function notBegun(recording: Recording, requests: DaemonRequests, at: number, until: number): Rollout {
  const nothing = { ...requests, from: at, to: until, events: [], kind: 'update' as const };
  const rollout = rolloutOf({ ...recording, deploymentChanges: [] }, nothing, at, at);
  const last = requests.events.at(-1);
  const old = stableBefore(recording, requests.daemonArn, at);
  return {
    ...rollout, stack: last?.stack ?? rollout.stack, resource: requests.logicalId,
    revisions: namesOf({ old }, recording.revisions), phases: [], verdict: { outcome: 'NOT_BEGUN' },
  };
}

function identityOf({ properties, daemonArn, operation, logicalId, kind }: DaemonRequests, providers: ReadonlySet<string>):
Pick<Rollout, 'daemon' | 'daemonArn' | 'cluster' | 'capacityProviders' | 'stack' | 'resource' | 'request' | 'place'> {
  const place = placeOf(properties);
  return {
    daemon: properties.DaemonName ?? daemonArn.split('/').at(-1)!,
    daemonArn,
    cluster: daemonArn.split('/')[1]!,
    capacityProviders: [...providers].map((provider) => provider.split('/')[1]!).sort(),
    stack: operation.stack,
    resource: logicalId,
    request: kind,
    ...(place && { place }),
  };
}

/** Waves are numbered by what builds the timeline: tags have their names only. */
function placeOf({ Tags = [] }: DaemonProperties): Place | undefined {
  const tag = (key: string): string | undefined => Tags.find((one) => one.key === `cdk-ecs-managed-daemons:${key}`)?.value;
  const [wave, name] = [tag('wave'), tag('target')];
  return wave !== undefined && name !== undefined ? { wave, name, waveNumber: 1 } : undefined;
}

/** The end of the last deployment; without one, the answer to CloudFormation; while something runs, now. */
function endOf({ until }: Recording, { from, to }: DaemonRequests, deployments: readonly RecordedDeployment[]): number {
  const ends = deployments.map((deployment) => deployment.to ?? Date.parse(until));
  return ends.length > 0 ? Math.max(...ends) : Math.max(from, to ?? Date.parse(until));
}

/** Cluster and name of the capacity providers that the daemon has had until then. */
function providersOf({ stackEvents, instanceEvents }: Recording, { daemonArn }: DaemonRequests, end: number): Set<string> {
  const cluster = daemonArn.split('/')[1]!;
  const ofDaemon = stackEvents.filter((event) =>
    event.resourceType === DAEMON_TYPE && Date.parse(event.time) <= end && daemonArnOf(event) === daemonArn);
  const arns = ofDaemon.flatMap(({ properties }) => (properties as DaemonProperties).CapacityProviderArns ?? []);
  const names = arns.length > 0 ? arns.map((arn) => arn.split('/').at(-1)!)
    : instanceEvents.filter((event) => event.daemonArn === daemonArn).map(({ capacityProvider }) => capacityProvider);
  return new Set(names.map((name) => `${cluster}/${name}`));
}

/** The last revision, of those that are neither the new nor the old one, that an instance of the rollout has run. */
function betweenOf(
  events: readonly RecordedInstanceEvent[], replay: FleetReplay, isBetween: (revisionArn: string) => boolean,
): string | undefined {
  if (!replay.moments.some(({ mid }) => mid)) return undefined;
  const start = replay.moments[0]!.at;
  const present = new Set([...replay.instances.values()].filter(({ to }) => to === undefined || to > start).map(({ id }) => id));
  return events.findLast(({ event, revisionArn, instanceId }) =>
    event === 'DAEMON_TASK_RUNNING' && present.has(instanceId) && isBetween(revisionArn!))?.revisionArn;
}

/** The target of the last deployment that had succeeded. */
const stableBefore = ({ deploymentChanges }: Recording, daemonArn: string, at: number): string | undefined => deploymentChanges
  .findLast((change) => change.daemonArn === daemonArn && Date.parse(change.time) <= at && change.status === 'SUCCESSFUL')?.targetRevisionArn;

/** The new revision is that of the first deployment forward, the old one that which most instances ran before. */
function rolesOf(
  events: readonly RecordedInstanceEvent[], { daemonArn, from, kind }: DaemonRequests, deployments: readonly RecordedDeployment[],
  stable: string | undefined,
): RevisionRoles {
  const running = new Map<string, string>();
  for (const { event, instanceId, time, revisionArn, daemonArn: daemon } of events) {
    if (Date.parse(time) > from) break;
    if (event === 'INSTANCE_TERMINATED') running.delete(instanceId);
    else if (event === 'DAEMON_TASK_RUNNING' && daemon === daemonArn) running.set(instanceId, revisionArn!);
  }
  const counts = new Map<string, number>();
  for (const revision of running.values()) counts.set(revision, (counts.get(revision) ?? 0) + 1);
  const [old] = [...counts].sort(([, one], [, other]) => other - one)[0] ?? [stable];
  const fresh = deployments.find(({ reverts }) => !reverts)?.targetRevisionArn;
  return kind === 'delete' ? { old } : { new: fresh, ...(old !== fresh && { old }) };
}

function settingsOf({ DrainPercent, BakeTimeInMinutes, AlarmNames = [] }: DaemonProperties): Rollout['settings'] {
  return {
    ...(DrainPercent !== undefined && { drainPercent: Number(DrainPercent) }),
    ...(BakeTimeInMinutes !== undefined && { bakeMinutes: Number(BakeTimeInMinutes) }),
    alarmNames: AlarmNames,
  };
}

/** The custom resources that held the stack, if a gate did so for a minute or more. */
function gatesOf({ operation, daemonArn, events }: DaemonRequests, start: number): Gate[] {
  const ofGates = operation.events.filter(({ resourceType, properties }) =>
    resourceType === GATE_TYPE && (properties as { DaemonArn?: string } | undefined)?.DaemonArn === daemonArn);
  const ids = [...new Set(ofGates.map((event) => event.logicalId))];
  const gates = ids.map((id) => {
    const ofGate = ofGates.filter((event) => event.logicalId === id);
    return held(`gate ${(ofGate[0]!.properties as { GateNumber?: unknown }).GateNumber ?? ''}`.trim(), ofGate, start);
  }).filter(({ from, to }) => to === undefined || to - from >= MINUTE);
  return gates.length === 0 ? [] : [held('daemon', events, start), ...gates];
}

function held(name: string, events: readonly RecordedStackEvent[], start: number): Gate {
  const end = events.find(({ status }) => !status.endsWith('_IN_PROGRESS'));
  return { name, from: Date.parse(events[0]!.time) - start, ...(end && { to: Date.parse(end.time) - start }) };
}

const ecsEventsOf = (deployments: readonly RecordedDeployment[], start: number): EcsEvent[] =>
  deployments.flatMap(({ changes }) => changes).map(({ time, deploymentArn, status, statusReason }) => ({
    at: Date.parse(time) - start, deploymentArn, status, ...(statusReason !== undefined && { reason: statusReason }),
  })).sort((one, other) => one.at - other.at);

/** Instances that are not draining. */
function stayingAt(moment: Moment | undefined): number {
  if (!moment) return 0;
  const all = [moment.new, moment.old, moment.mid].filter((counts) => counts !== undefined);
  return all.reduce((sum, { runs, starting, uncovered }) => sum + runs + starting + uncovered, 0);
}

const drainingAt = (replay: FleetReplay): string[] =>
  [...replay.instances.values()].filter(({ to, periods }) => to === undefined && periods.at(-1)?.state === 'draining').map(({ id }) => id);
