import { AwsError } from '../aws-error';

/** Orders ids so that each comes after its dependencies; a circle is refused. */
export function orderOf(ids: readonly string[], dependenciesOf: (id: string) => readonly string[]): string[] {
  const ordered = new Set<string>();
  const known = new Set(ids);
  const visit = (id: string, path: readonly string[]): void => {
    if (ordered.has(id)) return;
    if (path.includes(id)) {
      const circle = path.slice(path.indexOf(id));
      throw new AwsError('ValidationError', `Circular dependency between resources: [${circle.join(', ')}]`);
    }
    for (const dependency of dependenciesOf(id)) if (known.has(dependency)) visit(dependency, [...path, id]);
    ordered.add(id);
  };
  for (const id of ids) visit(id, []);
  return [...ordered];
}

export interface Walk<Node> {
  readonly nodes: readonly Node[];
  /** What must have succeeded before the node is visited (E1). */
  before(node: Node): readonly Node[];
  /** Rejects if the node failed; what waits for it is then left out. */
  visit(node: Node): Promise<void>;
  /** Asked before each visit: whether to start no more. */
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
