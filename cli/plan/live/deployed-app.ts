import type { Template } from '../../../sandbox/cloudformation/template/template';
import type { AssemblyStack } from '../assembly';
import type { ReadFleet } from '../options';
import type { Pace } from './pace';
import type { Counted } from './counted';

/** A stack as it is deployed in the account. */
export interface LiveStack {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly template: Template;
  readonly parameters: readonly LiveParameter[];
  readonly tags: Readonly<Record<string, string>>;
  readonly resources: ReadonlyMap<string, LiveResource>;
}

export interface LiveParameter {
  readonly key: string;
  readonly value: string;
  /** Of a parameter that is looked up in the parameter store. */
  readonly resolved?: string;
}

export interface LiveResource {
  readonly type: string;
  readonly physicalId: string;
}

/** The settings of a daemon, with the names of the custom resource's properties. */
export interface LiveSettings {
  readonly DaemonTaskDefinitionArn: string;
  readonly CapacityProviderArns: readonly string[];
  readonly PropagateTags: string;
  readonly EnableECSManagedTags: boolean;
  readonly EnableExecuteCommand: boolean;
  readonly Critical: boolean;
  readonly DrainPercent: number;
  readonly BakeTimeInMinutes: number;
  readonly AlarmNames: readonly string[];
}

/** A daemon on capacity providers of the app. */
export interface LiveDaemon {
  readonly daemonArn: string;
  readonly clusterArn: string;
  readonly settings: LiveSettings;
  /** Of a deployment that is in progress: instances that run its target. */
  readonly inProgress?: { readonly running: number };
  /** By the name of the capacity provider. */
  readonly instances: Readonly<Record<string, Counted>>;
  /** Of a daemon of the app. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** What an account has of an app in one Region. */
export interface DeployedApp {
  readonly account: string;
  readonly region: string;
  readonly stacks: ReadonlyMap<string, LiveStack>;
  readonly exports: Readonly<Record<string, string>>;
  /** Those of the app and others on its capacity providers, by ARN. */
  readonly daemons: ReadonlyMap<string, LiveDaemon>;
  /** Alarms that do not exist are absent. */
  readonly alarms: ReadonlyMap<string, { readonly state: string; readonly reason: string }>;
  readonly fleets: readonly ReadFleet[];
  /** The task definitions that daemons run and no template of the account has, by ARN. */
  readonly taskDefinitions: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  readonly pace?: Pace;
}

/** Whether CloudFormation accepts an update of a stack now. */
export const isUpdatable = (status: string): boolean =>
  /^(CREATE|UPDATE|IMPORT)_COMPLETE$|^(UPDATE|IMPORT)_ROLLBACK_COMPLETE$|^UPDATE_FAILED$/.test(status);

/** One that `cdk deploy` creates: it exists only as a failed creation, or as a change set. */
export const isToBeCreated = (status: string): boolean => /^ROLLBACK_COMPLETE$|^REVIEW_IN_PROGRESS$/.test(status);

/** The stack of an assembly as it is deployed. */
export function asAssemblyStack(live: LiveStack, planned: AssemblyStack): AssemblyStack {
  const { template, tags, parameters } = live;
  return { ...planned, template, tags, parameters: Object.fromEntries(parameters.map(({ key, value }) => [key, value])) };
}
