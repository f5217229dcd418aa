import { App, Aws, aws_ec2 as ec2, aws_ecs as ecs, aws_iam as iam } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { DaemonCapacityProvider } from '../../lib';
import { StackWithDaemon } from './stack-with-daemon';

const infrastructurePolicy = 'AmazonECSInfrastructureRolePolicyForManagedInstances';
const warning = Match.stringLikeRegexp(`"Stack/Own" may start no instance: by ${infrastructurePolicy}, its infrastructure role passes only roles`
  + ' whose name begins with ecsInstanceRole, but the instance profile "Stack/Profile.*" has another role');

let stack: StackWithDaemon;

beforeEach(() => {
  stack = new StackWithDaemon();
});

/** A daemon on a capacity provider with an instance profile of the user's own. */
function addDaemonOn(ec2InstanceProfile: iam.IInstanceProfile, infrastructureRole?: iam.IRole): ecs.ManagedInstancesCapacityProvider {
  const instances = new ecs.ManagedInstancesCapacityProvider(stack, 'Own', {
    subnets: stack.cluster.vpc.privateSubnets,
    securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-0123456789abcdef0')],
    ec2InstanceProfile,
    infrastructureRole,
  });
  stack.cluster.addManagedInstancesCapacityProvider(instances);
  stack.addDaemon('Daemon', { capacityProviders: [DaemonCapacityProvider.fromManagedInstances(instances)] });
  return instances;
}

const profileOf = (role: iam.IRole): iam.InstanceProfile => new iam.InstanceProfile(stack, 'Profile', { role });

const instanceRole = (props: Partial<iam.RoleProps> = {}): iam.Role =>
  new iam.Role(stack, 'InstanceRole', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'), ...props });

const infrastructureRole = (...managedPolicies: string[]): iam.Role => new iam.Role(stack, 'InfrastructureRole', {
  assumedBy: new iam.ServicePrincipal('ecs.amazonaws.com'),
  managedPolicies: managedPolicies.map((name) => iam.ManagedPolicy.fromAwsManagedPolicyName(name)),
});

const expectWarning = (): void => Annotations.fromStack(stack).hasWarning('/Stack/Daemon', warning);
const expectNoWarning = (): void => Annotations.fromStack(stack).hasNoWarning('/Stack/Daemon', Match.stringLikeRegexp('may start no instance'));

describe('an instance role that the managed policy of the infrastructure role does not pass', () => {
  test.each<[string, () => iam.IRole]>([
    ['without a name', () => instanceRole()],
    ['with a name of another prefix', () => instanceRole({ roleName: 'agents' })],
    ['with the prefix behind a path', () => instanceRole({ roleName: 'ecsInstanceRole', path: '/agents/' })],
    ['with a name that begins otherwise and ends with a token', () => instanceRole({ roleName: `agents-${Aws.REGION}` })],
    ['that was imported by its name', () => iam.Role.fromRoleName(stack, 'InstanceRole', 'agents')],
  ])('causes a warning if it is %s', (_, role) => {
    addDaemonOn(profileOf(role()));

    expectWarning();
  });

  test('causes a warning with a user\'s infrastructure role with only the managed policy', () => {
    addDaemonOn(profileOf(instanceRole()), infrastructureRole(infrastructurePolicy));

    expectWarning();
  });

  test('causes a warning if the infrastructure role has a statement that passes no role', () => {
    const role = infrastructureRole(infrastructurePolicy);
    role.addToPolicy(new iam.PolicyStatement({ actions: ['ec2:CreateTags'], resources: ['*'] }));
    addDaemonOn(profileOf(instanceRole()), role);

    expectWarning();
  });

  test('causes a warning if all resources are L1s', () => {
    const profile = new iam.CfnInstanceProfile(stack, 'Profile', { roles: ['agents'] });
    const provider = new ecs.CfnCapacityProvider(stack, 'Own', { name: 'own', managedInstancesProvider: {
      infrastructureRoleArn: infrastructureRole(infrastructurePolicy).roleArn,
      instanceLaunchTemplate: { ec2InstanceProfileArn: profile.attrArn, networkConfiguration: { subnets: ['subnet-1'], securityGroups: ['sg-1'] } },
    } });
    stack.addDaemon('Daemon', { capacityProviders: [DaemonCapacityProvider.fromCapacityProvider(provider)] });

    expectWarning();
  });
});

describe('an instance role that can be passed, or may be', () => {
  test.each<[string, () => iam.IRole]>([
    ['has the prefix', () => instanceRole({ roleName: 'ecsInstanceRoleOfAgents' })],
    ['has the prefix before a token', () => instanceRole({ roleName: `ecsInstanceRole${Aws.REGION}` })],
    ['begins with a token', () => instanceRole({ roleName: `${Aws.REGION}-agents` })],
    ['was imported with the prefix', () => iam.Role.fromRoleName(stack, 'InstanceRole', 'ecsInstanceRole')],
  ])('causes no warning if its name %s', (_, role) => {
    addDaemonOn(profileOf(role()));

    expectNoWarning();
  });

  test('causes no warning if CloudFormation names it after a stack with the prefix', () => {
    stack = new StackWithDaemon(new App(), 'Stack', { stackName: 'ecsInstanceRoles' });
    addDaemonOn(profileOf(instanceRole()));

    expectNoWarning();
  });

  test('causes no warning if aws-ecs creates it', () => {
    stack.addDaemon();

    expectNoWarning();
  });

  test('causes no warning if its instance profile is imported', () => {
    addDaemonOn(iam.InstanceProfile.fromInstanceProfileName(stack, 'Profile', 'agents'));

    expectNoWarning();
  });

  test('causes no warning if the infrastructure role is imported', () => {
    addDaemonOn(profileOf(instanceRole()), iam.Role.fromRoleName(stack, 'InfrastructureRole', 'infrastructure'));

    expectNoWarning();
  });

  test('causes no warning if the infrastructure role has another managed policy', () => {
    addDaemonOn(profileOf(instanceRole()), infrastructureRole(infrastructurePolicy, 'IAMFullAccess'));

    expectNoWarning();
  });

  test('causes no warning if a managed policy of the app is attached to the infrastructure role', () => {
    const role = infrastructureRole(infrastructurePolicy);
    new iam.ManagedPolicy(stack, 'Policy', { roles: [role], statements: [new iam.PolicyStatement({ actions: ['ec2:CreateTags'], resources: ['*'] })] });
    addDaemonOn(profileOf(instanceRole()), role);

    expectNoWarning();
  });

  test('causes no warning if the instance role grants the infrastructure role to pass it', () => {
    const role = instanceRole();
    role.grantPassRole(addDaemonOn(profileOf(role)).infrastructureRole);

    expectNoWarning();
  });

  test('causes no warning if an inline policy of the infrastructure role passes it', () => {
    const role = new iam.Role(stack, 'InfrastructureRole', {
      assumedBy: new iam.ServicePrincipal('ecs.amazonaws.com'),
      managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName(infrastructurePolicy)],
      inlinePolicies: { Pass: new iam.PolicyDocument({ statements: [new iam.PolicyStatement({ actions: ['iam:PassRole'], resources: ['*'] })] }) },
    });
    addDaemonOn(profileOf(instanceRole()), role);

    expectNoWarning();
  });
});
