import { aws_ecs as ecs, Token } from 'aws-cdk-lib';
import type { DaemonContainerDependency } from './daemon-container-dependency';

/** A container with what its dependencies are checked by. */
interface DependentContainer {
  readonly containerName: string;
  readonly essential: boolean;
  readonly hasHealthCheck: boolean;
  readonly dependencies: { readonly containerName: string; readonly condition?: DaemonContainerDependency['condition'] }[];
}

/** Lists the dependencies between containers that ECS would refuse, or that would never be fulfilled. */
export function checkDependencies(containers: DependentContainer[]): string[] {
  return [...containers.flatMap((container) => checkConditions(container, containers)), ...checkCycles(containers)];
}

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html */
function checkConditions({ containerName, dependencies }: DependentContainer, containers: DependentContainer[]): string[] {
  return dependencies.flatMap((dependency) => {
    const other = containers.find((container) => container.containerName === dependency.containerName);
    const condition = dependency.condition ?? ecs.ContainerDependencyCondition.HEALTHY;
    const ends = condition === ecs.ContainerDependencyCondition.COMPLETE || condition === ecs.ContainerDependencyCondition.SUCCESS;
    if (other === undefined || Token.isUnresolved(condition)) {
      return [];
    }
    if (condition === ecs.ContainerDependencyCondition.HEALTHY && !other.hasHealthCheck) {
      return [`container ${quote(containerName)} waits until container ${quote(other.containerName)} is HEALTHY`
        + ', which must therefore have a healthCheck, got: none'];
    }
    return ends && other.essential
      ? [`container ${quote(containerName)} waits for the end of container ${quote(other.containerName)} (${condition})`
        + ', which must therefore not be essential, got: essential true']
      : [];
  });
}

/** Follows the dependencies of each container, and reports each circle once, from where it is entered first. */
function checkCycles(containers: DependentContainer[]): string[] {
  const dependenciesOf = new Map(containers.map(({ containerName, dependencies }) =>
    [containerName, dependencies.map((dependency) => dependency.containerName)]));
  const done = new Set<string>();
  const problems: string[] = [];
  const follow = (name: string, path: string[]): void => {
    if (path.includes(name)) {
      const circle = [...path.slice(path.indexOf(name)), name];
      problems.push(`containers must not wait for each other in a circle, got: ${circle.map(quote).join(' -> ')}`);
      return;
    }
    if (!done.has(name)) {
      dependenciesOf.get(name)?.forEach((dependency) => follow(dependency, [...path, name]));
      done.add(name);
    }
  };
  containers.forEach(({ containerName }) => follow(containerName, []));
  return problems;
}

const quote = (name: string): string => JSON.stringify(name);
