import type { Rollout, Timeline } from './model';
import {
  DAEMON_TYPE, daemonRequestsOf, GATE_TYPE, operationsOf, STACK_TYPE, type DaemonRequests, type StackOperation,
} from './recorded/daemon-requests';
import { notBegun, rolloutOf } from './recorded/rollout-of';
import { ownReason } from './recorded/reported';
import type { Recording } from './recording';

const TASK_DEFINITION_TYPE = 'AWS::ECS::DaemonTaskDefinition';

export type { StackOperation } from './recorded/daemon-requests';

/**
 * The timelines of a run on the sandbox: one for each operation of a stack that requests daemons, in the order of their starts.
 * Operations that are not desired are left out.
 */
export function timelinesOf(recording: Recording, isDesired: (operation: StackOperation) => boolean = () => true): Timeline[] {
  const all = operationsOf(recording).map((operation) => ({ operation, requests: daemonRequestsOf(operation) }))
    .filter(({ requests }) => requests.length > 0);
  const everyRequest = all.flatMap(({ requests }) => requests);
  return all.filter(({ operation }) => isDesired(operation)).map(({ operation, requests }) => {
    const start = Math.min(...requests.map(({ from }) => from));
    const rollouts = requests.map((ofDaemon) => rolloutOf(recording, ofDaemon, nextRequest(ofDaemon, everyRequest), start));
    const until = Math.max(...rollouts.map(({ requestedAt, duration }) => start + requestedAt + duration));
    const untouched = notBegunIn(operation, requests, everyRequest).map((ofDaemon) => notBegun(recording, ofDaemon, start, until));
    return {
      version: 1,
      kind: 'recorded',
      source: 'the sandbox',
      startedAt: new Date(start).toISOString(),
      rollouts: numberWaves([...rollouts, ...untouched], everyRequest),
      stackEvents: stackEventsOf(operation, start),
      log: recording.logLines.map(({ time, message }) => ({ at: Date.parse(time) - start, text: message.trimEnd() }))
        .filter(({ at }) => at >= 0 && start + at <= (operation.to ?? Infinity)),
    };
  });
}

/** When the next operation requests the same daemon: what begins from then on belongs to that one. */
function nextRequest(requests: DaemonRequests, all: readonly DaemonRequests[]): number {
  const next = all.find((other) => other.daemonArn === requests.daemonArn && all.indexOf(other) > all.indexOf(requests));
  return next?.from ?? Infinity;
}

/** The daemons of the same waves that earlier operations have created, and that this one has not reached. */
function notBegunIn(operation: StackOperation, requests: readonly DaemonRequests[], all: readonly DaemonRequests[]): DaemonRequests[] {
  if (!requests.some(isInWave) || !requests.some(({ kind }) => kind === 'update')) return [];
  const earlier = all.filter((other) => other.operation.stack === operation.stack && isInWave(other)
    && other.operation.from < operation.from);
  const known = new Map(earlier.map((other) => [other.daemonArn, other]));
  for (const { daemonArn } of requests) known.delete(daemonArn);
  return [...known.values()].filter(({ kind }) => kind !== 'delete');
}

const isInWave = ({ properties: { Tags = [] } }: DaemonRequests): boolean => Tags.some(({ key }) => key === 'cdk-ecs-managed-daemons:wave');

/** Waves are numbered in the order in which their daemons were requested first. */
function numberWaves(rollouts: readonly Rollout[], all: readonly DaemonRequests[]): Rollout[] {
  const firstRequest = ({ daemonArn }: Rollout): number => all.findIndex((other) => other.daemonArn === daemonArn);
  const ordered = rollouts.filter(({ place }) => place).sort((one, other) => firstRequest(one) - firstRequest(other));
  const waves = [...new Set(ordered.map(({ place }) => place!.wave))];
  return rollouts.map((rollout) => {
    const { place } = rollout;
    return place ? { ...rollout, place: { ...place, waveNumber: waves.indexOf(place.wave) + 1 } } : rollout;
  });
}

/** The events that tell the course of the daemons: of the stack, of our resources, of task definitions, and all failures. */
function stackEventsOf({ events, stack }: StackOperation, start: number): Timeline['stackEvents'] {
  const telling = [DAEMON_TYPE, GATE_TYPE, TASK_DEFINITION_TYPE];
  return events.filter(({ resourceType, logicalId, status }) => telling.includes(resourceType) || status.endsWith('_FAILED')
    || (resourceType === STACK_TYPE && logicalId === stack))
    .map(({ time, logicalId, status, statusReason }) => ({
      at: Date.parse(time) - start, stack, resource: logicalId === stack ? 'Stack' : logicalId, status,
      ...(statusReason !== undefined && { reason: ownReason(statusReason) }),
    })).filter(({ at }) => at >= 0);
}
