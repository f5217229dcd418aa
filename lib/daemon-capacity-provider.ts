import { aws_ecs as ecs, Stack } from 'aws-cdk-lib';

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
    const arn = Stack.of(capacityProvider).formatArn({
      service: 'ecs',
      resource: 'capacity-provider',
      resourceName: capacityProvider.capacityProviderName,
    });
    const label = capacityProvider.node.path;
    return new DaemonCapacityProvider(arn, label, () => capacityProvider.cluster === undefined
      ? [`the capacity provider ${JSON.stringify(label)} must belong to a cluster, got: none (use cluster.addManagedInstancesCapacityProvider)`]
      : []);
  }

  /** Any reference to a capacity provider, for example an `ecs.CfnCapacityProvider`. */
  public static fromCapacityProvider(capacityProvider: ecs.ICapacityProviderRef): DaemonCapacityProvider {
    return new DaemonCapacityProvider(ecs.CfnCapacityProvider.arnForCapacityProvider(capacityProvider), capacityProvider.node.path);
  }

  /** A capacity provider that was made elsewhere. */
  public static fromCapacityProviderArn(capacityProviderArn: string): DaemonCapacityProvider {
    return new DaemonCapacityProvider(capacityProviderArn, capacityProviderArn);
  }

  /** The ARN of the capacity provider. */
  public readonly capacityProviderArn: string;

  /**
   * Lists what is wrong when nothing more can be added to the app.
   *
   * @internal
   */
  public readonly _validate: () => string[];

  /**
   * What messages call it.
   *
   * @internal
   */
  public readonly _label: string;

  private constructor(capacityProviderArn: string, label: string, validate: () => string[] = () => []) {
    this.capacityProviderArn = capacityProviderArn;
    this._label = label;
    this._validate = validate;
  }
}
