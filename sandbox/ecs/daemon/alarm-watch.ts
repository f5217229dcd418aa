import type { AlarmStateChange, AlarmType } from '../../cloudwatch';
import type { Input } from '../../core/aws-service';
import type { EcsContext } from '../context';
import type { EcsAssumptions } from '../assumptions';

/** AWS documents for metric alarms only that a deployment monitors them (A13). */
function canBeWatched(type: AlarmType, { compositeAlarms, logAlarms }: EcsAssumptions): boolean {
  switch (type) {
    case 'MetricAlarm': return true;
    case 'CompositeAlarm': return compositeAlarms !== 'ignored';
    case 'LogAlarm': return logAlarms !== 'ignored';
  }
}

/** The alarms of one deployment. Those in ALARM when it starts are ignored for as long as it lasts (R33). */
export class AlarmWatch {
  public readonly names: readonly string[];
  public readonly triggered: string[] = [];
  private state: 'MONITORING' | 'TRIGGERED' | 'MONITORING_COMPLETE' | 'DISABLED';
  private readonly ignored = new Set<string>();
  private stopListening?: () => void;

  constructor(
    private readonly context: EcsContext,
    configuration: Input | undefined,
    private readonly trigger: (reason: string) => void,
  ) {
    this.names = configuration?.alarmNames ?? [];
    const enabled = configuration?.enable === true // names alone do not enable alarms (R31)
      // AWS does not document names without `enable` (A14)
      || (configuration?.enable === undefined && context.assumptions.alarmsWithoutEnable === 'honoured');
    const watches = enabled && context.assumptions.alarmMonitoring === 'as-requested'; // whether ECS monitors them is an assumption (A13)
    this.state = watches && this.names.length > 0 ? 'MONITORING' : 'DISABLED';
  }

  public get status(): string {
    return this.state;
  }

  public start(): void {
    if (this.state !== 'MONITORING') return;
    for (const name of this.names) if (this.context.alarms.alarm(name)?.state === 'ALARM') this.ignored.add(name);
    this.stopListening = this.context.alarms.onStateChange((change) => this.onAlarm(change));
    if (this.context.assumptions.missingAlarm === 'ignored') return; // names are not checked (R34), perhaps later (A13)
    this.context.world.clock.after(this.context.timing.noticeMissingAlarm, () => {
      const missing = this.names.find((name) => !this.context.alarms.alarm(name));
      if (missing !== undefined) this.fire(missing, `CloudWatch alarm ${missing} does not exist.`);
    });
  }

  public stop(): void {
    this.stopListening?.();
    if (this.state === 'MONITORING') this.state = 'MONITORING_COMPLETE';
  }

  private onAlarm(change: AlarmStateChange): void {
    if (!this.names.includes(change.alarmName) || this.ignored.has(change.alarmName)) return;
    if (!canBeWatched(change.alarmType, this.context.assumptions)) return;
    const triggers = change.to === 'ALARM' // an alarm that enters ALARM rolls back (R32)
      || (change.to === 'INSUFFICIENT_DATA' && this.context.assumptions.insufficientData === 'triggers'); // and perhaps one without data (A13)
    if (triggers) this.fire(change.alarmName, `CloudWatch alarm ${change.alarmName} entered ${change.to}.`);
  }

  private fire(name: string, reason: string): void {
    if (this.state !== 'MONITORING') return;
    this.state = 'TRIGGERED';
    this.triggered.push(name);
    this.trigger(reason);
  }
}
