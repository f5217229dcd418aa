import type { Input } from '../../core/aws-service';
import type { DurableOperation } from './durable-operation';

const PAST: Readonly<Record<string, string>> = { START: 'Started', SUCCEED: 'Succeeded', FAIL: 'Failed' };

/** The events of a durable execution, as `GetDurableExecutionHistory` returns them. */
export class DurableHistory {
  public readonly events: Input[] = [];

  public add(eventType: string, at: Date, details: Input, operation?: DurableOperation): void {
    this.events.push({
      EventType: eventType,
      EventId: this.events.length + 1,
      EventTimestamp: at,
      ...(operation && { Id: operation.Id, Name: operation.Name, SubType: operation.SubType, ParentId: operation.ParentId }),
      [`${eventType}Details`]: details,
    });
  }

  public addUpdate({ Type, Action, Payload, Error: error, WaitOptions, StepOptions }: Input, operation: DurableOperation, at: Date): void {
    const kind = Type === 'STEP' ? 'Step' : Type === 'WAIT' ? 'Wait' : 'Context';
    const outcome = { ...(Payload !== undefined && { Result: { Payload } }), ...(error && { Error: { Payload: error } }) };
    const retry = Type === 'STEP' && Action !== 'START'
      ? { RetryDetails: { CurrentAttempt: operation.StepDetails?.Attempt, NextAttemptDelaySeconds: StepOptions?.NextAttemptDelaySeconds } }
      : {};
    if (Type === 'WAIT') {
      const { ScheduledEndTimestamp } = operation.WaitDetails!;
      return this.add('WaitStarted', at, { Duration: WaitOptions.WaitSeconds, ScheduledEndTimestamp }, operation);
    }
    // a poll of waitForCondition that continues has its state and is not a failure
    const past = Action === 'RETRY' ? (error ? 'Failed' : 'Succeeded') : PAST[Action]!;
    this.add(`${kind}${past}`, at, { ...outcome, ...retry }, operation);
  }

  public page({ Marker, MaxItems, ReverseOrder, IncludeExecutionData = true }: Input, longest = 1000): Input {
    const ordered = ReverseOrder ? [...this.events].reverse() : this.events;
    const from = Number(Marker ?? 0);
    const to = from + Math.min(longest, Number(MaxItems ?? 100));
    const events = ordered.slice(from, to);
    return {
      Events: IncludeExecutionData ? events : events.map(withoutPayloads),
      ...(to < ordered.length && { NextMarker: String(to) }),
    };
  }
}

function withoutPayloads(event: Input): Input {
  return JSON.parse(JSON.stringify(event, function (this: Input, key: string, value: unknown) {
    if (key === 'Payload') return undefined;
    return this[key] instanceof Date ? { epochMilliseconds: (this[key] as Date).getTime() } : value;
  }), (_key, value: Input) => typeof value?.epochMilliseconds === 'number' ? new Date(value.epochMilliseconds) : value) as Input;
}
