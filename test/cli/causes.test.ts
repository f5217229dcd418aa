import { changesBetween } from '../../cli/plan/causes';

const container = (more: object = {}): object => ({ name: 'agent', image: 'example.com/agent:1.0', memory: 256, ...more });
const definition = (...containerDefinitions: object[]): Record<string, unknown> => ({ registeredAt: 7, containerDefinitions });
const before = { DaemonTaskDefinitionArn: 'agent:1', DrainPercent: '25', AlarmNames: ['b', 'a'], Tags: [{ key: 'team', value: 'x' }] };
const after = { ...before, DaemonTaskDefinitionArn: 'agent:2' };

describe('the settings that a deployment changes', () => {
  test.each([
    ['an image by its tags', [container(), container({ image: 'example.com/agent:1.1' })], ['image 1.0 → 1.1']],
    ['an image of another repository by its name', [container(), container({ image: 'other/agent:1.0' })], ['image example.com/agent:1.0 → other/agent:1.0']],
    ['an environment variable by its name', [container(), container({ environment: [{ name: 'LEVEL', value: 'secret' }] })], ['environment LEVEL']],
    ['a limit by its values', [container(), container({ memory: 512 })], ['memory 256 → 512']],
    ['a long value by its setting alone', [container(), container({ command: ['x'.repeat(100)] })], ['command']],
    ['nothing that is visible as a replaced task definition', [container(), container()], ['task definition replaced']],
  ])('name %s', (_, [old, current], phrases) => {
    expect(changesBetween(before, after, [definition(old!), definition(current!)]).fleet).toEqual(phrases);
  });

  test('name the container if there are several', () => {
    const sidecar = { name: 'sidecar', image: 'example.com/sidecar:1' };
    const { fleet } = changesBetween(before, after, [definition(container()), definition(container({ image: 'example.com/agent:2.0' }), sidecar)]);

    expect(fleet).toEqual(['image of agent 1.0 → 2.0', 'container sidecar added']);
  });

  test('are shortened after four', () => {
    const many = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((key) => [key, 1]));

    expect(changesBetween(before, after, [definition(container()), definition(container(many))]).fleet.at(-1)).toBe('2 more');
  });

  test('distinguish the fleet, the rollout and tags', () => {
    const changed = { ...before, Critical: 'false', DrainPercent: '50', Tags: [{ key: 'team', value: 'y' }, { key: 'cost', value: '1' }] };

    expect(changesBetween({ ...before, Critical: 'true' }, changed, [])).toEqual({
      fleet: ['critical true → false'], rollout: ['drain percent 25 → 50'], tags: ['cost', 'team'],
    });
  });

  test('ignore the order of alarms and capacity providers', () => {
    const arns = ['arn:aws:ecs:us-east-1:1:capacity-provider/a', 'arn:aws:ecs:us-east-1:1:capacity-provider/b'];
    const [one, other] = [arns, arns.toReversed()].map((CapacityProviderArns) => ({ ...before, CapacityProviderArns }));

    expect(changesBetween(one!, { ...other!, AlarmNames: ['a', 'b'] }, [])).toEqual({ fleet: [], rollout: [], tags: [] });
  });
});
