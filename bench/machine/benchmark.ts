/**
 * `npm run bench:machine`: how many rollouts the pure machine carries in a second of CPU time, which other work of the computer does not
 * shorten. What is seen is recorded once, from a rollout of twelve instances in four batches, so that nothing but the machine is measured.
 */
import type { Observation } from '../../lambda/rollout/observation';
import { advance, begin, noted } from '../../lambda/rollout/machine';
import { observe } from '../../lambda/rollout/observe/observe';
import { perform } from '../../lambda/rollout/perform';
import { rolloutOf, type Rollout } from '../../lambda/rollout/rollout';
import type { StackApi } from '../../lambda/rollout/aws/stack-api';
import type { Result, State } from '../../lambda/rollout/state';
import { withDaemon } from '../../test/lambda/fixtures';
import { taskDefinition, updateRequest } from '../../test/lambda/requests';

const BUDGET = 200;
const MEASURED_MILLISECONDS = 3000;

type Step = { readonly seen: Observation; readonly now: number } | { readonly result: Result };

const next = (state: State, step: Step, rollout: Rollout): State =>
  'result' in step ? noted(state, step.result) : advance(state, step.seen, step.now, rollout);

/** Besides ECS only the events of the stack are read: no other daemon of it rolls out. */
const otherSources = { stacks: { events: async () => ({ events: [] }) } as Partial<StackApi> as StackApi, executions: undefined as never };

async function record(rollout: Rollout, api: ReturnType<typeof withDaemon>): Promise<Step[]> {
  const steps: Step[] = [];
  const sources = { daemons: api, ...otherSources };
  let state = begin(rollout);
  while (!('answer' in state.want)) {
    if ('look' in state.want) api.now += state.want.look * 1000;
    if ('interim' in state.want) throw new Error('the recorded rollout outlives its hour');
    const step: Step = 'command' in state.want ? { result: await perform(sources, rollout, state, state.want.command, () => api.now) }
      : { seen: await observe(sources, rollout, state.want.reads), now: api.now };
    steps.push(step);
    state = next(state, step, rollout);
  }
  return steps;
}

async function main(): Promise<void> {
  const api = withDaemon();
  api.addAlarm('errors');
  const request = updateRequest({ AlarmNames: ['errors'] }, { AlarmNames: ['errors'], ...taskDefinition(2) });
  const rollout = rolloutOf(request, { startedAt: api.now, rollingBack: false, logGroup: 'rollouts' }, 'arn:rollout');
  const steps = await record(rollout, api);
  const play = (): State => steps.reduce((state, step) => next(state, step, rollout), begin(rollout));
  const { want } = play();
  if (!('answer' in want) || want.answer.Status !== 'SUCCESS') throw new Error(`the recorded rollout does not succeed: ${JSON.stringify(want)}`);

  let rollouts = 0;
  const start = process.cpuUsage();
  const milliseconds = (): number => {
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  };
  for (; milliseconds() < MEASURED_MILLISECONDS; rollouts++) play();
  const perSecond = Math.round(rollouts / milliseconds() * 1000);
  console.log(`${process.version}: ${perSecond} rollouts of 12 instances a second of CPU time, ${steps.length} steps each (budget: at least ${BUDGET})`);
  process.exitCode = perSecond >= BUDGET ? 0 : 1;
}

void main();
