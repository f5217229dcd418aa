import { aws_ecs as ecs, aws_iam as iam } from 'aws-cdk-lib';

/** Gives others rights on a daemon task definition. */
export class DaemonTaskDefinitionGrants {
  /** The rights on any daemon task definition, an L1 too. */
  public static fromDaemonTaskDefinition(daemonTaskDefinition: ecs.IDaemonTaskDefinitionRef): DaemonTaskDefinitionGrants {
    return new DaemonTaskDefinitionGrants(daemonTaskDefinition);
  }

  private constructor(private readonly daemonTaskDefinition: ecs.IDaemonTaskDefinitionRef) {}

  /**
   * Gives a principal the right to read this revision: `ecs:DescribeDaemonTaskDefinition`.
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
