import { App, aws_cloudwatch as cloudwatch, aws_ecs as ecs, Duration, Stack, type AppProps } from 'aws-cdk-lib';
import { DaemonCapacityProvider, DaemonTaskDefinition, ManagedDaemon } from 'cdk-ecs-managed-daemons';
import { ACCOUNT, capacityProviderArn, clusterArn, REGION } from '../../simulation/app/agent-app';
import { Random } from '../../simulation/world/random';

interface DaemonSettings {
  readonly name: string;
  readonly providers: readonly string[];
  readonly image: string;
  readonly variable: string;
  readonly drainPercent: number;
  readonly bakeMinutes: number;
  readonly hasAlarm: boolean;
  readonly isCritical: boolean;
  readonly tag: string;
  readonly rolloutToken: string;
}

/** An app before and after a change, on capacity providers with so many instances. */
export interface Pair {
  readonly instances: Readonly<Record<string, number>>;
  readonly before: readonly DaemonSettings[];
  readonly after: readonly DaemonSettings[];
}

export const CLUSTER = 'apps';
export const ALARM = 'errors';

/** The pair of a seed: one to three daemons, of which each changes in one way or not at all. */
export function pairOf(seed: number): Pair {
  const random = new Random(seed);
  const providers = ['one', 'two', 'three'].slice(0, random.integer(1, 3));
  const instances = Object.fromEntries(providers.map((name) => [name, random.pick([1, 1, 2, 3, 5, 8, 13, 40])]));
  const daemons = ['agent', 'logger', 'scanner'].slice(0, random.integer(1, 3)).map((name) => settingsOf(name, providers, random));
  const before = daemons.length > 1 && random.chance(0.2) ? daemons.slice(1) : daemons;
  const removed = daemons.length > 1 && random.chance(0.2) ? daemons.at(-1) : undefined;
  return { instances, before, after: daemons.filter((daemon) => daemon !== removed).map((daemon) => changed(daemon, providers, random)) };
}

const settingsOf = (name: string, providers: readonly string[], random: Random): DaemonSettings => ({
  name,
  providers: [...new Set([...providers.filter(() => random.chance(0.5)), random.pick(providers)])],
  image: '1', variable: 'a', tag: 'x', rolloutToken: '',
  drainPercent: random.pick([10, 20, 25, 50, 100]),
  bakeMinutes: random.pick([0, 0, 5, 10, 30]),
  hasAlarm: random.chance(0.3),
  isCritical: random.chance(0.7),
});

function changed(daemon: DaemonSettings, providers: readonly string[], random: Random): DaemonSettings {
  switch (random.integer(0, 8)) {
    case 0: case 1: case 2: return { ...daemon, image: '2' };
    case 3: return { ...daemon, variable: 'b' };
    case 4: return { ...daemon, drainPercent: 5, bakeMinutes: 1 };
    case 5: return { ...daemon, tag: 'y' };
    case 6: return { ...daemon, rolloutToken: 'again' };
    case 7: return { ...daemon, image: '3', providers };
    default: return daemon;
  }
}

/** The app of one side of a pair. */
export const pairApp = (daemons: readonly DaemonSettings[]) => (props: AppProps): App => {
  const app = new App(props);
  const stack = new Stack(app, 'Pair', { env: { account: ACCOUNT, region: REGION } });
  const cluster = ecs.Cluster.fromClusterArn(stack, 'Cluster', clusterArn(CLUSTER));
  const alarm = cloudwatch.Alarm.fromAlarmName(stack, 'Alarm', ALARM);
  for (const settings of daemons) {
    const daemonTaskDefinition = new DaemonTaskDefinition(stack, `${settings.name}Task`, { cpu: 256, memoryMiB: 256 });
    daemonTaskDefinition.addContainer(settings.name, {
      image: ecs.ContainerImage.fromRegistry(`example.com/${settings.name}:${settings.image}`),
      environment: { VARIABLE: settings.variable },
      memoryLimitMiB: 256,
    });
    new ManagedDaemon(stack, settings.name, {
      cluster,
      capacityProviders: settings.providers.map((name) => DaemonCapacityProvider.fromCapacityProviderArn(capacityProviderArn(name))),
      daemonTaskDefinition,
      daemonName: settings.name,
      drainPercent: settings.drainPercent,
      bakeTime: Duration.minutes(settings.bakeMinutes),
      critical: settings.isCritical,
      ...(settings.hasAlarm && { alarms: [alarm] }),
      rolloutToken: settings.rolloutToken,
      tags: { purpose: settings.tag },
    });
  }
  return app;
};
