import { AwsError } from './core/aws-error';
import type { Input, Operation, Permission, Service } from './core/aws-service';
import { arnOf, type World } from './core/world';

interface LogEvent {
  readonly eventId: string;
  readonly stream: string;
  /** Epoch milliseconds of the wall clock. */
  readonly timestamp: number;
  readonly message: string;
}

interface LogGroup {
  readonly name: string;
  readonly created: number;
  retentionInDays?: number;
  readonly tags: Map<string, string>;
  readonly streams: Map<string, number>;
  readonly events: LogEvent[];
}

/** A line on the virtual clock. */
export interface RecordedLogLine {
  readonly time: string;
  readonly logGroup: string;
  readonly message: string;
}

const DEFAULT_LIMIT = 10_000;

/** CloudWatch Logs, as far as functions write to it and the CLI reads from it after a failure (W24). Its times are wall clock. */
export class Logs implements Service {
  public readonly operations: Readonly<Record<string, Operation>>;
  private readonly groups = new Map<string, LogGroup>();
  private readonly recorded: RecordedLogLine[] = [];
  private eventCount = 0;

  constructor(private readonly world: World) {
    this.operations = {
      CreateLogGroup: ({ logGroupName, tags }) => this.createGroup(String(logGroupName), tags),
      DeleteLogGroup: (input) => void this.groups.delete(this.group(input).name),
      DescribeLogGroups: ({ logGroupNamePrefix: prefix = '', logGroupNamePattern: pattern = '' }) => ({
        logGroups: [...this.groups.values()]
          .filter(({ name }) => name.startsWith(prefix) && name.includes(pattern))
          .map((group) => this.describe(group)),
      }),
      PutRetentionPolicy: (input) => void (this.group(input).retentionInDays = Number(input.retentionInDays)),
      DeleteRetentionPolicy: (input) => void (this.group(input).retentionInDays = undefined),
      CreateLogStream: (input) => {
        const { streams } = this.group(input);
        if (streams.has(input.logStreamName)) throw new AwsError('ResourceAlreadyExistsException', 'The specified log stream already exists');
        streams.set(input.logStreamName, Date.now());
      },
      DescribeLogStreams: (input) => ({
        logStreams: [...this.group(input).streams].map(([logStreamName, creationTime]) => ({ logStreamName, creationTime })),
      }),
      PutLogEvents: (input) => this.putEvents(input),
      FilterLogEvents: (input) => this.filterEvents(input),
      GetLogEvents: (input) => ({
        events: this.group(input).events
          .filter(({ stream }) => stream === input.logStreamName)
          .map(({ timestamp, message }) => ({ timestamp, message })),
      }),
      TagResource: ({ resourceArn, tags }) => {
        const group = this.groupByArn(resourceArn);
        for (const [key, value] of Object.entries(tags as Record<string, string>)) group.tags.set(key, value);
      },
      UntagResource: ({ resourceArn, tagKeys }) => {
        const group = this.groupByArn(resourceArn);
        for (const key of tagKeys as string[]) group.tags.delete(key);
      },
      ListTagsForResource: ({ resourceArn }) => ({ tags: Object.fromEntries(this.groupByArn(resourceArn).tags) }),
    };
  }

  public requiredPermissions(operation: string, input: Input): Permission[] {
    const group = `log-group:${String(input.logGroupName ?? '*')}`;
    const resource = input.logStreamName === undefined ? `${group}:*` : `${group}:log-stream:${String(input.logStreamName)}`;
    return [{ action: `logs:${operation}`, resources: [arnOf(this.world, 'logs', resource)] }];
  }

  /** The lines of all groups, of deleted ones too, in virtual time and oldest first. */
  public get lines(): readonly RecordedLogLine[] {
    return this.recorded;
  }

  private createGroup(name: string, tags: Record<string, string> = {}): void {
    if (this.groups.has(name)) throw new AwsError('ResourceAlreadyExistsException', 'The specified log group already exists');
    this.groups.set(name, { name, created: Date.now(), tags: new Map(Object.entries(tags)), streams: new Map(), events: [] });
  }

  private putEvents(input: Input): { nextSequenceToken: string } {
    const { streams, events } = this.group(input);
    if (!streams.has(input.logStreamName)) throw new AwsError('ResourceNotFoundException', 'The specified log stream does not exist.');
    for (const { timestamp, message } of input.logEvents as { timestamp: number; message: string }[]) {
      const eventId = String(++this.eventCount).padStart(56, '0');
      events.push({ eventId, stream: input.logStreamName, timestamp: Number(timestamp), message });
      this.recorded.push({ time: new Date(this.world.clock.now()).toISOString(), logGroup: String(input.logGroupName), message });
    }
    return { nextSequenceToken: String(this.eventCount) };
  }

  private filterEvents(input: Input): unknown {
    const { startTime = 0, endTime = Infinity, limit = DEFAULT_LIMIT, logStreamNames, logStreamNamePrefix = '', nextToken = 0 } = input;
    const phrase = String(input.filterPattern ?? '').replaceAll('"', '');
    const matching = this.group(input).events.filter(({ timestamp, message, stream }) => (
      timestamp >= startTime && timestamp <= endTime && message.includes(phrase)
      && stream.startsWith(logStreamNamePrefix) && (!logStreamNames || (logStreamNames as string[]).includes(stream))
    )).sort((left, right) => left.timestamp - right.timestamp);
    const end = Number(nextToken) + Number(limit);
    return {
      events: matching.slice(Number(nextToken), end).map(({ eventId, stream, timestamp, message }) => ({
        eventId, logStreamName: stream, timestamp, ingestionTime: timestamp, message,
      })),
      nextToken: end < matching.length ? String(end) : undefined,
    };
  }

  private group({ logGroupName, logGroupIdentifier }: Input): LogGroup {
    const group = this.groups.get(String(logGroupName ?? nameIn(logGroupIdentifier)));
    if (!group) throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
    return group;
  }

  private groupByArn(arn: unknown): LogGroup {
    return this.group({ logGroupName: nameIn(arn) });
  }

  private describe(group: LogGroup): unknown {
    const logGroupArn = arnOf(this.world, 'logs', `log-group:${group.name}`);
    return {
      logGroupName: group.name,
      creationTime: group.created,
      retentionInDays: group.retentionInDays,
      arn: `${logGroupArn}:*`,
      logGroupArn,
      metricFilterCount: 0,
      storedBytes: 0,
      logGroupClass: 'STANDARD',
    };
  }
}

/** The name in a log group's ARN, or the name itself. */
const nameIn = (identifier: unknown): string => String(identifier).replace(/^.*:log-group:/, '').replace(/:\*$/, '');
