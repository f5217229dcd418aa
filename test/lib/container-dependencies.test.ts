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

test('a dependency without a condition requires a healthy container', () => {
  add('second').addContainerDependencies({ container: add('first', { healthCheck }) });

  Template.fromStack(stack).hasResourceProperties('AWS::ECS::DaemonTaskDefinition', {
    ContainerDefinitions: Match.arrayWith([Match.objectLike({ Name: 'second', DependsOn: [{ ContainerName: 'first', Condition: 'HEALTHY' }] })]),
  });
});

test('a dependency on a container of another task definition fails', () => {
  const container = new DaemonTaskDefinition(stack, 'Other').addContainer('agent', { image, memoryLimitMiB: 64 });

  expect(() => add('second', { containerDependencies: [{ container, condition: START }] })).toThrow(
    new Error('[Stack/Agent/second] a container can only depend on containers of its own task definition, got: "Stack/Other/agent"'));
});

describe('a dependency that fails at synth', () => {
  test('waits for the health of a container without a health check', () => {
    add('second', { containerDependencies: [{ container: add('first') }] });

    expect(problems()).toEqual(['container "second" waits until container "first" is HEALTHY, which must therefore have a healthCheck, got: none']);
  });

  test.each([COMPLETE, SUCCESS])('waits for the end of an essential container (%s)', (condition) => {
    add('second', { containerDependencies: [{ container: add('first'), condition }] });

    expect(problems()).toEqual([
      `container "second" waits for the end of container "first" (${condition}), which must therefore not be essential, got: essential true`,
    ]);
  });

  test.each([1, 2, 3, 10])('is part of a circle of %i containers', (count) => {
    const containers = Array.from({ length: count }, (_, index) => add(`c${index}`));
    containers.forEach((container, index) =>
      container.addContainerDependencies({ container: containers[(index + 1) % count], condition: START }));
    const circle = [...containers, containers[0]].map(({ containerName }) => `"${containerName}"`).join(' -> ');

    expect(problems()).toEqual([`containers must not wait for each other in a circle, got: ${circle}`]);
  });

  test('is reported without others that lead into the circle', () => {
    const [outer, first, second] = [add('outer'), add('first'), add('second')];
    outer.addContainerDependencies({ container: first, condition: START });
    first.addContainerDependencies({ container: second, condition: START });
    second.addContainerDependencies({ container: first, condition: START });

    expect(problems()).toEqual(['containers must not wait for each other in a circle, got: "first" -> "second" -> "first"']);
  });

  test('does not include containers that wait for the same one on two paths', () => {
    const base = add('base');
    const [left, right] = [add('left'), add('right')].map((container) => {
      container.addContainerDependencies({ container: base, condition: START });
      return container;
    });
    add('top', { containerDependencies: [{ container: left, condition: START }, { container: right, condition: START }] });

    expect(problems()).toEqual([]);
  });
});
