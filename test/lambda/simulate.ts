import type { Answer } from '../../lambda/answer';
import type { RolloutReport } from '../../lambda/report';
import type { CloudFormationRequest } from '../../lambda/request';
import type { DaemonApi } from '../../lambda/rollout/aws/daemon-api';
import { step, responded, begin } from '../../lambda/rollout/machine';
import { observe } from '../../lambda/rollout/observe/observe';
import { check, isCheckedApart, perform } from '../../lambda/rollout/perform';
import { effectiveRequest } from '../../lambda/rollout/facts/subject';
import { reportedEnd } from '../../lambda/rollout/report/report';
import { rolloutOf, type Rollout } from '../../lambda/rollout/rollout';
import type { Event, StackApi } from '../../lambda/rollout/aws/stack-api';
import type { Phase, Result, Decision, Event as MachineEvent } from '../../lambda/rollout/decision';
import type { State } from '../../lambda/rollout/state';
import { stageDiagram } from './diagram';
import type { FakeDaemonApi } from './fake-daemon-api';
import { FakeExecutions } from './fake-executions';

export interface Run {
  /** What CloudFormation is told, after so many seconds. */
  readonly answer: Answer;
  readonly seconds: number;
  /** What the rollout comes to in the end, after so many seconds: the answer, unless that was given before the end. */
  readonly end: Answer;
  readonly endSeconds: number;
  /** How it has ended, as its report tells. */
  readonly outcome: string | undefined;
  readonly report: RolloutReport;
  readonly rollout: Rollout;
  readonly lines: readonly string[];
  /** The same, each with its second. */
  readonly transcript: readonly string[];
  readonly looks: number;
  readonly largestState: number;
  /** The phases that it went through, in order. */
  readonly phases: readonly Phase[];
}

export interface Circumstances {
  readonly rollingBack?: boolean;
  /** How long before the rollout the operation began that is rolled back. @default - 15 minutes */
  readonly operationBeganSecondsAgo?: number | 'unknown';
  /** The tags of the stack. @default - they could not be read */
  readonly stackTags?: Readonly<Record<string, string>>;
  /** Whether the request before may have written tags that reads do not return yet. */
  readonly tagsMayBeOlder?: boolean;
  /** For how long an older rollout of the same resource still runs. @default 0 */
  readonly olderRunsForSeconds?: number;
  /** The deployment that the request before this one has just seen to its end. */
  readonly endedArn?: string;
  /** Cuts a write off: before it is sent, or after it has taken effect. */
  readonly cut?: (command: string, attempt: number) => 'before' | 'after' | undefined;
  /** How long the execution is down after a cut. */
  readonly downSeconds?: number;
  /** What the machine's looks and writes go through. @default - the fake itself */
  readonly through?: DaemonApi;
  /** The operations that the stack has begun and not completed, newest first. */
  readonly openOperations?: readonly string[];
  /** What the stack's events tell of its resources at a second of the rollout, newest first. */
  readonly resourceEvents?: (seconds: number) => readonly Event[];
  /** Runs between two looks. */
  readonly meanwhile?: (seconds: number, state: State) => void;
}

/** As many as an execution may have (EN2). */
const MOST_OPERATIONS = 3000;
/** More looks without a pause between them are a mistake of the machine's. */
const MOST_LOOKS_AT_ONCE = 20;
/** The result of a write that was under way at the deadline is still taken note of. */
const MOST_LOOKS_AFTER_DEADLINE = 3;

const PHASES = ['PREFLIGHT', 'WAITING_TURN', 'APPLYING', 'DEPLOYING', 'BAKING', 'ROLLING_BACK', 'DRAINING', 'DONE'];
const OUTCOMES = ['SUCCEEDED', 'UNCHANGED', 'ROLLED_BACK', 'FAILED', 'SUPERSEDED', 'TIMED_OUT', 'DEGRADED'];
/** A line of the log begins with where the rollout is, or with how it has ended. */
const LINE = new RegExp(`^(${[...PHASES, ...OUTCOMES, 'CONTINUING'].join('|')}): .`);

const LEGAL_MOVES = stageDiagram();

/** Plays the durable engine: the machine against the fake, on the fake's clock. */
export async function simulate(api: FakeDaemonApi, request: CloudFormationRequest, circumstances: Circumstances = {}): Promise<Run> {
  const { rollingBack = false, cut = () => undefined, downSeconds = 1, meanwhile = () => undefined } = circumstances;
  const { operationBeganSecondsAgo = 900, through = api, openOperations = ['this-operation'], resourceEvents = () => [], olderRunsForSeconds = 0, endedArn, stackTags, tagsMayBeOlder } = circumstances;
  const startedAt = api.now;
  const stacks = stackWith(openOperations, request.StackId, () => resourceEvents((api.now - startedAt) / 1000));
  const sources = { daemons: through, stacks, executions: new FakeExecutions() };
  const operationBeganAt = operationBeganSecondsAgo === 'unknown' ? undefined : startedAt - operationBeganSecondsAgo * 1000;
  const asked = rolloutOf(request, { startedAt, rollingBack, operationBeganAt, stackTags, logGroup: '/aws/lambda/rollouts' }, 'arn:rollout');
  const predecessorDeployment = endedArn === undefined ? undefined : { arn: endedArn, endedAt: startedAt };
  const rollout = { ...asked, soleExecutionSince: startedAt + olderRunsForSeconds * 1000, predecessorDeployment, tagsMayBeOlder };
  api.now = rollout.soleExecutionSince;
  const lines: string[] = [];
  const transcript: string[] = [];
  const attempts: Record<string, number> = {};
  let largestState = 0;
  const phases: Phase[] = [];
  let given: Pick<Run, 'answer' | 'seconds'> | undefined;
  let state = begin(rollout);
  const giveUp = (what: string): Error => new Error(`${what}; the last lines: ${lines.slice(-5).join(' | ')}`);
  /** As the engine does, everything that the machine remembers goes through JSON. */
  const advance = (event: MachineEvent): void => {
    const { name } = state.stage;
    state = JSON.parse(JSON.stringify(step(state, event, api.now, rollout))) as State;
    const move = `${name} --> ${state.stage.name}`;
    if (name !== state.stage.name && !LEGAL_MOVES.includes(move)) throw giveUp(`lambda/README.md does not show the move ${move}`);
    const strange = state.logLines.find((line) => !LINE.test(line));
    if (strange !== undefined) throw giveUp(`the line "${strange}" does not tell where the rollout is`);
    lines.push(...state.logLines);
    transcript.push(...state.logLines.map((line) => `${String((api.now - startedAt) / 1000).padStart(5)} s  ${line}`));
  };
  let atOnce = 0;
  let late = 0;
  for (let looks = 0; looks < MOST_OPERATIONS; looks++) {
    const seconds = (api.now - startedAt) / 1000;
    if (state.decision.kind === 'respond') {
      given = { answer: state.decision.response, seconds };
      state = responded(state);
    }
    const decision = state.decision as Exclude<Decision, { readonly kind: 'respond' }>;
    if (!PHASES.includes(state.phase)) throw giveUp(`the phase "${state.phase}" has no meaning to people`);
    if (state.phase !== phases.at(-1)) phases.push(state.phase);
    largestState = Math.max(largestState, JSON.stringify(state).length);
    if (decision.kind === 'finish') {
      const { response: end } = decision;
      const { rollout: report, outcome } = reportedEnd(state, rollout);
      if (!OUTCOMES.includes(outcome!)) throw giveUp(`the outcome "${outcome}" has no meaning to people`);
      return {
        answer: end, seconds, ...given, end, endSeconds: seconds, outcome,
        report: report!, rollout, lines, transcript, looks, largestState, phases,
      };
    }
    if (decision.kind === 'write') {
      const attempt = attempts[decision.command] = (attempts[decision.command] ?? 0) + 1;
      const when = cut(decision.command, attempt);
      const now = (): number => api.now;
      const checked = isCheckedApart(state) ? await check(sources, rollout, state, decision.command, now) : undefined;
      const result: Result = when === 'before' ? { kind: 'accepted', deploymentArn: '' }
        : checked?.result ?? await perform(sources, rollout, state, decision.command, now, checked);
      if (when) api.now += downSeconds * 1000;
      advance({ kind: 'written', outcome: when ? { kind: 'interrupted', message: 'the function was interrupted' } : result });
      continue;
    }
    atOnce = decision.afterSeconds > 0 ? 0 : atOnce + 1;
    if (atOnce > MOST_LOOKS_AT_ONCE) throw giveUp('it looks again and again without a pause');
    if (api.now > rollout.deadline && ++late > MOST_LOOKS_AFTER_DEADLINE) throw giveUp('no answer at the deadline');
    api.now += decision.afterSeconds * 1000;
    meanwhile((api.now - startedAt) / 1000, state);
    const seen = await observe(sources, effectiveRequest(state, rollout), decision.reads);
    advance({ kind: 'observed', seen });
  }
  throw giveUp(`no end after ${MOST_OPERATIONS} looks`);
}

/** A stack that has completed an operation, and begun others since. */
const stackWith = (openOperations: readonly string[], PhysicalResourceId: string, resourceEvents: () => readonly Event[]): StackApi => ({
  describe: async () => ({ status: 'UPDATE_IN_PROGRESS' }),
  events: async () => ({
    events: [
      ...resourceEvents(),
      ...openOperations.map((EventId) => ({ EventId, PhysicalResourceId, ResourceStatus: 'UPDATE_IN_PROGRESS' as const })),
      { EventId: 'the-last-completion', PhysicalResourceId, ResourceStatus: 'UPDATE_COMPLETE' as const },
      { EventId: 'an-operation-long-ago', PhysicalResourceId, ResourceStatus: 'UPDATE_IN_PROGRESS' as const },
    ],
  }),
});
