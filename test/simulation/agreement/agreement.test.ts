import { disagreement, inWords } from '../../../simulation/agreement/agree';

/** `npm run simulate -- --agree 200` plays more of them. */
const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1);

test.each(SEEDS)('the built bundles on the sandbox agree with the simulation on seed %d', async (seed) => {
  const found = await disagreement(seed);
  if (found) throw new Error(inWords(found));
});
