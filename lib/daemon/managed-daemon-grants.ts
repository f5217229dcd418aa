import { Fn, type aws_ecs as ecs, aws_iam as iam } from 'aws-cdk-lib';
import { DaemonTaskDefinition } from '../task-definition/daemon-task-definition';
import { rolesOf } from '../provider/pass-role-policy';

/** Grants permissions on a daemon. */
export class ManagedDaemonGrants {
  /**
   * Returns the grants of any daemon, also of an L1.
   *
   * The roles are those of the task definitions that the daemon may run: to update the daemon, a grantee must be allowed to pass them.
   */
  public static fromDaemon(daemon: ecs.IDaemonRef, ...passedRoles: iam.IRole[]): ManagedDaemonGrants {
    return new ManagedDaemonGrants(daemon.daemonRef.daemonArn, (listener) => passedRoles.forEach(listener));
  }

  /**
   * Returns the grants of a daemon by an ARN without a reference. They include roles that its task definition creates later.
   *
   * @internal
   */
  public static _fromPlainArn(
    plainArn: string, taskDefinition?: ecs.IDaemonTaskDefinitionRef, passedRoles?: iam.IRole[],
  ): ManagedDaemonGrants {
    return new ManagedDaemonGrants(plainArn, (listener) => {
      if (taskDefinition !== undefined && DaemonTaskDefinition.isDaemonTaskDefinition(taskDefinition)) {
        taskDefinition._onRole(listener);
      } else if (taskDefinition !== undefined) {
        rolesOf(taskDefinition)?.forEach(listener);
      }
      passedRoles?.forEach(listener);
    });
  }

  private constructor(private readonly daemonArn: string, private readonly onRole: (listener: (role: iam.IRole) => void) => void) {}

  /**
   * Grants permission to read the daemon, its deployments and its revisions.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeDaemon.html
   */
  public read(grantee: iam.IGrantable): iam.Grant {
    const [place, name] = [0, 1].map((index) => Fn.select(index, Fn.split(':daemon/', this.daemonArn)));
    return iam.Grant.addToPrincipal({
      grantee,
      actions: ['ecs:DescribeDaemon', 'ecs:DescribeDaemonDeployments', 'ecs:DescribeDaemonRevisions', 'ecs:ListDaemonDeployments'],
      // reading a deployment needs permission on the deployment and on its daemon (R54)
      // `*`: ECS creates the ids of deployments and revisions, below the name of this daemon
      resourceArns: [this.daemonArn, `${place}:daemon-deployment/${name}/*`, `${place}:daemon-revision/${name}/*`],
    });
  }

  /**
   * Grants permission to update the daemon: `ecs:UpdateDaemon`, and `iam:PassRole` on the roles of its task definition.
   *
   * The next rollout of the stack reverts manual changes.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateDaemon.html
   */
  public update(grantee: iam.IGrantable): iam.Grant {
    let grant = iam.Grant.addToPrincipal({ grantee, actions: ['ecs:UpdateDaemon'], resourceArns: [this.daemonArn] });
    this.onRole((role) => {
      grant = grant.combine(iam.Grant.addToPrincipal({
        grantee,
        actions: ['iam:PassRole'],
        resourceArns: [role.roleArn],
        conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
      }));
    });
    return grant;
  }
}
