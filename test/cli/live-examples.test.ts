import { exampleNames, SynthesizedExample } from '../example-synthesis';
import { command, deploy, startAccount } from './live-account';
import { withOtherImage } from './other-image';

/** `EXAMPLES=all npx jest test/cli/live-examples.test.ts` plans all examples. */
const examples = process.env.EXAMPLES === 'all' ? exampleNames : ['waves-over-stacks'];

test.each(examples)('the plan of an update of the example %s against the account agrees with its deployment', async (name) => {
  const example = new SynthesizedExample(name);
  const sandbox = await startAccount();
  try {
    expect(await deploy(sandbox, example.assembly.directory)).toBe('CREATE_COMPLETE');
    await sandbox.clock.sleep(3600);
    const after = withOtherImage(example.assembly.directory);

    const { code, stdout, stderr } = await command(sandbox, ['plan', '--app', after]);
    const first = sandbox.ecs.instanceEvents.length;
    const status = await deploy(sandbox, after);
    const drained = sandbox.ecs.instanceEvents.slice(first).filter(({ event }) => event === 'INSTANCE_DRAINING').length;

    expect({ code, stderr, status }).toEqual({ code: 2, stderr: '', status: 'UPDATE_COMPLETE' });
    expect(stdout).toMatch(new RegExp(`^Drains ${drained} of ${drained} instances, each once;`));
    expect(stdout).not.toContain('outside CloudFormation');
  } finally {
    await sandbox.close();
    example.remove();
  }
});
