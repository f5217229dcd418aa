import fc from 'fast-check';
import { FakeWorld, customTemplate } from './fake-world';

const IDS = ['A', 'B', 'C', 'D', 'E'];
const SETTLED = ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE', 'ROLLBACK_COMPLETE'];

type Behaviour = 'succeed' | 'fail' | 'say nothing';

interface Wanted {
  readonly name: string;
  readonly value: string;
  readonly behaviour: Behaviour;
  readonly dependsOn: readonly number[];
}

/** Some of the resources, each with dependencies among those before it. */
const revision = fc.array(fc.option(fc.record({
  name: fc.constantFrom('one', 'two'),
  value: fc.constantFrom('1', '2', '3'),
  behaviour: fc.oneof({ weight: 8, arbitrary: fc.constant<Behaviour>('succeed') }, fc.constant<Behaviour>('fail'), fc.constant<Behaviour>('say nothing')),
  dependsOn: fc.subarray([0, 1, 2, 3]),
}), { nil: undefined }), { minLength: IDS.length, maxLength: IDS.length }).filter((wanted) => wanted.some((one) => one !== undefined));

function templateOf(wanted: readonly (Wanted | undefined)[]): unknown {
  const dependencies = ({ dependsOn }: Wanted, index: number) => (
    dependsOn.filter((other) => other < index && wanted[other]).map((other) => IDS[other])
  );
  return customTemplate(Object.fromEntries(wanted.flatMap((one, index) => (one === undefined ? [] : [[
    IDS[index], { Name: one.name, Value: one.value, Behaviour: one.behaviour, DependsOn: dependencies(one, index) },
  ]]))));
}

test('existing resources are those of the stack after any failure, and none remains at the end', async () => {
  await fc.assert(fc.asyncProperty(fc.array(revision, { minLength: 1, maxLength: 5 }), async (revisions) => {
    const world = new FakeWorld();
    const living = new Set<string>();
    world.handler = ({ RequestType, LogicalResourceId, PhysicalResourceId, ResourceProperties: { Name: name, Behaviour: behaviour } }) => {
      if (RequestType === 'Delete') {
        living.delete(PhysicalResourceId!);
        return { PhysicalResourceId };
      }
      if (behaviour === 'say nothing') return undefined;
      const id = `${LogicalResourceId}-${String(name)}`;
      if (behaviour === 'fail') return { Status: 'FAILED', Reason: 'as asked', PhysicalResourceId: PhysicalResourceId ?? id };
      living.add(id);
      return { PhysicalResourceId: id };
    };
    const held = async (): Promise<string[]> => {
      const { StackResourceSummaries: resources } = await world.call('ListStackResources', { StackName: 'Test' });
      return resources.map(({ PhysicalResourceId: id }: { PhysicalResourceId: string }) => id).sort();
    };
    let exists = false;
    for (const wanted of revisions) {
      const template = templateOf(wanted);
      const status = await (exists ? world.update(template) : world.create(template)).catch((error: Error) => error.message);
      if (status === 'No updates are to be performed.') continue;
      for (let hour = 0; hour < 6; hour++) await world.clock.advance(3600);
      const { StackStatus: settled } = await world.stack();
      expect(SETTLED).toContain(settled);
      expect([...living].sort()).toEqual(await held());
      exists = settled !== 'ROLLBACK_COMPLETE';
      if (!exists) await world.delete();
    }
    if (exists) await world.delete();
    expect([...living]).toEqual([]);
  }), { numRuns: 150, seed: 1 });
}, 60_000);
