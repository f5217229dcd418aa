import { AwsError } from '../../core/aws-error';

type DependenciesOf = (id: string) => readonly string[];

/** Orders ids so that each comes after its dependencies; a circle is refused. */
export function orderOf(ids: readonly string[], dependenciesOf: DependenciesOf): string[] {
  const { ordered, circle } = search(ids, dependenciesOf);
  if (circle) throw new AwsError('ValidationError', `Circular dependency between resources: [${circle.join(', ')}]`);
  return ordered;
}

/** Returns the first circle among the dependencies of ids, if there is one. */
export const circleIn = (ids: readonly string[], dependenciesOf: DependenciesOf): string[] | undefined =>
  search(ids, dependenciesOf).circle;

function search(ids: readonly string[], dependenciesOf: DependenciesOf): { ordered: string[]; circle?: string[] } {
  const ordered = new Set<string>();
  const known = new Set(ids);
  const visit = (id: string, path: readonly string[]): string[] | undefined => {
    if (ordered.has(id)) return undefined;
    if (path.includes(id)) return path.slice(path.indexOf(id));
    for (const dependency of dependenciesOf(id)) {
      const circle = known.has(dependency) ? visit(dependency, [...path, id]) : undefined;
      if (circle) return circle;
    }
    ordered.add(id);
    return undefined;
  };
  for (const id of ids) {
    const circle = visit(id, []);
    if (circle) return { ordered: [], circle };
  }
  return { ordered: [...ordered] };
}

export interface Walk<Node> {
  readonly nodes: readonly Node[];
  /** The nodes that must have succeeded before the node is visited (E1). */
  before(node: Node): readonly Node[];
  /** Rejects if the node failed; what waits for it is then left out. */
  visit(node: Node): Promise<void>;
  /** Called before each visit: whether to start no more. */
  stopped?(): boolean;
}

/** Visits nodes in the order of their dependencies, independent ones in parallel; returns those that failed. */
export async function walk<Node>(plan: Walk<Node>): Promise<Node[]> {
  const dependencies = acyclic(plan);
  const visits = new Map<Node, Promise<boolean>>();
  const failed: Node[] = [];
  for (const [node, before] of dependencies) {
    const ready = Promise.all(before.map((dependency) => visits.get(dependency)));
    visits.set(node, ready.then(async (succeeded) => {
      if (succeeded.includes(false) || plan.stopped?.()) return false;
      try {
        await plan.visit(node);
        return true;
      } catch {
        failed.push(node);
        return false;
      }
    }));
  }
  await Promise.all(visits.values());
  return failed;
}

/** The nodes in order, each with what comes before it; leftovers of different templates may form circles, which are cut. */
function acyclic<Node>(plan: Walk<Node>): Map<Node, Node[]> {
  const ordered = new Map<Node, Node[]>();
  const open = new Set<Node>();
  const known = new Set(plan.nodes);
  const visit = (node: Node): void => {
    if (ordered.has(node) || open.has(node)) return;
    open.add(node);
    const before = plan.before(node).filter((dependency) => known.has(dependency));
    before.forEach(visit);
    ordered.set(node, before.filter((dependency) => ordered.has(dependency)));
  };
  plan.nodes.forEach(visit);
  return ordered;
}
