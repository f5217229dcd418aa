import {
  Stack, Token, type aws_cloudwatch as cloudwatch, type aws_ecs as ecs, type aws_iam as iam, type Duration, type IResource,
  type ResourceEnvironment,
} from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { capacityProviderIdentity } from '../naming/token-identity';
import type { DaemonCapacityProvider } from '../capacity-provider/daemon-capacity-provider';
import { checkOptionalList } from '../validation/class-validation';
import { checkAlarmArn } from './daemon-references';
import { checkRole } from '../validation/role-validation';
import { DaemonTaskDefinition } from '../task-definition/daemon-task-definition';
import { rolesOf } from '../provider/pass-role-policy';
import { longestRolloutMinutes } from '../custom-resources/rollout-estimate';
import { checkTags, mostTags } from '../validation/tag-validation';

const longestBakeMinutes = 1440;

/** The API accepts 0 to 100, the guide names 1 to 100: both accept 1 to 100 (R29). */
export function checkDrainPercent(drainPercent: number): string | undefined {
  return Token.isUnresolved(drainPercent) || (drainPercent >= 1 && drainPercent <= 100)
    ? undefined
    : `drainPercent must be from 1 to 100, got: ${drainPercent}`;
}

/** ECS bakes for whole minutes, at most a day (R30). */
export function checkBakeTime(bakeTime: Duration): string | undefined {
  if (bakeTime.isUnresolved()) {
    return undefined;
  }
  const minutes = bakeTime.toMinutes({ integral: false });
  return Number.isInteger(minutes) && minutes >= 0 && minutes <= longestBakeMinutes
    ? undefined
    : `bakeTime must be a whole number of minutes from 0 to ${longestBakeMinutes}, got: ${bakeTime.toHumanString()}`;
}

/** As many gates are in the template as the timeout needs: so it must be known when that is made. */
export function checkTimeout(timeout: Duration | undefined): string | undefined {
  if (timeout === undefined) {
    return undefined;
  }
  if (timeout.isUnresolved()) {
    return 'timeout must be known at synth, because the gates that hold the stack for so long are in the template, got: a value that is known'
      + ' only at deployment';
  }
  const minutes = timeout.toMinutes({ integral: false });
  return Number.isInteger(minutes) && minutes >= 1 && minutes <= longestRolloutMinutes
    ? undefined
    : `timeout must be a whole number of minutes from 1 to ${longestRolloutMinutes}, got: ${timeout.toHumanString()}`;
}

/** Lists what is wrong with a list of capacity providers; the scope resolves what their ARNs are made of. */
export function checkCapacityProviders(scope: IConstruct, capacityProviders: DaemonCapacityProvider[]): string[] {
  if (capacityProviders.length === 0) {
    return ['capacityProviders must have at least one entry, got: []'];
  }
  if (capacityProviders.length === 1) {
    return [];
  }
  const identities = capacityProviders.map((provider) => capacityProviderIdentity(scope, provider.capacityProviderArn));
  return capacityProviders
    .filter((_, index) => identities.indexOf(identities[index]) !== index)
    .map((provider) => `capacityProviders must name each capacity provider once, got more than once: ${JSON.stringify(provider._label)}`);
}

/** Lists what is wrong with deployment alarms; ECS watches those of its own account and Region only (A13). */
export function checkAlarms(place: ResourceEnvironment, alarms: cloudwatch.IAlarmRef[] = []): string[] {
  const { account, region } = place;
  const classes = checkOptionalList('alarms', 'an alarm, as of cloudwatch.Alarm.fromAlarmName()', 'alarmRef', alarms)
    .filter((problem) => problem !== undefined);
  if (classes.length > 0) {
    return classes;
  }
  const differs = (one: string, other: string): boolean => !Token.isUnresolved(one) && !Token.isUnresolved(other) && one !== other;
  return alarms.map((alarm) => {
    const { node, env } = alarm;
    return !differs(env.account, account) && !differs(env.region, region) ? checkAlarmArn(place, alarm) : `alarms must be in the account ${account} and the Region ${region} of the daemon`
      + `, got: ${JSON.stringify(node.path)} in ${env.account}, ${env.region}`;
  }).filter((problem) => problem !== undefined);
}

/** Leaving alarms out says that there are none; an empty list is more likely a mistake. */
export function checkAlarmsGiven(alarms: cloudwatch.IAlarmRef[] | undefined): string | undefined {
  return alarms?.length === 0 ? 'alarms must have at least one entry when given, got: []' : undefined;
}

/** A rollout can pass only known roles (R53): neither a bare reference nor an ARN includes them. */
export function checkRoles(taskDefinition: ecs.IDaemonTaskDefinitionRef, passedRoles: iam.IRole[] | undefined): string | undefined {
  return rolesOf(taskDefinition) !== undefined || passedRoles !== undefined
    ? undefined
    : 'daemonTaskDefinition must tell the roles that a rollout passes to ECS, got a reference without them:'
      + ` ${JSON.stringify(taskDefinition.node.path)}; use DaemonTaskDefinition.fromDaemonTaskDefinitionAttributes({ taskRole, executionRole }),`
      + ' or list the roles in passedRoles';
}

/** The roles of an imported task definition, which nothing else has judged. */
export function checkImportedRoles(scope: IResource, taskDefinition: ecs.IDaemonTaskDefinitionRef): (string | undefined)[] {
  return (rolesOf(taskDefinition) ?? []).map((role) => checkRole(scope, 'each role of daemonTaskDefinition', role));
}

/** Stacks that are nested in each other are deployed together, and hand a new ARN on. */
export function checkStack(daemon: IConstruct, taskDefinition: ecs.IDaemonTaskDefinitionRef): string | undefined {
  return !DaemonTaskDefinition.isDaemonTaskDefinition(taskDefinition) || outermostStack(daemon) === outermostStack(taskDefinition)
    ? undefined
    : `daemonTaskDefinition must be defined in the stack of the daemon, got: ${JSON.stringify(taskDefinition.node.path)} in the stack`
      + ` ${JSON.stringify(Stack.of(taskDefinition).node.path)}; each edit of a task definition makes a new ARN, and an ARN that another stack`
      + ' imports cannot change: define the task definition beside the daemon';
}

function outermostStack(construct: IConstruct): Stack {
  const stack = Stack.of(construct);
  return stack.nestedStackParent === undefined ? stack : outermostStack(stack.nestedStackParent);
}

/** The rollback of a nested stack that was made is, to the stack itself, an ordinary deletion. */
export function checkAdoption(daemon: IConstruct, adoptExisting: boolean): string | undefined {
  return adoptExisting && Stack.of(daemon).nested
    ? 'adoptExisting must not be true in a nested stack, whose deletion does not tell whether its daemons are to be released'
    : undefined;
}

/** How many tags of ours a daemon has: two name its owner, and adoption adds up to three. */
const ownTags = { owner: 2, ownerAndAdoption: 5 };

/** Lists what ECS would refuse in the tags of a daemon, and what is reserved for us; tags of ours only take room. */
export function checkDaemonTags(tags: Record<string, string>, adoptExisting: boolean, ownTagKeys: string[]): string[] {
  const most = mostTags - (adoptExisting ? ownTags.ownerAndAdoption : ownTags.owner) - ownTagKeys.length;
  const others = [
    adoptExisting ? 'those that tell of its owner and its adoption' : 'the two that name its owner',
    ...ownTagKeys.length > 0 ? ['those that name its wave and its target'] : [],
  ];
  return checkTags(Object.fromEntries(Object.entries(tags).filter(([key]) => !ownTagKeys.includes(key))), {
    limit: `a daemon can have at most ${most} tags, those of its stack included, beside ${others.join(' and ')}`,
    mostTags: most,
    reservedPrefixes: ['aws:', 'cdk-ecs-managed-daemons:'],
  });
}
