import { Annotations, aws_iam as iam, CfnResource, Stack, type aws_ecs as ecs } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { providerOfApp } from '../capacity-provider/auto-scaling-providers';
import type { DaemonCapacityProvider } from '../capacity-provider/daemon-capacity-provider';
import { referencesIn } from '../custom-resources/resource-graph';

const infrastructurePolicy = 'AmazonECSInfrastructureRolePolicyForManagedInstances';

/** That policy allows `iam:PassRole` on `role/ecsInstanceRole*` only. */
const passedPrefix = '/ecsInstanceRole';

/** What a text renders as that is not known at synth. */
type Rendered = string | object | undefined;

/** As an app states it that overrides nothing. */
interface Settings {
  readonly infrastructureRoleArn: string;
  readonly instanceLaunchTemplate: ecs.CfnCapacityProvider.InstanceLaunchTemplateProperty;
}

interface Statement {
  readonly Effect?: unknown;
  readonly Action?: string | string[];
  readonly NotAction?: unknown;
}

/** Annotates a daemon on a capacity provider of this app that can start no instance, because its role cannot pass that of the instances. */
export function warnOfUnpassableInstanceRole(daemon: IConstruct, { capacityProviderArn, _label: label }: DaemonCapacityProvider): void {
  const provider = providerOfApp(daemon, capacityProviderArn);
  const { infrastructureRoleArn, instanceLaunchTemplate } = (provider?.managedInstancesProvider ?? {}) as Partial<Settings>;
  const [infrastructureRole] = referencesIn(daemon, infrastructureRoleArn).filter(isRole);
  const [profile] = referencesIn(daemon, instanceLaunchTemplate?.ec2InstanceProfileArn).filter(isInstanceProfile);
  if (infrastructureRole === undefined || profile === undefined) {
    return;
  }
  const unpassable = profile.roles.find((role) => !mayBePassed(profile, role));
  if (unpassable !== undefined && passesByPolicyOnly(infrastructureRole)) {
    Annotations.of(daemon).addWarningV2(
      'cdk-ecs-managed-daemons:unpassableInstanceRole',
      `the capacity provider ${JSON.stringify(label)} may start no instance: by ${infrastructurePolicy}, its infrastructure role passes only roles`
      + ` whose name begins with ecsInstanceRole, but the instance profile ${JSON.stringify(profile.node.path)} has another role; set the roleName of`
      + ' that role to one with this prefix, or call its grantPassRole() with the infrastructure role',
    );
  }
}

/** Whether the ARN of a role begins as the managed policy demands, as far as synth can tell. */
function mayBePassed(profile: iam.CfnInstanceProfile, roleName: string): boolean {
  const [role] = referencesIn(profile, roleName).filter(isRole);
  const name = role === undefined ? beginningOf(profile, roleName) : beginningOf(role, role.roleName) ?? generatedPrefix(role);
  const path = role === undefined ? '/' : beginningOf(role, role.path) ?? '/';
  return typeof name !== 'string' || typeof path !== 'string' || `${path}${name}`.startsWith(passedPrefix);
}

/** The literal text that a value begins with; an object if it begins with what only the deployment knows. */
function beginningOf(scope: IConstruct, value: string | undefined): Rendered {
  const rendered = Stack.of(scope).resolve(value) as Rendered;
  const joined = (rendered as { 'Fn::Join'?: [string, Rendered[]] } | undefined)?.['Fn::Join']?.[1][0];
  return joined ?? rendered;
}

/** CloudFormation begins the name of a role with that of the stack. */
function generatedPrefix(role: iam.CfnRole): Rendered {
  let stack = Stack.of(role);
  while (stack.nestedStackParent !== undefined) {
    stack = stack.nestedStackParent;
  }
  return beginningOf(stack, stack.stackName);
}

/** Whether a role has the managed policy, no other one, and no statement of its own that passes roles. */
function passesByPolicyOnly(role: iam.CfnRole): boolean {
  const managed = Stack.of(role).resolve(role.managedPolicyArns ?? []) as unknown[];
  const inline = Stack.of(role).resolve(role.policies ?? []) as { policyDocument: unknown }[];
  return managed.length === 1 && JSON.stringify(managed).includes(`/${infrastructurePolicy}"`)
    && !inline.some(({ policyDocument }) => passesRoles(policyDocument))
    && !role.node.root.node.findAll().some((construct) => mayLetPassRoles(construct, role));
}

/** Whether a construct is a policy of a role with a statement that passes roles, or any managed policy of it. */
function mayLetPassRoles(construct: IConstruct, role: iam.CfnRole): boolean {
  if (isOfType<iam.CfnManagedPolicy>(construct, iam.CfnManagedPolicy.CFN_RESOURCE_TYPE_NAME)) {
    return referencesIn(construct, construct.roles).includes(role);
  }
  return isOfType<iam.CfnPolicy>(construct, iam.CfnPolicy.CFN_RESOURCE_TYPE_NAME)
    && referencesIn(construct, construct.roles).includes(role) && passesRoles(Stack.of(construct).resolve(construct.policyDocument));
}

function passesRoles(policyDocument: unknown): boolean {
  const statements = [(policyDocument as { Statement?: Statement | Statement[] }).Statement ?? []].flat();
  return statements.some(({ Effect, Action, NotAction }) =>
    Effect === 'Allow' && (NotAction !== undefined || [Action ?? []].flat().some((action) => /^(\*|iam:(\*|pass.*))$/i.test(action))));
}

const isRole = (construct: IConstruct): construct is iam.CfnRole => isOfType(construct, iam.CfnRole.CFN_RESOURCE_TYPE_NAME);

const isInstanceProfile = (construct: IConstruct): construct is iam.CfnInstanceProfile =>
  isOfType(construct, iam.CfnInstanceProfile.CFN_RESOURCE_TYPE_NAME);

function isOfType<Resource extends CfnResource>(construct: IConstruct, type: string): construct is Resource {
  return CfnResource.isCfnResource(construct) && construct.cfnResourceType === type;
}
