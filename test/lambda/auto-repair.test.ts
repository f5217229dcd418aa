import { DescribeCapacityProvidersCommand, ECSClient } from '@aws-sdk/client-ecs';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { mockClient } from 'aws-sdk-client-mock';
import { sdkDaemonApi } from '../../lambda/rollout/aws/sdk-daemon-api';
import { FakeDaemonApi } from './fake-daemon-api';
import { createRequest, properties as propertiesOf } from './requests';
import { simulate } from './simulate';

const PROVIDER = propertiesOf().CapacityProviderArns[0]!;

async function linesOf(autoRepair: string | undefined, properties: Parameters<typeof createRequest>[0] = {}): Promise<readonly string[]> {
  const api = new FakeDaemonApi();
  api.addAlarm('cpu-high');
  api.capacityProviders.set(PROVIDER, { status: 'ACTIVE', type: 'MANAGED_INSTANCES', autoRepair });
  return (await simulate(api, createRequest(properties))).lines.filter((line) => line.includes('auto repair'));
}

describe('auto repair of a capacity provider (R60)', () => {
  test.each([['without alarms', {}], ['with alarms', { AlarmNames: ['cpu-high'] }]])('is logged once when it is DISABLED for a critical daemon %s', async (_, properties) => {
    expect(await linesOf('DISABLED', properties)).toEqual([
      'PREFLIGHT: auto repair is DISABLED for the capacity provider managed: ECS replaces no instance on which this critical daemon fails',
    ]);
  });

  test.each([
    ['it is ENABLED', 'ENABLED', {}],
    ['ECS does not return it', undefined, {}],
    ['the daemon is not critical', 'DISABLED', { Critical: false }],
  ])('is not logged when %s', async (_, autoRepair, properties) => {
    expect(await linesOf(autoRepair, properties)).toEqual([]);
  });

  test('is read from the provider of Managed Instances', async () => {
    mockClient(ECSClient).on(DescribeCapacityProvidersCommand).resolves({ capacityProviders: [{
      capacityProviderArn: PROVIDER, status: 'ACTIVE', type: 'MANAGED_INSTANCES',
      managedInstancesProvider: { autoRepairConfiguration: { actionsStatus: 'DISABLED' } },
    }] });
    const client = new ECSClient({ region: 'eu-central-1' });
    const api = sdkDaemonApi({ reader: client, writer: client, cloudWatch: new CloudWatchClient({ region: 'eu-central-1' }) });

    expect(await api.describeCapacityProviders('fleet', [PROVIDER])).toEqual([
      { arn: PROVIDER, status: 'ACTIVE', type: 'MANAGED_INSTANCES', autoRepair: 'DISABLED' },
    ]);
  });
});
