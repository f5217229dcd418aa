import { Annotations, CfnDeletionPolicy, type CfnResource } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

const undone = 'because something else has set the removal policy; exclude';

/** Annotates a task definition whose older revisions something else, such as `RemovalPolicies`, has marked for deletion. */
export function warnOfDeletedRevisions(taskDefinition: IConstruct, resource: CfnResource): void {
  if (!isRetained(resource.cfnOptions.updateReplacePolicy)) {
    Annotations.of(taskDefinition).addWarningV2(
      'cdk-ecs-managed-daemons:oldRevisionsDeleted',
      `older revisions are deleted although retainOldRevisions is true, ${undone}`
      + ' AWS::ECS::DaemonTaskDefinition from RemovalPolicies, or set retainOldRevisions to false',
    );
  }
}

/** Annotates a daemon that was to be retained, and that something else has marked for deletion. */
export function warnOfDeletedDaemon(daemon: IConstruct, resource: CfnResource): void {
  if (isDeleted(resource)) {
    Annotations.of(daemon).addWarningV2(
      'cdk-ecs-managed-daemons:retainedDaemonDeleted',
      `the daemon is deleted with its resource although its removalPolicy is to retain it, ${undone}`
      + ` ${resource.cfnResourceType} from RemovalPolicies, or set removalPolicy to DESTROY`,
    );
  }
}

/** Annotates a provider whose rollouts lose the version of the function that they run on, once a later deployment changes the function. */
export function warnOfDeletedVersions(provider: IConstruct, version: CfnResource): void {
  if (isDeleted(version)) {
    Annotations.of(provider).addWarningV2(
      'cdk-ecs-managed-daemons:functionVersionsDeleted',
      `a deployment that changes the rollout function deletes the version that running rollouts need, ${undone}`
      + ` ${version.cfnResourceType} from RemovalPolicies`,
    );
  }
}

const isDeleted = ({ cfnOptions: { deletionPolicy, updateReplacePolicy } }: CfnResource): boolean =>
  ![deletionPolicy, updateReplacePolicy].every(isRetained);

const isRetained = (policy: CfnDeletionPolicy | undefined): boolean =>
  policy === CfnDeletionPolicy.RETAIN || policy === CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE;
