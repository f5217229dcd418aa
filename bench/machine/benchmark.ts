/**
 * `npm run bench:machine`: how many rollouts the pure machine carries in a second of CPU time, which other work of the computer does not
 * shorten. What is seen is recorded once, from a rollout of twelve instances in four batches, so that nothing but the machine is measured.
 */
import { begin, step } from '../../lambda/rollout/machine';
import { observe } from '../../lambda/rollout/observe/observe';
import { perform } from '../../lambda/rollout/perform';
import { rolloutOf, type Rollout } from '../../lambda/rollout/rollout';
import type { StackApi } from '../../lambda/rollout/aws/stack-api';
import type { Event } from '../../lambda/rollout/decision';
import type { State } from '../../lambda/rollout/state';
import { withDaemon } from '../../test/lambda/fixtures';
import { taskDefinition, updateRequest } from '../../test/lambda/requests';

const BUDGET = 200;
const MEASURED_MILLISECONDS = 3000;

interface Happening {
  readonly event: Event;
  readonly now: number;
}

const next = (state: State, { event, now }: Happening, rollout: Rollout): State => step(state, event, now, rollout);

/** Besides ECS only the events of the stack are read: no other daemon of it rolls out. */
const otherSources = { stacks: { events: async () => ({ events: [] }) } as Partial<StackApi> as StackApi, executions: undefined as never };

async function record(rollout: Rollout, api: ReturnType<typeof withDaemon>): Promise<Happening[]> {
  const happenings: Happening[] = [];
  const sources = { daemons: api, ...otherSources };
  let state = begin(rollout);
  while (state.decision.kind !== 'finish') {
    if (state.decision.kind === 'poll') api.now += state.decision.afterSeconds * 1000;
    if (state.decision.kind === 'respond') throw new Error('the recorded rollout outlives its hour');
    const event: Event = state.decision.kind === 'write'
      ? { kind: 'written', outcome: await perform(sources, rollout, state, state.decision.command, () => api.now) }
      : { kind: 'observed', seen: await observe(sources, rollout, state.decision.reads) };
    const happening = { event, now: api.now };
    happenings.push(happening);
    state = next(state, happening, rollout);
  }
  return happenings;
}

async function main(): Promise<void> {
  const api = withDaemon();
  api.addAlarm('errors');
  const request = updateRequest({ AlarmNames: ['errors'] }, { AlarmNames: ['errors'], ...taskDefinition(2) });
  const rollout = rolloutOf(request, { startedAt: api.now, rollingBack: false, logGroup: 'rollouts' }, 'arn:rollout');
  const steps = await record(rollout, api);
  const play = (): State => steps.reduce((state, step) => next(state, step, rollout), begin(rollout));
  const { decision } = play();
  if (decision.kind !== 'finish' || decision.response.Status !== 'SUCCESS') throw new Error(`the recorded rollout does not succeed: ${JSON.stringify(decision)}`);

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
