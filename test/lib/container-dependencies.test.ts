import { App, aws_ecs as ecs, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { DaemonTaskDefinition, type DaemonContainerDefinition, type DaemonContainerDefinitionOptions } from '../../lib';
import { image } from './stack-with-daemon';

const { COMPLETE, HEALTHY, START, SUCCESS } = ecs.ContainerDependencyCondition;
const healthCheck = { command: ['agent health'] };
let stack: Stack;
let taskDefinition: DaemonTaskDefinition;

beforeEach(() => {
  stack = new Stack(new App(), 'Stack');
  taskDefinition = new DaemonTaskDefinition(stack, 'Agent');
});

function add(id: string, options: Partial<DaemonContainerDefinitionOptions> = {}): DaemonContainerDefinition {
  return taskDefinition.addContainer(id, { image, memoryLimitMiB: 64, ...options });
}

const problems = (): string[] => taskDefinition.node.validate();

test.each([START, COMPLETE, SUCCESS, HEALTHY])('a container can wait until another one is in the state %s', (condition) => {
  const container = add('first', { essential: false, healthCheck });
  add('second', { containerDependencies: [{ container, condition }] });

  Template.fromStack(stack).hasResourceProperties('AWS::ECS::DaemonTaskDefinition', {
    ContainerDefinitions: [
      { Name: 'first', DependsOn: Match.absent() },
      { Name: 'second', DependsOn: [{ ContainerName: 'first', Condition: condition }] },
    ],
  });
});

test('without a condition the other container must be healthy', () => {
  add('second').addContainerDependencies({ container: add('first', { healthCheck }) });

  Template.fromStack(stack).hasResourceProperties('AWS::ECS::DaemonTaskDefinition', {
    ContainerDefinitions: Match.arrayWith([Match.objectLike({ Name: 'second', DependsOn: [{ ContainerName: 'first', Condition: 'HEALTHY' }] })]),
  });
});

test('a container of another task definition cannot be waited for', () => {
  const container = new DaemonTaskDefinition(stack, 'Other').addContainer('agent', { image, memoryLimitMiB: 64 });

  expect(() => add('second', { containerDependencies: [{ container, condition: START }] })).toThrow(
    new Error('[Stack/Agent/second] a container can only depend on containers of its own task definition, got: "Stack/Other/agent"'));
});

describe('synth fails', () => {
  test('if a container waits for the health of one without a health check', () => {
    add('second', { containerDependencies: [{ container: add('first') }] });

    expect(problems()).toEqual(['container "second" waits until container "first" is HEALTHY, which must therefore have a healthCheck, got: none']);
  });

  test.each([COMPLETE, SUCCESS])('if a container waits for the end of an essential one (%s)', (condition) => {
    add('second', { containerDependencies: [{ container: add('first'), condition }] });

    expect(problems()).toEqual([
      `container "second" waits for the end of container "first" (${condition}), which must therefore not be essential, got: essential true`,
    ]);
  });

  test.each([1, 2, 3, 10])('if %i containers wait for each other in a circle', (count) => {
    const containers = Array.from({ length: count }, (_, index) => add(`c${index}`));
    containers.forEach((container, index) =>
      container.addContainerDependencies({ container: containers[(index + 1) % count], condition: START }));
    const circle = [...containers, containers[0]].map(({ containerName }) => `"${containerName}"`).join(' -> ');

    expect(problems()).toEqual([`containers must not wait for each other in a circle, got: ${circle}`]);
  });

  test('for the circle alone, where others lead into it', () => {
    const [outer, first, second] = [add('outer'), add('first'), add('second')];
    outer.addContainerDependencies({ container: first, condition: START });
    first.addContainerDependencies({ container: second, condition: START });
    second.addContainerDependencies({ container: first, condition: START });

    expect(problems()).toEqual(['containers must not wait for each other in a circle, got: "first" -> "second" -> "first"']);
  });

  test('but not if containers wait for the same one on two ways', () => {
    const base = add('base');
    const [left, right] = [add('left'), add('right')].map((container) => {
      container.addContainerDependencies({ container: base, condition: START });
      return container;
    });
    add('top', { containerDependencies: [{ container: left, condition: START }, { container: right, condition: START }] });

    expect(problems()).toEqual([]);
  });
});
