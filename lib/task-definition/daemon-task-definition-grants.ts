import { aws_ecs as ecs, aws_iam as iam } from 'aws-cdk-lib';

/** Grants permissions on a daemon task definition. */
export class DaemonTaskDefinitionGrants {
  /** Returns the grants of any daemon task definition, also of an L1. */
  public static fromDaemonTaskDefinition(daemonTaskDefinition: ecs.IDaemonTaskDefinitionRef): DaemonTaskDefinitionGrants {
    return new DaemonTaskDefinitionGrants(daemonTaskDefinition);
  }

  private constructor(private readonly daemonTaskDefinition: ecs.IDaemonTaskDefinitionRef) {}

  /**
   * Grants permission to read this revision: `ecs:DescribeDaemonTaskDefinition`.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeDaemonTaskDefinition.html
   */
  public describe(grantee: iam.IGrantable): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee,
      actions: ['ecs:DescribeDaemonTaskDefinition'],
      resourceArns: [this.daemonTaskDefinition.daemonTaskDefinitionRef.daemonTaskDefinitionArn],
    });
  }
}
