import { type aws_ecs as ecs, aws_iam as iam } from 'aws-cdk-lib';
import { DaemonTaskDefinition, type IDaemonTaskDefinition } from '../task-definition/daemon-task-definition';
import { areRolesCustomized } from './policy-text';

/** CDK moves whole statements to a further policy when one gets too long: two of these fit into a managed policy. */
const mostRolesPerStatement = 24;

/** The permission to pass the roles of task definitions to ECS, and no other roles (R53). */
export class PassRolePolicy {
  private readonly passed = new Set<string>();
  private readonly rolesPerStatement: number;
  private statement?: iam.PolicyStatement;

  constructor(private readonly grantee: iam.Role) {
    // CDK's report of policies contains a statement as it is when it is added
    this.rolesPerStatement = areRolesCustomized(grantee) ? 1 : mostRolesPerStatement;
  }

  /** Covers the roles of a task definition, including those that it creates later, and further roles. */
  public cover(taskDefinition: ecs.IDaemonTaskDefinitionRef, roles: iam.IRole[] = []): void {
    if (DaemonTaskDefinition.isDaemonTaskDefinition(taskDefinition)) {
      taskDefinition._onRole((role) => this.pass(role));
    } else {
      rolesOf(taskDefinition)?.forEach((role) => this.pass(role));
    }
    roles.forEach((role) => this.pass(role));
  }

  private pass(role: iam.IRole): void {
    if (this.passed.has(role.roleArn)) {
      return;
    }
    if (this.statement === undefined || this.passed.size % this.rolesPerStatement === 0) {
      this.statement = new iam.PolicyStatement({
        actions: ['iam:PassRole'],
        conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
      });
      this.grant(role);
      this.grantee.addToPrincipalPolicy(this.statement);
    } else {
      this.grant(role);
    }
  }

  private grant(role: iam.IRole): void {
    this.passed.add(role.roleArn);
    this.statement!.addResources(role.roleArn);
  }
}

/** The roles of a task definition; undefined if they are not known, as with a bare reference or an import by ARN. */
export function rolesOf(taskDefinition: ecs.IDaemonTaskDefinitionRef): iam.IRole[] | undefined {
  return isDaemonTaskDefinitionWithRoles(taskDefinition) ? taskDefinition.passedRoles : undefined;
}

function isDaemonTaskDefinitionWithRoles(taskDefinition: ecs.IDaemonTaskDefinitionRef): taskDefinition is IDaemonTaskDefinition {
  return 'passedRoles' in taskDefinition;
}
