import { Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { identity } from '../naming/token-identity';

interface NamedDaemon {
  readonly daemon: IConstruct;
  readonly clusterArn: string;
  readonly daemonName: string;
}

const daemonsOf = new WeakMap<IConstruct, NamedDaemon[]>();

/** Has synth fail if two daemons of an app have one name in one cluster: each deployment of one would be refused because of the other. */
export function refuseSameName(named: NamedDaemon): void {
  const { root } = named.daemon.node;
  const known = daemonsOf.get(root);
  if (known !== undefined) {
    known.push(named);
    return;
  }
  const daemons = [named];
  daemonsOf.set(root, daemons);
  root.node.addValidation({ validate: () => checkNames(daemons) });
}

function checkNames(daemons: NamedDaemon[]): string[] {
  const namedBy = new Map<string, NamedDaemon[]>();
  for (const named of daemons) {
    for (const key of identitiesOf(named)) {
      namedBy.set(key, [...namedBy.get(key) ?? [], named]);
    }
  }
  const problems = [...namedBy.values()].filter((same) => same.length > 1).map((same) =>
    `each daemon of a cluster must have a name of its own, got: ${JSON.stringify(same[0].daemonName)} of`
    + ` ${same.map(({ daemon }) => JSON.stringify(daemon.node.path)).join(', ')}; change the daemonName of one, or leave it out`);
  return [...new Set(problems)];
}

/**
 * A stack is in one account and Region, so that within it the name of a cluster is enough, which one ARN spells out and another leaves
 * to the deployment. Between stacks only a known account and Region tell clusters of one name apart.
 */
function identitiesOf({ daemon, clusterArn, daemonName }: NamedDaemon): string[] {
  const cluster = identity(daemon, clusterArn);
  const name = identity(daemon, daemonName);
  const [place, clusterName] = /^arn:.+?:(ecs:.*):cluster\/(.+)$/.exec(cluster)?.slice(1) ?? [cluster, cluster];
  return [
    `${Stack.of(daemon).node.addr} ${clusterName} ${name}`,
    ...place.includes('AWS::') ? [] : [`${place} ${clusterName} ${name}`],
  ];
}
