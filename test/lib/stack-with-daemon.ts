import { App, aws_ec2 as ec2, aws_ecs as ecs, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import {
  DaemonCapacityProvider, DaemonTaskDefinition, ManagedDaemon, type DaemonTaskDefinitionProps, type ManagedDaemonProps,
} from '../../lib';

export const image = ecs.ContainerImage.fromRegistry('public.ecr.aws/cloudwatch-agent/cloudwatch-agent:1.300');

/** A stack with a cluster and a capacity provider, to which a test adds daemons. */
export class StackWithDaemon extends Stack {
  public readonly cluster: ecs.Cluster;
  public readonly instances: ecs.ManagedInstancesCapacityProvider;

  constructor(scope: Construct = new App(), id = 'Stack', props?: StackProps) {
    super(scope, id, props);
    const vpc = ec2.Vpc.fromVpcAttributes(this, 'Vpc', {
      vpcId: 'vpc-0123456789abcdef0', availabilityZones: ['a'], privateSubnetIds: ['subnet-0123456789abcdef0'], privateSubnetRouteTableIds: ['rtb-0123456789abcdef0'],
    });
    this.cluster = new ecs.Cluster(this, 'Cluster', { vpc });
    this.instances = this.addInstances('Instances');
    this.cluster.addManagedInstancesCapacityProvider(this.instances);
  }

  /** A capacity provider that belongs to no cluster yet. */
  public addInstances(id: string): ecs.ManagedInstancesCapacityProvider {
    return new ecs.ManagedInstancesCapacityProvider(this, id, {
      subnets: this.cluster.vpc.privateSubnets,
      securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(this, `${id}SecurityGroup`, 'sg-0123456789abcdef0')],
    });
  }

  /** A task definition with one container that breaks no rule. */
  public addTaskDefinition(id = 'TaskDefinition', props: DaemonTaskDefinitionProps = {}): DaemonTaskDefinition {
    const taskDefinition = new DaemonTaskDefinition(this, id, props);
    taskDefinition.addContainer('agent', { image, memoryLimitMiB: 512 });
    return taskDefinition;
  }

  public addDaemon(id = 'Daemon', props: Partial<ManagedDaemonProps> = {}): ManagedDaemon {
    return new ManagedDaemon(this, id, {
      cluster: this.cluster,
      capacityProviders: [DaemonCapacityProvider.fromManagedInstances(this.instances)],
      daemonTaskDefinition: props.daemonTaskDefinition ?? this.addTaskDefinition(`${id}TaskDefinition`),
      ...props,
    });
  }
}
