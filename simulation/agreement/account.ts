import { isDeepStrictEqual } from 'node:util';
import type { Ecs } from '../../sandbox/ecs';
import type { Input, Operation } from '../../sandbox/core/aws-service';
import { readAnswer } from '../oracle/response';
import type { FleetContent } from '../world/fleet-content';
import { Truth, type DaemonTruth } from '../oracle/truth';

/**
 * What an act has come to, by what both players must agree on:
 * - how the stack ended;
 * - what daemons there are: their owner and other tags, how their last deployment ended, what new instances get and how many
 *   instances run what;
 * - the writes that had an effect, in order, daemon by daemon, whoever made them;
 * - each request to a custom resource, in order, resource by resource, with status and outcome of the answer that counted.
 *
 * Not compared is what each player makes up by itself or paces as it likes: ids and ARNs made of them, times, how often something was
 * looked at, writes that ECS has refused or that repeated what was so already (the players' reads lag at other moments), and the
 * words of reasons, which count minutes and instances at such moments. For the same cause, what ECS has taken back is one outcome.
 */
export interface Account {
  readonly stack: string;
  readonly daemons: Readonly<Record<string, string>>;
  readonly writes: Readonly<Record<string, readonly string[]>>;
  readonly answers: Readonly<Record<string, readonly string[]>>;
  /** For a person to read. */
  readonly reasons: readonly string[];
}

export const agree = ({ reasons: _, ...a }: Account, { reasons: __, ...b }: Account): boolean => isDeepStrictEqual(a, b);

/** What is found depends on whether a look comes before or after the end of ECS's own rollback, which is a matter of seconds. */
const WHILE_ECS_TAKES_BACK = /ECS (rolled|stopped|has rolled|could not roll) |^UNCHANGED: the daemon \S+ needed no rollout/;

/** The record of an adoption, which is made of ids. */
const RECORD_KEY = 'cdk-ecs-managed-daemons:adoption';

const WRITES = ['CreateDaemon', 'UpdateDaemon', 'DeleteDaemon', 'TagResource', 'UntagResource'];

/** Takes down, between two accounts, what ECS and CloudFormation get to see. */
export class Bookkeeper {
  private writes: Record<string, string[]> = {};
  private answers: Record<string, string[]> = {};
  private reasons: string[] = [];
  private readonly truth: Truth;

  constructor(ecs: Ecs) {
    this.truth = new Truth(ecs);
    const operations = ecs.operations as Record<string, Operation>;
    for (const name of WRITES) operations[name] = this.noting(name, operations[name]!);
  }

  /** A request that has been answered, or that CloudFormation does not wait for any more. */
  public answered(logicalId: string, requestType: string, body: string | undefined): void {
    const { status, outcome, reason } = body === undefined ? { status: 'unanswered', outcome: '', reason: '' } : readAnswer(body);
    this.reasons.push(`${requestType} ${logicalId}: ${reason}`);
    (this.answers[logicalId] ??= []).push(`${requestType} ${status} ${WHILE_ECS_TAKES_BACK.exec(reason) ? 'taken back by ECS' : outcome}`.trim());
  }

  /** Whether ECS is still at work on the daemon. */
  public isAtWorkOn(daemonArn: string): boolean {
    return this.truth.daemon(daemonArn)?.deployment.isOver === false;
  }

  public account(stackStatus: string): Account {
    const { writes, answers, reasons } = this;
    this.writes = {};
    this.answers = {};
    this.reasons = [];
    const daemons = Object.fromEntries(this.truth.daemons().map((daemon) => [nameOf(daemon.arn), inWords(daemon)]));
    return { stack: stackStatus, daemons: sorted(daemons), writes: sorted(writes), answers: sorted(answers), reasons };
  }

  private noting(name: string, run: Operation): Operation {
    return (input, context) => {
      const arn = String(input.daemonArn ?? input.resourceArn ?? `/${String(input.daemonName)}`);
      const before = this.stateOf(arn, input);
      const reply = run(input, context);
      if (this.stateOf(arn, input) !== before) (this.writes[nameOf(arn)] ??= []).push(name);
      return reply;
    };
  }

  private stateOf(arn: string, input: Input): string {
    const daemon = input.daemonName === undefined ? this.truth.daemon(arn)
      : this.truth.daemons().find((each) => nameOf(each.arn) === input.daemonName);
    return JSON.stringify(daemon && [daemon.isActive, daemon.deployment.arn, daemon.tags]);
  }
}

const nameOf = (daemonArn: string): string => daemonArn.split('/').at(-1)!;

const sorted = <T>(record: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

function inWords({ isActive, tags, deployment, goal, running }: DaemonTruth): string {
  const counts = new Map<string, number>();
  for (const content of running) counts.set(contentInWords(content), (counts.get(contentInWords(content)) ?? 0) + 1);
  const runs = [...counts].map(([content, count]) => `${count} × ${content}`).sort().join(', ');
  const told = (key: string, value: string): string => key === RECORD_KEY ? 'is there' : value.replace(/^arn:[^/]*\/([^/]+)\/.*/, '$1');
  const owned = Object.entries(tags).map(([key, value]) => `${key}=${told(key, value)}`).sort().join(' ');
  return `${isActive ? '' : 'being deleted; '}${deployment.kind} ${deployment.status} to ${contentInWords(goal)}; runs ${runs}; ${owned}`;
}

function contentInWords(content: FleetContent | undefined): string {
  if (!content) return 'nothing';
  const { taskDefinitionArn, capacityProviderArns, propagateTags, enableECSManagedTags, enableExecuteCommand, critical } = content;
  return [
    taskDefinitionArn.split('/').at(-1), `on ${capacityProviderArns.map(nameOf).sort().join('+')}`, propagateTags,
    enableECSManagedTags, enableExecuteCommand, critical,
  ].join(' ');
}
