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
  const paths = new Map<string, string[]>();
  for (const named of daemons) {
    const key = identityOf(named);
    paths.set(key, [...paths.get(key) ?? [], named.daemon.node.path]);
  }
  return [...paths].filter(([, same]) => same.length > 1).map(([key, same]) =>
    `each daemon of a cluster must have a name of its own, got: ${JSON.stringify(key.split(' ').pop())} of`
    + ` ${same.map((path) => JSON.stringify(path)).join(', ')}; change the daemonName of one, or leave it out`);
}

/** Stacks without a known account and Region may be deployed to different ones, where clusters of one name differ. */
function identityOf({ daemon, clusterArn, daemonName }: NamedDaemon): string {
  const cluster = identity(daemon, clusterArn);
  return `${cluster.includes('AWS::') ? Stack.of(daemon).node.addr : ''} ${cluster} ${identity(daemon, daemonName)}`;
}
