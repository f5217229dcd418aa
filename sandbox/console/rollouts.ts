import { timelinesOf, type StackOperation } from '../../timeline/from-sandbox';
import type { Timeline } from '../../timeline/model';
import { overallOf } from '../../timeline/overall';
import { summaryOf } from '../../timeline/verdict';
import { whereOf } from '../../timeline/words/place';
import type { InstanceEvent } from '../ecs';
import type { Recording } from '../recording';
import type { RolloutView } from './view';

/** How many rollouts the page lists; older ones are no longer drawn. */
const MOST_ROLLOUTS = 20;

interface Known {
  readonly operation: StackOperation;
  readonly timeline: Timeline;
  readonly view: RolloutView;
}

/** The rollouts so far. Those that have ended are not computed again, and what led to them is not kept. */
export class Rollouts {
  private readonly known = new Map<string, Known>();
  private readonly ended = new Set<string>();
  /** When the last operation of a stack that has ended began: what comes before is not read again. */
  private readonly lastEnded = new Map<string, number>();
  private instanceEvents: InstanceEvent[] = [];
  private readEvents = 0;

  public read(recording: Recording): void {
    for (const event of recording.instanceEvents.slice(this.readEvents)) this.instanceEvents.push(event);
    this.readEvents = recording.instanceEvents.length;
    const operations: StackOperation[] = [];
    const isOpen = (operation: StackOperation): boolean => !this.ended.has(idOf(operation)) && operations.push(operation) > 0;
    const timelines = timelinesOf({ ...recording, instanceEvents: this.instanceEvents }, isOpen);
    for (const [index, timeline] of timelines.entries()) this.receive(operations[index]!, timeline);
    const running = operations.filter((operation) => !this.ended.has(idOf(operation)));
    const oldest = Math.min(...running.map(({ from }) => from), Date.parse(recording.until));
    if (running.length < operations.length) this.forgetTerminatedBefore(oldest);
    for (const id of [...this.known.keys()].slice(0, -MOST_ROLLOUTS)) if (this.ended.has(id)) this.known.delete(id);
  }

  public views(): Record<string, RolloutView> {
    return Object.fromEntries([...this.known].map(([id, { view }]) => [id, view]));
  }

  public get isRunning(): boolean {
    return [...this.known.values()].some(({ view }) => view.isRunning);
  }

  /** From when on the events of a stack matter. */
  public readonly since = (stack: string): number => this.lastEnded.get(stack) ?? 0;

  public timeline(id: string): Timeline | undefined {
    return this.known.get(id)?.timeline;
  }

  /** A timeline with its part of the log. */
  public withLog(id: string, lines: Recording['logLines']): Timeline | undefined {
    const known = this.known.get(id);
    if (!known) return undefined;
    const { timeline, operation: { to = Infinity } } = known;
    const start = Date.parse(timeline.startedAt!);
    const log = lines.map(({ time, message }) => ({ at: Date.parse(time) - start, text: message.trimEnd() }));
    return { ...timeline, log: log.filter(({ at }) => at >= 0 && start + at <= to) };
  }

  private receive(operation: StackOperation, timeline: Timeline): void {
    const id = idOf(operation);
    const view = viewOf(timeline, operation, (this.known.get(id)?.view.version ?? 0) + 1);
    this.known.set(id, { operation, timeline, view });
    if (operation.to === undefined || view.isRunning) return;
    this.ended.add(id);
    this.lastEnded.set(operation.stack, operation.from);
  }

  /** Rollouts that begin later are drawn from the instances that are left then. */
  private forgetTerminatedBefore(time: number): void {
    const terminated = new Set(this.instanceEvents.filter((one) => one.event === 'INSTANCE_TERMINATED' && Date.parse(one.time) < time)
      .map(({ instanceId }) => instanceId));
    this.instanceEvents = this.instanceEvents.filter(({ instanceId }) => !terminated.has(instanceId));
  }
}

const idOf = ({ stack, from }: StackOperation): string => `${stack}-${from}`;

function viewOf(timeline: Timeline, { stack, from }: StackOperation, version: number): RolloutView {
  const summary = summaryOf(timeline);
  const { decisive, measures, instances } = overallOf(timeline);
  const isRunning = summary.outcome === 'RUNNING' || summary.outcome === 'STALLED';
  const batch = decisive.batches.findLast(({ to }) => to === undefined);
  const others = timeline.rollouts.length - 1;
  const where = whereOf(decisive) + (others > 0 ? ` and ${others} more` : '');
  const { sentence, subLine, shape, word } = summary;
  return {
    sentence, shape, word, where,
    subLine: subLine.startsWith(where) ? subLine : `${where} · ${subLine}`,
    stack, isRunning, startedAt: from, version,
    ...(batch && { batch: `${batch.isRollback ? 'rollback ' : ''}${batch.number}${batch.of === undefined ? '' : ` of ${batch.of}`} of ${decisive.daemon}` }),
    ...(isRunning && instances !== undefined && measures.runsNew !== undefined && { progress: `${measures.runsNew} of ${instances}` }),
  };
}
