import { agree, type Account } from './account';
import { playOnSandbox } from './on-sandbox';
import { playOnSimulation } from './on-simulation';
import { storyOf, type Act } from './shared-scenario';

/** The first act of a story that the players do not agree on. */
export interface Disagreement {
  readonly seed: number;
  readonly number: number;
  readonly act: Act;
  readonly simulation: Account;
  readonly sandbox: Account;
}

/** Has the story of a seed played by both; undefined if they agree. */
export async function disagreement(seed: number): Promise<Disagreement | undefined> {
  const story = storyOf(seed);
  const simulation = await playOnSimulation(story);
  const sandbox = await playOnSandbox(story);
  const number = story.acts.findIndex((_, index) => !agree(simulation[index]!, sandbox[index]!));
  return number < 0 ? undefined : { seed, number, act: story.acts[number]!, simulation: simulation[number]!, sandbox: sandbox[number]! };
}

/** For a person: the act, and what each player makes of it. */
export const inWords = ({ number, act, simulation, sandbox }: Disagreement): string => [
  `act ${number}: ${JSON.stringify(act)}`, `the simulation: ${JSON.stringify(simulation, undefined, 2)}`, `the sandbox: ${JSON.stringify(sandbox, undefined, 2)}`,
].join('\n');
