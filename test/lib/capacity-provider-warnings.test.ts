import { aws_ecs as ecs } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { DaemonCapacityProvider } from '../../lib';
import { StackWithDaemon } from './stack-with-daemon';

const warning = Match.stringLikeRegexp('auto repair of the capacity provider ".*" is DISABLED: ECS replaces no instance on which the daemon fails');

let stack: StackWithDaemon;

beforeEach(() => {
  stack = new StackWithDaemon();
});

const overrideAutoRepair = (status: string): void => (stack.instances.node.defaultChild as ecs.CfnCapacityProvider)
  .addPropertyOverride('ManagedInstancesProvider.AutoRepairConfiguration.ActionsStatus', status);

describe('auto repair of a capacity provider of the app', () => {
  test('warns for a critical daemon if it is DISABLED', () => {
    stack.addDaemon();
    overrideAutoRepair('DISABLED');

    Annotations.fromStack(stack).hasWarning('/Stack/Daemon', warning);
  });

  test('warns if the daemon names the capacity provider', () => {
    new ecs.CfnCapacityProvider(stack, 'Named', { name: 'named', managedInstancesProvider: {
      infrastructureRoleArn: 'arn:aws:iam::123456789012:role/infrastructure',
      instanceLaunchTemplate: {
        ec2InstanceProfileArn: 'arn:aws:iam::123456789012:instance-profile/ecsInstanceRole',
        networkConfiguration: { subnets: ['subnet-1'], securityGroups: ['sg-1'] },
      },
      autoRepairConfiguration: { actionsStatus: 'DISABLED' },
    } });
    stack.addDaemon('Daemon', { capacityProviders: [DaemonCapacityProvider.fromCapacityProviderName(stack, 'named')] });

    Annotations.fromStack(stack).hasWarning('/Stack/Daemon', warning);
  });

  test('does not warn for a non-critical daemon', () => {
    stack.addDaemon('Daemon', { critical: false });
    overrideAutoRepair('DISABLED');

    Annotations.fromStack(stack).hasNoWarning('/Stack/Daemon', warning);
  });

  test('does not warn if it is ENABLED', () => {
    stack.addDaemon();
    overrideAutoRepair('ENABLED');

    Annotations.fromStack(stack).hasNoWarning('/Stack/Daemon', warning);
  });
});
