import type { aws_ecs as ecs } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** A container of a daemon task definition. */
export interface IDaemonContainerDefinition extends IConstruct {
  /** The name of the container. */
  readonly containerName: string;
}

/**
 * A container that another one waits for when a daemon task starts. When it stops, the order is reversed.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html
 */
export interface DaemonContainerDependency {
  /** The container that is waited for: another one of the same task definition. */
  readonly container: IDaemonContainerDefinition;

  /**
   * The state in which it must be.
   *
   * HEALTHY needs a container with a health check, COMPLETE and SUCCESS one that is not essential: synth fails otherwise.
   *
   * @default ContainerDependencyCondition.HEALTHY
   */
  readonly condition?: ecs.ContainerDependencyCondition;
}
