import { plan } from '../../cli/plan';
import { exampleNames, SynthesizedExample } from '../example-synthesis';
import { deployInWorld, worldOf } from './other-world';
import { withOtherImage } from './other-image';

/** `EXAMPLES=all npx jest test/cli/example-plans.test.ts` plans all examples, in three minutes. */
const examples = process.env.EXAMPLES === 'all' ? exampleNames : ['waves', 'waves-over-stacks'];

test.each(examples)('the plan of an update of the example %s agrees with its deployment in another world', async (name) => {
  const example = new SynthesizedExample(name);
  try {
    const before = example.assembly.directory;
    const after = withOtherImage(before);

    const result = await plan(after, { from: before });
    const reality = await deployInWorld(worldOf(name.length), [before, after], []);

    expect(result.daemons.map(({ change }) => change)).toEqual(result.daemons.map(() => 'update'));
    expect(result.drainedInstances).toBeGreaterThan(0);
    expect(Object.values(reality.drained).reduce((sum, count) => sum + count, 0)).toBe(result.drainedInstances);
    for (const { name: daemon, minutes } of result.daemons) {
      expect(reality.minutes[daemon]).toBeGreaterThanOrEqual(minutes!.least);
      expect(reality.minutes[daemon]).toBeLessThanOrEqual(minutes!.most);
    }
  } finally {
    example.remove();
  }
});
