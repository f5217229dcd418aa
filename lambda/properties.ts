import type {
  AlarmPolicy, DaemonDeletionGateProperties, DaemonGateProperties, DaemonProperties, DaemonVerificationProperties,
} from './contract';
import { clip } from './reason';

/** What a request asks for cannot be read; its message is the reason for the answer. */
export class PropertiesError extends Error {}

type Raw = Readonly<Record<string, unknown>>;

/**
 * Reads the properties as CloudFormation sends them: every scalar has become a string (E18).
 *
 * Unknown keys are ignored and missing ones get their default, so that old and new code read each other's requests.
 */
export const parseProperties = (raw: Raw): DaemonProperties => ({ ...parseServed(raw), ContractVersion: contractVersion(raw) });

/** Reads properties that are not to be rolled out, but were: maybe by a newer version of the Lambda, before the stack went back to ours. */
export function parseServed(raw: Raw): DaemonProperties {
  return {
    ContractVersion: '1',
    ClusterArn: required(raw, 'ClusterArn'),
    DaemonName: required(raw, 'DaemonName'),
    DaemonTaskDefinitionArn: text(raw, 'DaemonTaskDefinitionArn', ''),
    CapacityProviderArns: texts(raw, 'CapacityProviderArns'),
    DrainPercent: number(raw, 'DrainPercent', 25),
    BakeTimeInMinutes: number(raw, 'BakeTimeInMinutes', 0),
    AlarmNames: texts(raw, 'AlarmNames'),
    PropagateTags: text(raw, 'PropagateTags', 'NONE') === 'DAEMON' ? 'DAEMON' : 'NONE',
    EnableECSManagedTags: flag(raw, 'EnableECSManagedTags', false),
    EnableExecuteCommand: flag(raw, 'EnableExecuteCommand', false),
    Critical: flag(raw, 'Critical', true),
    Tags: tags(raw),
    ExcludedStackTags: raw.ExcludedStackTags === undefined ? undefined : texts(raw, 'ExcludedStackTags'),
    RolloutToken: text(raw, 'RolloutToken', ''),
    TimeoutInMinutes: number(raw, 'TimeoutInMinutes', 55),
    DeletionTimeoutInMinutes: optionalNumber(raw, 'DeletionTimeoutInMinutes'),
    PreflightAlarmInAlarm: alarmPolicy(raw, 'PreflightAlarmInAlarm'),
    PreflightAlarmWithoutData: alarmPolicy(raw, 'PreflightAlarmWithoutData'),
    AdoptExisting: flag(raw, 'AdoptExisting', false) || undefined,
  };
}

/** Reads the properties of a verification in the same way. */
export function parseVerificationProperties(raw: Raw): DaemonVerificationProperties {
  return {
    ContractVersion: contractVersion(raw),
    ClusterArn: required(raw, 'ClusterArn'),
    DaemonName: required(raw, 'DaemonName'),
    RevisionArn: text(raw, 'RevisionArn', ''),
    Services: texts(raw, 'Services'),
  };
}

/** Reads the properties of a gate or of a deletion gate in the same way; only gates know a rollout. */
export function parseGateProperties(raw: Raw): DaemonGateProperties & DaemonDeletionGateProperties {
  return {
    ContractVersion: contractVersion(raw),
    DaemonArn: required(raw, 'DaemonArn'),
    RolloutArn: text(raw, 'RolloutArn', ''),
    GateNumber: number(raw, 'GateNumber', 1),
    GateCount: number(raw, 'GateCount', 1),
  };
}

/** The id of what a Create makes, or may have made, so that the Delete that follows a failure is about it (E26). */
export function idOfCreate(properties: Raw, logicalId: string): string {
  try {
    return daemonArnOf(parseProperties(properties));
  } catch {
    return `${logicalId}-not-made`;
  }
}

/** The ARN of the daemon that the properties mean, never read from the physical id, which CloudFormation may have generated (R18, E9). */
export function daemonArnOf(properties: Pick<DaemonProperties, 'ClusterArn' | 'DaemonName'>): string {
  const match = /^(arn:[^:]+:ecs:[^:]+:[^:]+):cluster\/([^/]+)$/.exec(properties.ClusterArn);
  if (!match) throw new PropertiesError(`ClusterArn "${properties.ClusterArn}" is not the ARN of an ECS cluster`);
  const { DaemonName } = properties;
  // a name from a token may be anything; without an ARN there is neither an id to answer with nor a daemon to delete
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(DaemonName)) {
    throw new PropertiesError(`DaemonName must have 1 to 255 letters, digits, hyphens and underscores, not ${DaemonName.length} characters: "${clip(DaemonName, 300)}"`);
  }
  return `${match[1]}:daemon/${match[2]}/${DaemonName}`;
}

function contractVersion(raw: Raw): '1' {
  const version = text(raw, 'ContractVersion', '1');
  if (version !== '1') throw new PropertiesError(`ContractVersion "${version}" is newer than this Lambda, which reads version 1`);
  return version;
}

function required(raw: Raw, key: string): string {
  const value = text(raw, key, '');
  if (!value) throw new PropertiesError(`the property ${key} is missing`);
  return value;
}

function text(raw: Raw, key: string, fallback: string): string {
  const value = raw[key];
  if (value === undefined || value === null) return fallback;
  if (typeof value === 'object') throw new PropertiesError(`the property ${key} must be a text`);
  return String(value);
}

function texts(raw: Raw, key: string): string[] {
  const value = raw[key] ?? [];
  if (!Array.isArray(value)) throw new PropertiesError(`the property ${key} must be a list`);
  return value.map(String);
}

function number(raw: Raw, key: string, fallback: number): number {
  const value = text(raw, key, '');
  const parsed = value.trim() === '' ? fallback : Number(value);
  if (!Number.isFinite(parsed)) throw new PropertiesError(`the property ${key} must be a number, not "${value}"`);
  return parsed;
}

const optionalNumber = (raw: Raw, key: string): number | undefined => text(raw, key, '').trim() === '' ? undefined : number(raw, key, 0);

function flag(raw: Raw, key: string, fallback: boolean): boolean {
  const value = text(raw, key, String(fallback)).toLowerCase();
  if (value !== 'true' && value !== 'false') throw new PropertiesError(`the property ${key} must be true or false, not "${value}"`);
  return value === 'true';
}

function alarmPolicy(raw: Raw, key: string): AlarmPolicy | undefined {
  const value = text(raw, key, '');
  if (value === '') return undefined;
  if (value !== 'FAIL' && value !== 'WAIT' && value !== 'PROCEED') throw new PropertiesError(`the property ${key} must be FAIL, WAIT or PROCEED, not "${value}"`);
  return value;
}

function tags(raw: Raw): DaemonProperties['Tags'] {
  const value = raw['Tags'] ?? [];
  if (!Array.isArray(value)) throw new PropertiesError('the property Tags must be a list');
  return value.map((tag: Raw | null) => {
    if (typeof tag !== 'object' || tag === null) throw new PropertiesError('the property Tags must be a list of objects with key and value');
    return { key: required(tag, 'key'), value: text(tag, 'value', '') };
  });
}
