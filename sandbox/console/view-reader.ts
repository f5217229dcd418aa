import type { DeploymentStatusChange } from '../ecs';
import type { Sandbox } from '../index';
import type { RecordedAlarmChange } from '../recording';
import { Fleets } from './fleets';
import { Rollouts } from './rollouts';
import type { About, ConsoleView, LogView, RequestView } from './view';

/** How many requests and lines of the log the page has. */
const MOST_LINES = 100;
const MOST_CHARACTERS = 400;
const MINUTE = 60_000;

/** Reads what the page shows from the sandbox. It calls no operation, so that looking changes neither the run nor its request log. */
export class ViewReader {
  public readonly rollouts = new Rollouts();
  private readonly fleets: Fleets;
  private readonly lines: LogView[] = [];
  private readLines = 0;
  private lineCount = 0;
  private last?: ConsoleView;
  /** What had happened when the view, and when fleets and rollouts were read last. */
  private extent = '';
  private recorded = '';

  private readonly deploymentChanges: DeploymentStatusChange[];
  private readonly alarmChanges: RecordedAlarmChange[];

  constructor(private readonly sandbox: Sandbox, private readonly about: About) {
    this.fleets = new Fleets(sandbox.ecs);
    const { deploymentChanges, alarmChanges } = sandbox.recording();
    this.deploymentChanges = [...deploymentChanges];
    this.alarmChanges = [...alarmChanges];
    sandbox.ecs.onDeploymentStatus((change) => void this.deploymentChanges.push(change));
    sandbox.cloudWatch.onStateChange((change) => void this.alarmChanges.push({ time: this.time, ...change }));
  }

  private get time(): string {
    return new Date(this.sandbox.clock.now()).toISOString();
  }

  /** Adds a line of the sandbox itself. */
  public note(text: string, at = this.sandbox.clock.now()): void {
    this.lineCount++;
    this.lines.push({ at, text: text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text });
    if (this.lines.length > MOST_LINES) this.lines.shift();
  }

  public read(): ConsoleView {
    const { clock, requests, ecs, logs } = this.sandbox;
    const extent = [clock.now(), requests.length, ecs.instanceEvents.length, logs.lines.length, this.lineCount].join();
    if (this.last && extent === this.extent) return this.last;
    this.readRecording();
    this.extent = extent;
    return this.last = {
      about: this.about,
      now: clock.now(),
      providers: this.fleets.views(),
      rollouts: this.rollouts.views(),
      alarms: Object.fromEntries(this.sandbox.cloudWatch.present
        .map(({ name, state, stateReason, stateTransitionedAt }) => [name, { state, reason: stateReason, since: stateTransitionedAt }])),
      requests: this.requests(),
      log: Object.fromEntries(this.lines.map((line, index) => [this.lineCount - this.lines.length + index + 1, line])),
    };
  }

  private readRecording(): void {
    const { ecs, logs, lambda, clock, cloudFormation } = this.sandbox;
    for (const { message, time } of logs.lines.slice(this.readLines)) this.note(message.trimEnd(), Date.parse(time));
    this.readLines = logs.lines.length;
    const { deploymentChanges, alarmChanges } = this;
    const { instanceEvents } = ecs;
    const executions = lambda.endedExecutions;
    const stackEvents = cloudFormation.recordedEvents(this.rollouts.since);
    const minute = this.rollouts.isRunning ? Math.floor(clock.now() / MINUTE) : ''; // what runs may stall
    const lists = [instanceEvents, deploymentChanges, alarmChanges, stackEvents, executions];
    const { time, logicalId, status } = stackEvents.at(-1) ?? {};
    const recorded = [minute, time, logicalId, status, ...lists.map(({ length }) => length)].join();
    if (recorded === this.recorded) return;
    this.fleets.read(deploymentChanges);
    this.rollouts.read({
      until: this.time, instanceEvents, deploymentChanges, alarmChanges, stackEvents, executions, logLines: [], revisions: ecs.revisions(),
    });
    this.recorded = recorded;
  }

  private requests(): Record<number, RequestView> {
    const { requests } = this.sandbox;
    return Object.fromEntries(requests.slice(-MOST_LINES).map(({ sequence, time, service, operation, caller, error }) =>
      [sequence + 1, { at: Date.parse(time), service, operation, caller, ...(error !== undefined && { error }) }]));
  }
}
