import { AwsError } from '../core/aws-error';
import { parsePolicyDocument } from '../iam/policy-document';
import { requestContext, resourcePolicyAllows } from '../iam/policy-evaluation';
import { parseJsonDocument } from '../core/json-document';
import type { Input, Operation, Permission, Service } from '../core/aws-service';
import { arnOf, randomUuid, type World } from '../core/world';
import { faultOfEventPattern, matchesEventPattern } from './event-pattern';
import { describeRule, type Rule } from './rule';
import { targetInput } from './target-input';

/** An event for a target that could not be called. */
export interface FailedInvocation {
  readonly ruleArn: string;
  readonly targetArn: string;
  readonly reason: string;
}

/** The default event bus of EventBridge: rules with Lambda targets for what the sandbox emits. */
export class Events implements Service {
  /** Invocations that a target rejected. On AWS only the metric `FailedInvocations` shows them. */
  public readonly failedInvocations: FailedInvocation[] = [];
  private readonly rules = new Map<string, Rule>();

  public readonly operations: Readonly<Record<string, Operation>> = {
    PutRule: (input) => this.putRule(input),
    DescribeRule: (input) => describeRule(this.rule(input.Name, input)),
    DeleteRule: (input) => this.deleteRule(input),
    EnableRule: (input) => void (this.rule(input.Name, input).isEnabled = true),
    DisableRule: (input) => void (this.rule(input.Name, input).isEnabled = false),
    ListRules: ({ NamePrefix = '' }) => ({
      Rules: [...this.rules.values()].filter(({ name }) => name.startsWith(NamePrefix)).map(describeRule),
    }),
    PutTargets: (input) => this.putTargets(input),
    RemoveTargets: (input) => {
      const { targets } = this.rule(input.Rule, input);
      for (const id of input.Ids ?? []) targets.delete(id);
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
    ListTargetsByRule: (input) => ({ Targets: [...this.rule(input.Rule, input).targets.values()] }),
    TagResource: ({ ResourceARN, Tags = [] }) => {
      const rule = this.ruleByArn(ResourceARN);
      const keys = new Set(Tags.map(({ Key }: Input) => Key));
      rule.tags = [...rule.tags.filter(({ Key }) => !keys.has(Key)), ...Tags];
    },
    UntagResource: ({ ResourceARN, TagKeys = [] }) => {
      const rule = this.ruleByArn(ResourceARN);
      rule.tags = rule.tags.filter(({ Key }) => !TagKeys.includes(Key));
    },
    ListTagsForResource: ({ ResourceARN }) => ({ Tags: this.ruleByArn(ResourceARN).tags }),
    PutEvents: ({ Entries = [] }) => {
      const results = Entries.map((entry: Input) => this.putEvent(entry)) as { ErrorCode?: string }[];
      return { FailedEntryCount: results.filter(({ ErrorCode }) => ErrorCode !== undefined).length, Entries: results };
    },
  };

  constructor(private readonly world: World) {}

  public requiredPermissions(operation: string, { Name, Rule: rule = Name, ResourceARN }: Input): Permission[] {
    const resource = operation === 'PutEvents' ? arnOf(this.world, 'events', 'event-bus/default')
      : ResourceARN ?? arnOf(this.world, 'events', `rule/${rule ?? '*'}`);
    return [{ action: `events:${operation}`, resources: [resource] }];
  }

  /** Hands an event to the targets of every rule that matches it, and returns its id. */
  public emit({ source, detailType, resources = [], detail }: Parameters<World['emit']>[0]): string {
    const { accountId, region, clock } = this.world;
    const event = {
      'version': '0',
      'id': randomUuid(this.world),
      'detail-type': detailType,
      'source': source,
      'account': accountId,
      'time': new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z'),
      'region': region,
      'resources': resources,
      'detail': JSON.parse(JSON.stringify(detail)) as object, // as it will arrive: dates are text
    };
    for (const rule of this.rules.values()) {
      if (!rule.isEnabled || !rule.pattern || !matchesEventPattern(rule.pattern, event)) continue;
      const functions = [...rule.targets.values()].filter(({ Arn: arn }) => /^arn:[^:]+:lambda:/.test(arn)); // only functions are simulated
      for (const target of functions) void this.deliver(rule, target, targetInput(target, event));
    }
    return event.id;
  }

  /** Emits one entry of a `PutEvents` request, unless EventBridge would refuse it; the other entries are not affected. */
  private putEvent({ Source: source, DetailType: detailType, Resources: resources, Detail }: Input): object {
    const refused = (ErrorCode: string, ErrorMessage: string): object => ({ ErrorCode, ErrorMessage });
    for (const [name, value] of Object.entries({ Source: source, DetailType: detailType, Detail })) {
      if (!value) return refused('InvalidArgument', `Parameter ${name} is not valid. Reason: ${name} is a required argument.`);
    }
    if (source.startsWith('aws.')) return refused('NotAuthorizedForSourceException', 'Not authorized for the source.');
    const detail = parsedObject(Detail);
    return detail ? { EventId: this.emit({ source, detailType, resources, detail }) } : refused('MalformedDetail', 'Detail is malformed.');
  }

  /** EventBridge may invoke a function only if the function's own policy allows this rule to. */
  private async deliver(rule: Rule, target: Input, payload: string): Promise<void> {
    const release = this.world.clock.hold();
    try {
      await this.checkPermission(rule, target.Arn);
      await this.world.call('lambda', 'Invoke', { FunctionName: target.Arn, InvocationType: 'Event', Payload: Buffer.from(payload) });
    } catch (error) {
      this.failedInvocations.push({ ruleArn: rule.arn, targetArn: target.Arn, reason: (error as Error).message });
    } finally {
      release();
    }
  }

  private async checkPermission(rule: Rule, functionArn: string): Promise<void> {
    const [, , , , , , , qualifier] = functionArn.split(':');
    const { Policy } = await this.world.call<{ Policy: string }>('lambda', 'GetPolicy', { FunctionName: functionArn, Qualifier: qualifier });
    const isAllowed = resourcePolicyAllows(parsePolicyDocument(Policy), { kind: 'Service', name: 'events.amazonaws.com' }, {
      action: 'lambda:InvokeFunction',
      resource: functionArn,
      context: requestContext({ 'aws:SourceArn': rule.arn, 'aws:SourceAccount': this.world.accountId }),
    });
    if (!isAllowed) throw new AwsError('AccessDeniedException', `the policy of ${functionArn} does not allow events.amazonaws.com for ${rule.arn}`, 403);
  }

  private putRule({ Name, EventBusName, EventPattern, ScheduleExpression, State = 'ENABLED', Description, RoleArn, Tags }: Input): object {
    this.checkBus(EventBusName);
    if (EventPattern === undefined && ScheduleExpression === undefined) {
      throw validation('Parameter(s) EventPattern or ScheduleExpression must be specified.');
    }
    const pattern = parsePattern(EventPattern);
    const rule: Rule = this.rules.get(Name) ?? {
      name: Name, arn: arnOf(this.world, 'events', `rule/${Name}`), isEnabled: true, tags: [], targets: new Map(),
    };
    rule.description = Description;
    rule.roleArn = RoleArn;
    rule.pattern = pattern;
    rule.patternText = EventPattern;
    rule.scheduleExpression = ScheduleExpression;
    rule.isEnabled = State !== 'DISABLED';
    rule.tags = Tags ?? rule.tags;
    this.rules.set(Name, rule);
    return { RuleArn: rule.arn };
  }

  private deleteRule({ Name, EventBusName }: Input): void {
    this.checkBus(EventBusName);
    if ((this.rules.get(Name)?.targets.size ?? 0) > 0) throw validation("Rule can't be deleted since it has targets.");
    this.rules.delete(Name);
  }

  private putTargets(input: Input): object {
    const { targets } = this.rule(input.Rule, input);
    for (const target of input.Targets ?? []) {
      targets.set(target.Id, target);
    }
    return { FailedEntryCount: 0, FailedEntries: [] };
  }

  private rule(name: string, { EventBusName }: Input = {}): Rule {
    this.checkBus(EventBusName);
    const rule = this.rules.get(name);
    if (!rule) throw notFound(`Rule ${name} does not exist on EventBus default.`);
    return rule;
  }

  private ruleByArn(arn: string): Rule {
    return this.rule(arn.split('/').pop()!);
  }

  private checkBus(name = 'default'): void {
    if (name.split('/').pop() !== 'default') throw notFound(`Event bus ${name} does not exist.`);
  }
}

function parsePattern(pattern: string | undefined): object | undefined {
  if (pattern === undefined) return undefined;
  const parsed = parsedObject(pattern);
  const fault = parsed ? faultOfEventPattern(parsed) : 'It must be a JSON object.';
  if (fault) throw new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${fault}`);
  return parsed;
}

/** The object that a text holds as JSON; undefined for any other text. */
function parsedObject(text: string): Input | undefined {
  try {
    const document = parseJsonDocument(text);
    return typeof document === 'object' && document !== null && !Array.isArray(document) ? document : undefined;
  } catch {
    return undefined;
  }
}

const validation = (message: string): AwsError => new AwsError('ValidationException', message);
const notFound = (message: string): AwsError => new AwsError('ResourceNotFoundException', message);
