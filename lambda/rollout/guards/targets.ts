import { lastPartOf } from '../../arn';
import { secondsSince, SETTLING_SECONDS } from '../../timing';
import { canFinish } from './time-left';
import type { ObservedCapacityProvider, ObservedTargets } from '../observation';
import type { Rollout } from '../rollout';

/** What the capacity providers and the task definition mean for the write; undefined if nothing is wrong with them. */
export type TargetTrouble =
  | { readonly kind: 'refuse'; readonly sentence: string }
  | { readonly kind: 'wait'; readonly what: string };

/** Types of capacity providers on which daemons do not run (R43). */
const OTHER_TYPES: readonly string[] = ['EC2_AUTOSCALING', 'FARGATE', 'FARGATE_SPOT'];
/** Of a capacity provider or a daemon task definition that will not be ACTIVE any more. */
const LAST_STATUSES: readonly string[] = ['DEPROVISIONING', 'INACTIVE', 'DELETE_IN_PROGRESS', 'DELETED'];

/** Only ACTIVE providers of Managed Instances can be used (R43), and only an ACTIVE task definition (R51). */
export function judgeTargets(targets: ObservedTargets, now: number, rollout: Rollout): TargetTrouble | undefined {
  const { capacityProviders, taskDefinitionStatus } = targets;
  const { ClusterArn, CapacityProviderArns, DaemonTaskDefinitionArn } = rollout.desired;
  if (capacityProviders === 'no-cluster') return absent(`the cluster ${lastPartOf(ClusterArn)}`, now, rollout);
  const troubles = [
    ...CapacityProviderArns.map((arn) => judgeProvider(arn, capacityProviders.find((provider) => provider.arn === arn), now, rollout)),
    judgeTaskDefinition(DaemonTaskDefinitionArn, taskDefinitionStatus, now, rollout),
  ].filter((trouble) => trouble !== undefined);
  return troubles.find(({ kind }) => kind === 'refuse') ?? troubles[0];
}

function judgeProvider(
  arn: string, provider: ObservedCapacityProvider | undefined, now: number, rollout: Rollout,
): TargetTrouble | undefined {
  const named = `the capacity provider ${lastPartOf(arn)}`;
  if (!provider) return absent(`${named} of the cluster ${lastPartOf(rollout.desired.ClusterArn)}`, now, rollout);
  const { status, type } = provider;
  if (OTHER_TYPES.includes(type)) return refuse(`${named} is of the type ${type}, but daemons run on MANAGED_INSTANCES only`);
  if (status === 'ACTIVE') return undefined;
  return notActive(named, status, now, rollout);
}

function judgeTaskDefinition(arn: string, status: string, now: number, rollout: Rollout): TargetTrouble | undefined {
  const named = `the daemon task definition ${lastPartOf(arn)}`;
  if (status === 'ACTIVE') return undefined;
  return status === 'ABSENT' ? absent(named, now, rollout) : notActive(named, status, now, rollout);
}

/** Lists the capacity providers on which a critical daemon does not get what it is for: a new instance when it fails (R60). */
export function withoutAutoRepair({ capacityProviders }: ObservedTargets, { desired }: Rollout): string[] {
  if (!desired.Critical || capacityProviders === 'no-cluster') return [];
  return capacityProviders.filter(({ autoRepair }) => autoRepair === 'DISABLED').map(({ arn }) =>
    `auto repair is DISABLED for the capacity provider ${lastPartOf(arn)}: ECS replaces no instance on which this critical daemon fails`);
}

/** A status that is not one of the documented last ones is waited for, be it new to us (A38). */
const notActive = (named: string, status: string, now: number, rollout: Rollout): TargetTrouble =>
  !LAST_STATUSES.includes(status) && canFinish(rollout, now) ? { kind: 'wait', what: `${named}, which is ${status}, to be ACTIVE` }
    : refuse(`${named} is ${status} instead of ACTIVE`);

/** What was made in the same deployment may not be visible yet (R41, R42). */
const absent = (named: string, now: number, { startedAt }: Rollout): TargetTrouble =>
  secondsSince(startedAt, now) < SETTLING_SECONDS ? { kind: 'wait', what: `${named}, which is not visible yet, to appear` }
    : refuse(`${named} does not exist`);

const refuse = (sentence: string): TargetTrouble => ({ kind: 'refuse', sentence });
