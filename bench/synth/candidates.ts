import { aws_ecs as ecs, aws_lambda as lambda, custom_resources as cr, CustomResource, Duration, Stack, Validations, type App } from 'aws-cdk-lib';
import { DaemonCapacityProvider, DaemonTagPropagation, ManagedDaemon } from 'cdk-ecs-managed-daemons';
import { fleet, settings, type DaemonPlan } from './fleet';

/** The ways to make a daemon that are measured side by side. The first is what the others are compared with. */
export const candidates = ['CfnDaemon', 'ManagedDaemon', 'Provider framework'] as const;

export type Candidate = typeof candidates[number];

/** An app of so many daemons that are made in one of the ways. */
export function appOf(candidate: Candidate, daemons: number, outdir?: string): App {
  switch (candidate) {
    case 'CfnDaemon': return fleet(daemons, cfnDaemon, outdir);
    case 'ManagedDaemon': return fleet(daemons, managedDaemon, outdir);
    case 'Provider framework': return fleet(daemons, frameworkDaemon, outdir);
  }
}

function managedDaemon(stack: Stack, id: string, plan: DaemonPlan<ManagedDaemon>): ManagedDaemon {
  return new ManagedDaemon(stack, id, {
    daemonName: plan.name,
    cluster: plan.cluster,
    capacityProviders: [DaemonCapacityProvider.fromCapacityProviderArn(plan.capacityProviderArn)],
    daemonTaskDefinition: plan.taskDefinition,
    alarms: [plan.alarm],
    drainPercent: settings.drainPercent,
    bakeTime: Duration.minutes(settings.bakeTimeInMinutes),
    propagateTags: DaemonTagPropagation.DAEMON,
    enableECSManagedTags: settings.enableECSManagedTags,
    tags: Object.fromEntries(settings.tags.map(({ key, value }) => [key, value])),
  });
}

/** States every setting, every tag and the order on the capacity provider, as `ManagedDaemon` does by itself. */
function cfnDaemon(stack: Stack, id: string, plan: DaemonPlan<ecs.CfnDaemon>): ecs.CfnDaemon {
  const daemon = new ecs.CfnDaemon(stack, id, {
    daemonName: plan.name,
    clusterArn: plan.cluster.clusterArn,
    capacityProviderArns: [plan.capacityProviderArn],
    daemonTaskDefinitionArn: plan.taskDefinition.daemonTaskDefinitionArn,
    deploymentConfiguration: {
      drainPercent: settings.drainPercent,
      bakeTimeInMinutes: settings.bakeTimeInMinutes,
      alarms: { alarmNames: [plan.alarm.alarmName], enable: true },
    },
    propagateTags: settings.propagateTags,
    enableEcsManagedTags: settings.enableECSManagedTags,
    enableExecuteCommand: settings.enableExecuteCommand,
    tags: [...settings.tags],
  });
  daemon.addPropertyOverride('Critical', settings.critical); // neither the L1 nor the validator of aws-cdk-lib 2.265 has it
  Validations.of(daemon).acknowledge({ id: 'CloudFormation-Validate::F3002', reason: 'Amazon ECS has Critical' });
  if (plan.previous !== undefined) {
    daemon.addResourceDependency(plan.previous);
  }
  return daemon;
}

/** A custom resource as one would write it with the CDK's own means. */
function frameworkDaemon(stack: Stack, id: string, plan: DaemonPlan<CustomResource>): CustomResource {
  const daemon = new CustomResource(stack, id, {
    resourceType: 'Custom::Daemon',
    serviceToken: frameworkProvider(stack).serviceToken,
    properties: {
      DaemonName: plan.name,
      ClusterArn: plan.cluster.clusterArn,
      CapacityProviderArns: [plan.capacityProviderArn],
      DaemonTaskDefinitionArn: plan.taskDefinition.daemonTaskDefinitionArn,
      AlarmNames: [plan.alarm.alarmName],
      DrainPercent: settings.drainPercent,
      BakeTimeInMinutes: settings.bakeTimeInMinutes,
      PropagateTags: settings.propagateTags,
      EnableECSManagedTags: settings.enableECSManagedTags,
      EnableExecuteCommand: settings.enableExecuteCommand,
      Critical: settings.critical,
      Tags: [...settings.tags],
    },
  });
  if (plan.previous !== undefined) {
    daemon.node.addDependency(plan.previous);
  }
  return daemon;
}

function frameworkProvider(stack: Stack): cr.Provider {
  const handler = (name: string): lambda.Function => new lambda.Function(stack, name, {
    runtime: lambda.Runtime.NODEJS_24_X, handler: 'index.handler', code: lambda.Code.fromInline('exports.handler = async () => ({ IsComplete: true });'),
  });
  return stack.node.tryFindChild('Provider') as cr.Provider | undefined ?? new cr.Provider(stack, 'Provider', {
    onEventHandler: handler('OnEvent'), isCompleteHandler: handler('IsComplete'),
  });
}
