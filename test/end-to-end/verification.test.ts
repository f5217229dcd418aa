import { aws_ec2 as ec2, aws_ecs as ecs, CfnResource, Fn, type Stack } from 'aws-cdk-lib';
import { DaemonCapacityProvider } from 'cdk-ecs-managed-daemons';
import type { SandboxOptions } from '../../sandbox';
import { type AgentSettings, FLEET, image } from '../../simulation/app/agent-app';
import { DeploymentBench, writes, type DeploymentResult } from './deployment';

let bench: DeploymentBench;

const start = async (options: SandboxOptions = {}): Promise<void> => {
  bench = await DeploymentBench.start({ fleets: [], startFailures: [{ image: image('broken') }], ...options });
};
afterEach(() => bench.close());

/** A stack that brings all of it: cluster, capacity provider, daemon and service. */
function wholeStack(settings: AgentSettings & { readonly desiredCount?: number } = {}): AgentSettings {
  const { desiredCount = 4, ...others } = settings;
  return {
    make: (stack) => {
      const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a'], privateSubnetIds: ['subnet-1'] });
      const cluster = new ecs.Cluster(stack, 'Cluster', { vpc, clusterName: FLEET.cluster });
      const instances = new ecs.ManagedInstancesCapacityProvider(stack, 'Instances', {
        capacityProviderName: FLEET.capacityProvider,
        subnets: vpc.privateSubnets,
        securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'SecurityGroup', 'sg-1')],
      });
      cluster.addManagedInstancesCapacityProvider(instances);
      return { cluster, capacityProviders: [DaemonCapacityProvider.fromManagedInstances(instances)] };
    },
    adapt: (stack, daemon) => daemon.verifyAfter(addService(stack, desiredCount)),
    ...others,
  };
}

function addService(stack: Stack, desiredCount: number): ecs.FargateService {
  const taskDefinition = new ecs.TaskDefinition(stack, 'Application', {
    compatibility: ecs.Compatibility.MANAGED_INSTANCES, cpu: '256', memoryMiB: '512', networkMode: ecs.NetworkMode.AWS_VPC,
  });
  taskDefinition.addContainer('web', { image: ecs.ContainerImage.fromRegistry('example.com/web:1') });
  return new ecs.FargateService(stack, 'Service', {
    cluster: stack.node.findChild('Cluster') as ecs.Cluster,
    taskDefinition,
    desiredCount,
    capacityProviderStrategies: [{ capacityProvider: FLEET.capacityProvider, weight: 1 }],
  });
}

/** How verifications were answered. */
const verified = ({ answers }: DeploymentResult): string[] => answers
  .filter(({ LogicalResourceId }) => LogicalResourceId.includes('Verification')).map(({ Status, Reason }) => `${Status} ${Reason}`);

const lacking = /^FAILED VERIFYING: 0 of 2 instances run the daemon agent, 2 are without it, and none has come to run it in 10 minutes; ECS reports why in its events/;

describe('a new stack with cluster, capacity provider, daemon and service', () => {
  test('completes once the first instances run the daemon', async () => {
    await start();
    const created = await bench.deploy(wholeStack());
    expect(created).toMatchObject({ error: undefined, stackStatus: 'CREATE_COMPLETE' });
    expect(verified(created)).toEqual(['SUCCESS SUCCEEDED: 2 of 2 instances run the daemon agent']);
    expect(writes(created)).toEqual(['CreateDaemon']);
    const completed = (await bench.stackEvents()).filter(({ ResourceStatus }) => ResourceStatus === 'CREATE_COMPLETE')
      .map(({ ResourceType }) => ResourceType).filter((type) => /Custom::|AWS::ECS::Service|AWS::ECS::CapacityProvider$/.test(type!));
    expect(completed).toEqual([
      'AWS::ECS::CapacityProvider', 'Custom::ECSManagedDaemon', 'AWS::ECS::Service', 'Custom::ECSManagedDaemonVerification',
    ]);
  });

  test('fails if the image is bad and the daemon not critical, although the services are stable', async () => {
    await start();
    const created = await bench.deploy(wholeStack({ imageTag: 'broken', daemon: { critical: false } }));
    expect(created.stackStatus).toBe('ROLLBACK_COMPLETE');
    expect(verified(created)).toEqual([expect.stringMatching(lacking), 'SUCCESS UNCHANGED: a verification leaves nothing behind']);
    expect(created.reasons[0]).toContain('2 are without it');
    expect(await bench.sandbox.call('ecs', 'ListClusters', {})).toMatchObject({ clusterArns: [] });
  });

  test('fails if the image is bad and the daemon critical, since the instances accept no tasks', async () => {
    await start();
    const created = await bench.deploy(wholeStack({ imageTag: 'broken' }));
    expect(created.stackStatus).toBe('ROLLBACK_COMPLETE');
    expect(created.reasons[0]).toMatch(/Exceeded attempts to wait for service \S+ to be stable/);
    expect(verified(created)).toEqual([]);
  });

  test('succeeds without a verification with a bad image of a daemon that is not critical', async () => {
    await start();
    const created = await bench.deploy(wholeStack({
      imageTag: 'broken', daemon: { critical: false }, adapt: (stack, daemon) => daemon.startBefore(addService(stack, 4)),
    }));
    expect(created.stackStatus).toBe('CREATE_COMPLETE');
  });

  test('completes with a note if the service has no tasks', async () => {
    await start();
    const created = await bench.deploy(wholeStack({ imageTag: 'broken', desiredCount: 0 }));
    expect(created.stackStatus).toBe('CREATE_COMPLETE');
    expect(verified(created)).toEqual(['SUCCESS SUCCEEDED: no instance has come in 10 minutes, so that nothing was there to verify']);
  });

  test('fails with the reason of ECS if the deployment waits for the first instances, and ends with them (A10)', async () => {
    await start({ ecs: { emptyProvider: 'pending-until-instance', breakerThreshold: 2 } });
    const created = await bench.deploy(wholeStack({ imageTag: 'broken', daemon: { critical: false } }));
    expect(created.stackStatus).toBe('ROLLBACK_COMPLETE');
    expect(verified(created)[0]).toMatch(/^FAILED VERIFYING: the deployment of the daemon agent is STOPPED: the daemon failed to start \d+ times \(the limit is 2\), .*2 are without it; deployment arn/);
  });

  test('is not held by the verification if another resource fails meanwhile', async () => {
    await start();
    const created = await bench.deploy(wholeStack({
      imageTag: 'broken',
      daemon: { critical: false },
      adapt: (stack, daemon) => {
        const service = addService(stack, 4);
        daemon.verifyAfter(service);
        const ServiceToken = Fn.getAtt('ManagedDaemonProviderDispatcher80D9A1E6', 'Arn');
        new CfnResource(stack, 'Newer', { type: 'Custom::Newer', properties: { ServiceToken } }).node.addDependency(service);
      },
    }));
    expect(created.stackStatus).toBe('ROLLBACK_COMPLETE');
    expect(created.reasons[0]).toContain('this version of the Lambda knows no resources of the type Custom::Newer');
    expect(verified(created)).toEqual(['SUCCESS UNCHANGED: a verification leaves nothing behind']);
  });

  test.each([0, 120])('has the state after the services as its result, with reads that lag by %d s (A28)', async (readLag) => {
    await start({ ecs: { readLag } });
    const created = await bench.deploy(wholeStack({ imageTag: 'broken', daemon: { critical: false } }));
    expect(verified(created)[0]).toMatch(lacking);
  });
});

describe('an existing stack with a verification', () => {
  test('verifies each rollout, and no change without a rollout', async () => {
    await start();
    await bench.deploy(wholeStack());
    expect(verified(await bench.deploy(wholeStack({ daemon: { tags: { team: 'platform' }, drainPercent: 50 } })))).toEqual([]);
    const updated = await bench.deploy(wholeStack({ imageTag: '2' }));
    expect(updated.stackStatus).toBe('UPDATE_COMPLETE');
    expect(verified(updated)).toEqual(['SUCCESS SUCCEEDED: 2 of 2 instances run the daemon agent']);
  });

  test('rolls back after a failed verification, which does not block the rollback', async () => {
    await start();
    const idle = { desiredCount: 0, daemon: { critical: false } };
    await bench.deploy(wholeStack(idle));
    const updated = await bench.deploy(wholeStack({ ...idle, desiredCount: 4, imageTag: 'broken' }));
    expect(updated.stackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(verified(updated)).toEqual([
      expect.stringMatching(lacking), 'SUCCESS UNCHANGED: nothing is verified while the stack rolls back',
    ]);
  });

  test('is destroyed', async () => {
    await start();
    await bench.deploy(wholeStack());
    const destroyed = await bench.destroy(wholeStack());
    expect(destroyed.error).toBeUndefined();
    expect(verified(destroyed)).toEqual(['SUCCESS UNCHANGED: a verification leaves nothing behind']);
    expect(await bench.sandbox.call('ecs', 'ListClusters', {})).toMatchObject({ clusterArns: [] });
  });
});
