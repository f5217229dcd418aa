import { App, aws_cloudwatch as cloudwatch, aws_ec2 as ec2, aws_ecs as ecs, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { PlatformAgent } from './platform-agent';

let stack: Stack;
let cluster: ecs.Cluster;
let instances: ecs.ManagedInstancesCapacityProvider;

beforeEach(() => {
  stack = new Stack(new App(), 'Team');
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-0123456789abcdef0', availabilityZones: ['a'], privateSubnetIds: ['subnet-a'], privateSubnetRouteTableIds: ['rtb-a'],
  });
  cluster = new ecs.Cluster(stack, 'Cluster', { vpc });
  instances = new ecs.ManagedInstancesCapacityProvider(stack, 'Instances', {
    subnets: vpc.privateSubnets,
    securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'SecurityGroup', 'sg-a')],
  });
  cluster.addManagedInstancesCapacityProvider(instances);
});

const addService = (): ecs.FargateService => {
  const taskDefinition = new ecs.TaskDefinition(stack, 'Application', {
    compatibility: ecs.Compatibility.MANAGED_INSTANCES, cpu: '512', memoryMiB: '1024',
  });
  taskDefinition.addContainer('web', { image: ecs.ContainerImage.fromRegistry('example.com/web:1'), memoryLimitMiB: 512 });
  return new ecs.FargateService(stack, 'Service', {
    cluster, taskDefinition, capacityProviderStrategies: [{ capacityProvider: instances.capacityProviderName, weight: 1 }],
  });
};

/** The Lambda functions are those of cdk-ecs-managed-daemons: their hashes change with its version, and are masked here. */
const withoutHashes = (template: Template): object => JSON.parse(JSON.stringify(template.toJSON()).replace(/[0-9a-f]{32,}/g, '<hash>'));

test('the template of a team matches its snapshot', () => {
  new PlatformAgent(stack, 'Agent', { cluster, instances: [instances] });

  expect(withoutHashes(Template.fromStack(stack))).toMatchSnapshot();
});

test('rolls back on its own alarms and on those of the team', () => {
  const errors = cloudwatch.Alarm.fromAlarmName(stack, 'Errors', 'shop-errors');
  new PlatformAgent(stack, 'Agent', { cluster, instances: [instances], alarms: [errors] });

  Template.fromStack(stack).hasResourceProperties('Custom::ECSManagedDaemon', {
    AlarmNames: [{ Ref: Match.stringLikeRegexp('^AgentCpuHigh') }, { Ref: Match.stringLikeRegexp('^AgentMemoryHigh') }, 'shop-errors'],
    BakeTimeInMinutes: 10,
  });
});

test('starts a service after the agent, with the address of the agent in its environment', () => {
  new PlatformAgent(stack, 'Agent', { cluster, instances: [instances] }).serve(addService());

  const template = Template.fromStack(stack);
  template.hasResource('AWS::ECS::Service', { DependsOn: Match.arrayWith([Match.stringLikeRegexp('^AgentDaemon')]) });
  template.hasResourceProperties('AWS::ECS::TaskDefinition', {
    ContainerDefinitions: [Match.objectLike({ Environment: [{ Name: 'DD_AGENT_HOST', Value: '169.254.172.2' }] })],
  });
});

test('causes no warnings in the app of a team', () => {
  new PlatformAgent(stack, 'Agent', { cluster, instances: [instances] });

  Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
});
