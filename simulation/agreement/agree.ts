import { agree, type Account } from './account';
import { playOnSandbox } from './on-sandbox';
import { playOnSimulation } from './on-simulation';
import { sharedScenarioOf, type Act } from './shared-scenario';

/** The first act of a scenario of which the models' results differ. */
export interface Disagreement {
  readonly seed: number;
  readonly number: number;
  readonly act: Act;
  readonly simulation: Account;
  readonly sandbox: Account;
}

/** Runs the scenario of a seed on both models; returns undefined if they agree. */
export async function disagreement(seed: number): Promise<Disagreement | undefined> {
  const shared = sharedScenarioOf(seed);
  const simulation = await playOnSimulation(shared);
  const sandbox = await playOnSandbox(shared);
  const number = shared.acts.findIndex((_, index) => !agree(simulation[index]!, sandbox[index]!));
  return number < 0 ? undefined : { seed, number, act: shared.acts[number]!, simulation: simulation[number]!, sandbox: sandbox[number]! };
}

/** Describes the act, and the result on each model. */
export const inWords = ({ number, act, simulation, sandbox }: Disagreement): string => [
  `act ${number}: ${JSON.stringify(act)}`, `the simulation: ${JSON.stringify(simulation, undefined, 2)}`, `the sandbox: ${JSON.stringify(sandbox, undefined, 2)}`,
].join('\n');
