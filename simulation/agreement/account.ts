import { isDeepStrictEqual } from 'node:util';
import type { Ecs } from '../../sandbox/ecs';
import type { Input, Operation } from '../../sandbox/core/aws-service';
import { readAnswer } from '../oracle/response';
import type { FleetContent } from '../world/fleet-content';
import { Truth, type DaemonTruth } from '../oracle/truth';

/**
 * The result of an act, as far as both models must agree on it:
 * - how the stack ended;
 * - the daemons: their owner and other tags, the end of their last deployment, the revision of new instances, and how many
 *   instances run which revision;
 * - the writes that had an effect, in order, daemon by daemon, by any caller;
 * - each request to a custom resource, in order, resource by resource, with status and outcome of the answer that counted.
 *
 * Not compared are ids that each model invents and ARNs with them, times, numbers of reads, writes that ECS rejected or that repeated
 * the current state (the models' reads lag at different times), and the words of reasons, which count minutes and instances at such
 * times. For the same cause, all outcomes of a rollback by ECS count as one.
 */
export interface Account {
  readonly stack: string;
  readonly daemons: Readonly<Record<string, string>>;
  readonly writes: Readonly<Record<string, readonly string[]>>;
  readonly answers: Readonly<Record<string, readonly string[]>>;
  /** Not compared; printed with a disagreement. */
  readonly reasons: readonly string[];
}

export const agree = ({ reasons: _, ...a }: Account, { reasons: __, ...b }: Account): boolean => isDeepStrictEqual(a, b);

/** Outcomes that differ only by whether a read comes before or after the end of ECS's rollback, which is a matter of seconds. */
const WHILE_ECS_TAKES_BACK = /ECS (rolled|stopped|has rolled|could not roll) |^UNCHANGED: the daemon \S+ needed no rollout/;

/** The tag that records an adoption; its value consists of ids. */
const RECORD_KEY = 'cdk-ecs-managed-daemons:adoption';

const WRITES = ['CreateDaemon', 'UpdateDaemon', 'DeleteDaemon', 'TagResource', 'UntagResource'];

/** Records, between two accounts, the writes and requests that ECS and CloudFormation receive. */
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
