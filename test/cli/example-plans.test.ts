import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { plan } from '../../cli/plan';
import type { Template } from '../../sandbox/cloudformation/template/template';
import { exampleNames, SynthesizedExample } from '../example-synthesis';
import { deployInWorld, worldOf } from './other-world';
import { newFolder } from './plan-bench';

/** `EXAMPLES=all npx jest test/cli/example-plans.test.ts` plans all examples, in three minutes. */
const examples = process.env.EXAMPLES === 'all' ? exampleNames : ['waves', 'waves-over-stacks'];

/** The assembly of an example with another image in each daemon task definition. */
function withOtherImage(assembly: string): string {
  const folder = newFolder();
  cpSync(assembly, folder, { recursive: true });
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.template.json'))) {
    const template = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Template;
    for (const { Type, Properties } of Object.values(template.Resources)) {
      if (Type !== 'AWS::ECS::DaemonTaskDefinition') continue;
      for (const container of Properties!.ContainerDefinitions as { Image: string }[]) container.Image += '-next';
    }
    writeFileSync(join(folder, file), JSON.stringify(template));
  }
  return folder;
}

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
