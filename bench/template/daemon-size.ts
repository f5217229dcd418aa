import { App, aws_ecs as ecs, Duration, Stack } from 'aws-cdk-lib';
import { DaemonCapacityProvider, DaemonTaskDefinition, ManagedDaemon, ManagedDaemonWaves } from 'cdk-ecs-managed-daemons';

const account = '111122223333';
const region = 'eu-west-1';

/** The settings of a daemon that decide how many gates it has. */
export interface GateSettings {
  readonly drainPercent?: number;
  readonly bakeMinutes?: number;
  /** Without it the settings decide. */
  readonly timeoutMinutes?: number;
}

/** What the daemons of a stack take in its template: their own resources and their gates, without task definition and provider. */
export interface DaemonSize {
  readonly timeoutMinutes: number;
  readonly daemons: number;
  readonly gates: number;
  readonly deletionGates: number;
  readonly bytes: number;
  /** On average; 0 if there are none. */
  readonly bytesPerGate: number;
}

interface Resource {
  readonly Type: string;
  readonly Properties: { readonly TimeoutInMinutes?: number };
}

/** One daemon on one capacity provider. */
export function sizeOfDaemon({ drainPercent, bakeMinutes, timeoutMinutes }: GateSettings): DaemonSize {
  const { app, stack, cluster, daemonTaskDefinition } = fleet();
  new ManagedDaemon(stack, 'Agent', {
    cluster,
    daemonTaskDefinition,
    capacityProviders: [capacityProvider('instances')],
    drainPercent,
    bakeTime: bakeMinutes === undefined ? undefined : Duration.minutes(bakeMinutes),
    timeout: timeoutMinutes === undefined ? undefined : Duration.minutes(timeoutMinutes),
  });
  return sizeIn(app);
}

/** One logical daemon in so many waves of one target each. */
export function sizeOfWaves(waves: number, { drainPercent, timeoutMinutes }: Omit<GateSettings, 'bakeMinutes'>): DaemonSize {
  const { app, stack, cluster, daemonTaskDefinition } = fleet();
  new ManagedDaemonWaves(stack, 'Agent', {
    daemonTaskDefinition,
    drainPercent,
    timeout: timeoutMinutes === undefined ? undefined : Duration.minutes(timeoutMinutes),
    waves: Array.from({ length: waves }, (_, index) => ({
      waveName: `wave-${index + 1}`,
      targets: [{ targetName: `target-${index + 1}`, cluster, capacityProviders: [capacityProvider(`instances-${index + 1}`)] }],
    })),
  });
  return sizeIn(app);
}

interface BareFleet {
  readonly app: App;
  readonly stack: Stack;
  readonly cluster: ecs.ICluster;
  readonly daemonTaskDefinition: DaemonTaskDefinition;
}

function fleet(): BareFleet {
  const app = new App({ context: { 'aws:cdk:enable-path-metadata': true } }); // as the CDK CLI has it
  const stack = new Stack(app, 'Observability', { env: { account, region } });
  const daemonTaskDefinition = new DaemonTaskDefinition(stack, 'TaskDefinition');
  daemonTaskDefinition.addContainer('agent', { image: ecs.ContainerImage.fromRegistry('example.com/agent:1'), memoryLimitMiB: 512 });
  return {
    app, stack, daemonTaskDefinition, cluster: ecs.Cluster.fromClusterArn(stack, 'Cluster', `arn:aws:ecs:${region}:${account}:cluster/fleet`),
  };
}

const capacityProvider = (name: string): DaemonCapacityProvider =>
  DaemonCapacityProvider.fromCapacityProviderArn(`arn:aws:ecs:${region}:${account}:capacity-provider/${name}`);

function sizeIn(app: App): DaemonSize {
  const { Resources } = app.synth().stacks[0].template as { readonly Resources: Record<string, Resource> };
  const ofType = (type: string): [string, Resource][] => Object.entries(Resources).filter(([, { Type }]) => Type === type);
  const daemons = ofType('Custom::ECSManagedDaemon');
  const gates = ofType('Custom::ECSManagedDaemonGate');
  const deletionGates = ofType('Custom::ECSManagedDaemonDeletionGate');
  const all = [...gates, ...deletionGates];
  return {
    timeoutMinutes: daemons[0][1].Properties.TimeoutInMinutes!,
    daemons: daemons.length,
    gates: gates.length,
    deletionGates: deletionGates.length,
    bytes: bytesOf([...daemons, ...all]),
    bytesPerGate: all.length === 0 ? 0 : bytesOf(all) / all.length,
  };
}

/** The bytes of resources in a template, which CDK indents by one. */
function bytesOf(resources: [string, Resource][]): number {
  const render = (some: [string, Resource][]): string => JSON.stringify({ Resources: Object.fromEntries(some) }, undefined, 1);
  return Buffer.byteLength(render(resources)) - Buffer.byteLength(render([]));
}
