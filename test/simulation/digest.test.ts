import { Recording, type Digest } from '../../simulation/world/digest';
import { scenarioOf } from '../../simulation/scenario/generator';
import { play } from '../../simulation/run/simulation';
import { changedSeeds, storedDigests } from '../../simulation/run/stored-digests';

const SEED = 6;

describe('a digest', () => {
  const BASE = { line: 'agent PREFLIGHT: begins', input: { daemonArn: 'a' }, read: 1, body: { Status: 'FAILED', Reason: 'no' } };
  const digestOf = ({ line, input, read, body }: typeof BASE): Digest => {
    const recording = new Recording(() => 0);
    recording.log(line);
    recording.sent('dispatcher', 'lambda:Invoke', undefined);
    recording.arrived('DescribeDaemon', {}, { read }, false);
    recording.arrived('UpdateDaemon', input, {}, true);
    recording.answered(JSON.stringify(body));
    return recording.digest();
  };
  const parts = (['all', 'withoutWords', 'effects'] as const);
  const changedBy = (change: Partial<typeof BASE>): string[] => {
    const [base, changed] = [digestOf(BASE), digestOf({ ...BASE, ...change })];
    return parts.filter((part) => base[part] !== changed[part]);
  };

  test.each<[string, Partial<typeof BASE>, string[]]>([
    ['nothing', {}, []],
    ['the text of a log line', { line: 'agent PREFLIGHT: starts' }, ['all']],
    ['the reason of an answer', { body: { Status: 'FAILED', Reason: 'never' } }, ['all']],
    ['the reply to a read', { read: 2 }, ['all', 'withoutWords']],
    ['the input of a write', { input: { daemonArn: 'b' } }, ['all', 'withoutWords', 'effects']],
    ['the status of an answer', { body: { Status: 'SUCCESS', Reason: 'no' } }, ['all', 'withoutWords', 'effects']],
  ])('shows a change of %s in the parts that do not leave it out', (_, change, changed) => {
    expect(changedBy(change)).toEqual(changed);
  });

  test('differs with the virtual time', () => {
    const at = (milliseconds: number): Digest => {
      const recording = new Recording(() => milliseconds);
      recording.arrived('UpdateDaemon', {}, {}, true);
      return recording.digest();
    };
    expect(at(1).effects).not.toBe(at(2).effects);
  });

  test('is the same whenever a seed is played', async () => {
    const [first, second] = [await play(scenarioOf(SEED), { isDigested: true }), await play(scenarioOf(SEED), { isDigested: true })];
    expect(second.digest).toEqual(first.digest);
  });
});

describe('the stored digests', () => {
  test('are those of seeds 1 to 2000', () => {
    expect([...storedDigests().keys()]).toEqual(Array.from({ length: 2000 }, (_, index) => index + 1));
  });

  test('name the seeds that differ from them, part by part', () => {
    const [stored] = [...storedDigests().values()];
    const changed = changedSeeds(storedDigests(), new Map([[1, stored!], [2, { ...storedDigests().get(2)!, all: 'else' }]]));
    expect(changed).toEqual({ all: [2], withoutWords: [], effects: [] });
  });
});
