import { isDeepStrictEqual } from 'node:util';
import type { Properties } from './daemon-requests';
import { shortName, lastPart } from './fleets';

/** Which settings of a daemon a deployment changes, as phrases such as `image 1.300.1 → 1.300.2`. */
export interface Changes {
  /** Settings of the fleet: a change of one of them drains. */
  readonly fleet: readonly string[];
  /** Settings of the rollout: they take effect with the next one. */
  readonly rollout: readonly string[];
  /** The keys of tags. */
  readonly tags: readonly string[];
}

/** A daemon task definition, as ECS describes it. */
export type TaskDefinition = Readonly<Record<string, unknown>>;

const FLEET_SETTINGS: Readonly<Record<string, string>> = {
  PropagateTags: 'tag propagation', EnableECSManagedTags: 'ECS managed tags', EnableExecuteCommand: 'execute command', Critical: 'critical',
  RolloutToken: 'rollout token',
};

const ROLLOUT_SETTINGS: Readonly<Record<string, string>> = {
  DrainPercent: 'drain percent', BakeTimeInMinutes: 'bake minutes', TimeoutInMinutes: 'timeout in minutes',
  DeletionTimeoutInMinutes: 'deletion timeout in minutes', PreflightAlarmInAlarm: 'preflight with an alarm in ALARM',
  PreflightAlarmWithoutData: 'preflight with an alarm without data', AdoptExisting: 'adoption of an existing daemon',
  ExcludedStackTags: 'excluded stack tags',
};

const MOST_PHRASES = 5;
const LONGEST_VALUE = 40;

export function changesBetween(
  before: Properties, after: Properties, taskDefinitions: readonly [TaskDefinition?, TaskDefinition?],
): Changes {
  const named = (labels: Readonly<Record<string, string>>): string[] =>
    Object.entries(labels).flatMap(([key, name]) => phrase(name, before[key], after[key]));
  return {
    fleet: [
      ...before.DaemonTaskDefinitionArn === after.DaemonTaskDefinitionArn ? [] : taskDefinitionChanges(...taskDefinitions),
      ...phrase('capacity providers', names(before.CapacityProviderArns), names(after.CapacityProviderArns)),
      ...named(FLEET_SETTINGS),
    ],
    rollout: [...named(ROLLOUT_SETTINGS), ...phrase('alarms', sorted(before.AlarmNames), sorted(after.AlarmNames))],
    tags: changedTags(before.Tags, after.Tags),
  };
}

function taskDefinitionChanges(before: TaskDefinition = {}, after: TaskDefinition = {}): string[] {
  const [old, current] = [containers(before), containers(after)];
  const phrases = [...new Set([...old.keys(), ...current.keys()])].flatMap((name) => {
    const where = current.size > 1 ? ` of ${name}` : '';
    if (!old.has(name)) return [`container ${name} added`];
    if (!current.has(name)) return [`container ${name} removed`];
    return containerChanges(old.get(name)!, current.get(name)!, where);
  });
  const others = Object.keys({ ...before, ...after }).filter((key) => !IGNORED.has(key));
  phrases.push(...others.flatMap((key) => phrase(words(key), before[key], after[key])));
  if (phrases.length === 0) return ['task definition replaced'];
  return phrases.length <= MOST_PHRASES ? phrases : [...phrases.slice(0, MOST_PHRASES - 1), `${phrases.length - MOST_PHRASES + 1} more`];
}

/** What differs between any two revisions of a task definition, and the containers, which are compared one by one. */
const IGNORED = new Set(['daemonTaskDefinitionArn', 'revision', 'status', 'registeredAt', 'registeredBy', 'deleteRequestedAt', 'containerDefinitions']);

function containers({ containerDefinitions }: TaskDefinition): Map<string, Record<string, unknown>> {
  const list = Array.isArray(containerDefinitions) ? containerDefinitions as Record<string, unknown>[] : [];
  return new Map(list.map((container) => [String(container.name), container]));
}

function containerChanges(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>, where: string): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) => {
    if (key === 'image') return phrase(`image${where}`, ...imageNames(String(before.image), String(after.image)));
    if (key === 'environment') return environmentChanges(before[key], after[key]).map((text) => `${text}${where}`);
    return phrase(`${words(key)}${where}`, before[key], after[key]);
  });
}

/** The tags of two images of one repository, else the whole names. */
function imageNames(before: string, after: string): [string, string] {
  const [one, other] = [before, after].map((image) => /^(.*):([^/:]+)$/.exec(image));
  return one && other && one[1] === other[1] ? [one[2]!, other[2]!] : [before, after];
}

function environmentChanges(before: unknown, after: unknown): string[] {
  const [old, current] = [before, after].map((list) => new Map((Array.isArray(list) ? list as { name: string; value: string }[] : [])
    .map(({ name, value }) => [name, value])));
  return [...new Set([...old!.keys(), ...current!.keys()])].filter((name) => old!.get(name) !== current!.get(name)).map((name) => `environment ${name}`);
}

function changedTags(before: unknown, after: unknown): string[] {
  const [old, current] = [before, after].map((list) => new Map((Array.isArray(list) ? list as { key: string; value: string }[] : [])
    .map(({ key, value }) => [key, value])));
  return [...new Set([...old!.keys(), ...current!.keys()])].filter((key) => old!.get(key) !== current!.get(key)).sort();
}

/** `name before → after`, or nothing if there is no change; values that are too long are left out. */
function phrase(name: string, before: unknown, after: unknown): string[] {
  if (isDeepStrictEqual(before, after) || text(before) === text(after)) return [];
  const [one, other] = [text(before), text(after)];
  return [one.length > LONGEST_VALUE || other.length > LONGEST_VALUE ? name : `${name} ${one} → ${other}`];
}

function text(value: unknown): string {
  if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) return 'none';
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return value.join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

const words = (key: string): string => key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

const sorted = (list: unknown): string[] => (Array.isArray(list) ? list.map(String).sort() : []);

const names = (arns: unknown): string[] => sorted(arns).map((arn) => shortName(lastPart(arn)));
