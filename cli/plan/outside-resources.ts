import type { Sandbox } from '../../sandbox';
import type { DaemonRequest } from './daemon-requests';
import { lastPart, type Fleets, type Provider } from './fleets';

/** An alarm as it is in an account. */
export interface AlarmState {
  readonly state: string;
  readonly reason: string;
}

/** Revisions are registered one by one. */
const MOST_REVISIONS = 5000;

/** Creates what requests expect and no stack of the app has created: clusters, capacity providers, task definitions and alarms. */
export class OutsideResources {
  public readonly alarms: string[] = [];
  private readonly providers: Provider[] = [];
  private readonly known = new Set<string>();
  /** In the old app providers have no instances, so that daemons need no time. After it they get them as soon as they exist. */
  private isFilled = false;

  /** `alarmIn` reads the account; without one all alarms exist. */
  constructor(
    private readonly sandbox: Sandbox,
    private readonly fleets: Fleets,
    private readonly alarmIn?: (name: string) => AlarmState | undefined,
  ) {
    sandbox.intercept({
      before: async ({ service, operation, input }) => {
        if (service === 'ecs' && operation === 'CreateService') await this.provideForService(input);
      },
      after: ({ service, operation, input }) => {
        if (service === 'ecs' && operation === 'CreateCapacityProvider') this.created(input);
      },
    });
  }

  public async provide({ type, properties }: Pick<DaemonRequest, 'type' | 'properties'>): Promise<void> {
    if (type === 'Delete') return;
    providersOf(properties).forEach((provider) => this.provideFleet(provider));
    for (const name of texts(properties.AlarmNames)) if (!this.sandbox.cloudWatch.alarm(name)) await this.createAlarm(name);
    await this.provideTaskDefinition(properties.DaemonTaskDefinitionArn);
  }

  /** Registers a task definition of which only the family and the number of its revision are known; returns its ARN. */
  public async registerTaskDefinition(family: string, revision: number): Promise<string> {
    for (;;) {
      const { daemonTaskDefinitionArn } = await this.sandbox.call('ecs', 'RegisterDaemonTaskDefinition', {
        family, containerDefinitions: [{ name: 'outside', image: 'outside', memory: 64, essential: true }],
      });
      if (Number(daemonTaskDefinitionArn.split(':').at(-1)) >= revision) return daemonTaskDefinitionArn;
    }
  }

  /** Gives the providers that exist their instances; those that the planned deployment creates are empty in a known way. */
  public fill(isNewKnown: boolean): void {
    this.isFilled = true;
    for (const provider of this.providers) this.fleets.fill(provider);
    this.fleets.isNewKnown = isNewKnown;
  }

  private async provideTaskDefinition(arn: unknown): Promise<void> {
    const [, family, revision] = /:daemon-task-definition\/([^:/]+):(\d+)$/.exec(String(arn)) ?? [];
    if (family === undefined || Number(revision) > MOST_REVISIONS) return;
    const isKnown = await this.sandbox.call('ecs', 'DescribeDaemonTaskDefinition', { daemonTaskDefinition: arn }).then(() => true, () => false);
    if (!isKnown) await this.registerTaskDefinition(family, Number(revision));
  }

  private provideFleet(provider: Provider): void {
    if (this.known.has(provider.capacityProvider)) return;
    this.sandbox.ecs.seedFleet({ ...provider, instances: 0 });
    this.add(provider);
    if (this.isFilled) this.fleets.fill(provider);
  }

  private created({ name, cluster }: Readonly<Record<string, unknown>>): void {
    const provider = { cluster: lastPart(cluster), capacityProvider: String(name) };
    this.add(provider);
    if (this.isFilled) this.fleets.fillNew(provider);
  }

  private add(provider: Provider): void {
    this.known.add(provider.capacityProvider);
    this.providers.push(provider);
  }

  private async provideForService(input: Readonly<Record<string, unknown>>): Promise<void> {
    const cluster = lastPart(input.cluster ?? 'default');
    const strategy = (input.capacityProviderStrategy ?? []) as readonly { readonly capacityProvider: string }[];
    await this.sandbox.call('ecs', 'CreateCluster', { clusterName: cluster }); // returns one that exists
    for (const { capacityProvider } of strategy) {
      if (!/^FARGATE/.test(capacityProvider)) this.provideFleet({ cluster, capacityProvider });
    }
  }

  /** In the old app every alarm exists and is OK: daemons are created without waiting for one. */
  private async createAlarm(AlarmName: string): Promise<void> {
    const { state = 'OK', reason = 'assumed by the plan' } = (this.isFilled ? this.alarmIn?.(AlarmName) : undefined) ?? {};
    if (this.isFilled && this.alarmIn && !this.alarmIn(AlarmName)) return;
    this.alarms.push(AlarmName);
    await this.sandbox.call('monitoring', 'PutMetricAlarm', {
      AlarmName, Period: 60, EvaluationPeriods: 1, ComparisonOperator: 'GreaterThanThreshold', Threshold: 0,
    });
    await this.sandbox.call('monitoring', 'SetAlarmState', { AlarmName, StateValue: state, StateReason: reason });
  }
}

/** The capacity providers that a daemon's properties name. */
export const providersOf = (properties: DaemonRequest['properties']): Provider[] =>
  texts(properties.CapacityProviderArns).map((arn) => ({ cluster: lastPart(properties.ClusterArn), capacityProvider: lastPart(arn) }));

export const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
