import { aws_ecs as ecs, CfnResource, Stack, Token } from 'aws-cdk-lib';
import { Construct, type IConstruct } from 'constructs';
import { checkNoAutoScalingGroup } from './auto-scaling-providers';
import { checkName } from '../naming/names';
import { isObjectWith, shown } from '../validation/class-validation';
import { refuse, ValidationError } from '../validation/validation-error';

/**
 * A capacity provider whose instances run a daemon.
 *
 * Daemons run on Amazon ECS Managed Instances only. The capacity provider must belong to the daemon's cluster.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ManagedInstances.html
 */
export class DaemonCapacityProvider {
  /** A capacity provider of this app. Add it to the cluster with `cluster.addManagedInstancesCapacityProvider()`. */
  public static fromManagedInstances(capacityProvider: ecs.ManagedInstancesCapacityProvider): DaemonCapacityProvider {
    if (!isObjectWith('capacityProviderName', capacityProvider) || 'autoScalingGroup' in capacityProvider) {
      throw notOfManagedInstances(capacityProvider);
    }
    const arn = Stack.of(capacityProvider).formatArn({
      service: 'ecs',
      resource: 'capacity-provider',
      resourceName: capacityProvider.capacityProviderName,
    });
    const label = capacityProvider.node.path;
    return new DaemonCapacityProvider(arn, label, (_, cluster) => checkCluster(label, capacityProvider.cluster, cluster));
  }

  /** Any reference to a capacity provider, for example an `ecs.CfnCapacityProvider`. */
  public static fromCapacityProvider(capacityProvider: ecs.ICapacityProviderRef): DaemonCapacityProvider {
    if (!isObjectWith('capacityProviderRef', capacityProvider)) {
      throw notOfManagedInstances(capacityProvider);
    }
    return new DaemonCapacityProvider(ecs.CfnCapacityProvider.arnForCapacityProvider(capacityProvider), capacityProvider.node.path);
  }

  /**
   * A capacity provider of the account and Region of a construct, by its name.
   *
   * Throws for FARGATE and FARGATE_SPOT, where no daemon runs.
   */
  public static fromCapacityProviderName(scope: IConstruct, capacityProviderName: string): DaemonCapacityProvider {
    if (!Construct.isConstruct(scope)) {
      throw new Error(`scope must be a construct, got: ${shown(scope)}`);
    }
    refuse(scope, [checkName('capacityProviderName', capacityProviderName ?? '') ?? (/^FARGATE(_SPOT)?$/.test(capacityProviderName)
      ? `capacityProviderName must be that of a capacity provider of Managed Instances, got: ${JSON.stringify(capacityProviderName)}`
      : undefined)]);
    const arn = Stack.of(scope).formatArn({ service: 'ecs', resource: 'capacity-provider', resourceName: capacityProviderName });
    return new DaemonCapacityProvider(arn, capacityProviderName);
  }

  /** Imports an existing capacity provider. */
  public static fromCapacityProviderArn(capacityProviderArn: string): DaemonCapacityProvider {
    return new DaemonCapacityProvider(capacityProviderArn, capacityProviderArn);
  }

  /** The ARN of the capacity provider. */
  public readonly capacityProviderArn: string;

  /**
   * Lists what is wrong for a daemon of a cluster when nothing more can be added to the app.
   *
   * @internal
   */
  public readonly _validate: (daemon: IConstruct, cluster: ecs.IClusterRef) => (string | undefined)[];

  /**
   * What messages call it.
   *
   * @internal
   */
  public readonly _label: string;

  private constructor(capacityProviderArn: string, label: string, validate?: DaemonCapacityProvider['_validate']) {
    this.capacityProviderArn = capacityProviderArn;
    this._label = label;
    this._validate = validate ?? ((daemon) => [checkNoAutoScalingGroup(daemon, capacityProviderArn, label)]);
  }
}

/** Whoever has no construct to name gets at least words. */
function notOfManagedInstances(value: unknown): Error {
  const problem = `a capacity provider of a daemon must be one of Managed Instances, as an ecs.ManagedInstancesCapacityProvider, got: ${shown(value)}`
    + '; to import an existing one, use fromCapacityProviderName() or fromCapacityProviderArn()';
  return Construct.isConstruct(value) ? new ValidationError(value, problem) : new Error(problem);
}

function checkCluster(label: string, own: ecs.IClusterRef | undefined, wanted: ecs.IClusterRef): string[] {
  if (own === undefined) {
    return [`the capacity provider ${JSON.stringify(label)} must belong to a cluster, got: none (use cluster.addManagedInstancesCapacityProvider)`];
  }
  return areDifferent(own, wanted)
    ? [`the capacity provider ${JSON.stringify(label)} must belong to the cluster ${JSON.stringify(wanted.node.path)} of the daemon`
      + `, got: ${JSON.stringify(own.node.path)}`]
    : [];
}

/** Clusters of this app differ if their resources do; imported ones if their ARNs do; of one of each kind nothing is known. */
function areDifferent(one: ecs.IClusterRef, other: ecs.IClusterRef): boolean {
  const [resource, otherResource] = [one, other].map((cluster) => CfnResource.isCfnResource(cluster) ? cluster : cluster.node.defaultChild);
  if (resource !== undefined && otherResource !== undefined) {
    return resource !== otherResource;
  }
  const [arn, otherArn] = [one, other].map((cluster) => cluster.clusterRef.clusterArn);
  return !Token.isUnresolved(arn) && !Token.isUnresolved(otherArn) && arn !== otherArn;
}
