import { Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { capacityProviderIdentity } from '../naming/token-identity';
import type { DaemonCapacityProvider } from '../capacity-provider/daemon-capacity-provider';
import type { DaemonTaskDefinition } from '../task-definition/daemon-task-definition';
import { clashes, type Listener } from '../task-definition/listening-ports';

interface ListeningDaemon {
  readonly daemon: IConstruct;
  readonly capacityProviders: DaemonCapacityProvider[];
  readonly taskDefinition: DaemonTaskDefinition;
}

const daemonsOf = new WeakMap<Stack, ListeningDaemon[]>();

/** Has synth fail if daemons of a stack that run on the same instances listen on the same port (R50). */
export function refusePortClashes(
  daemon: IConstruct, capacityProviders: DaemonCapacityProvider[], taskDefinition: DaemonTaskDefinition,
): void {
  const stack = Stack.of(daemon);
  const known = daemonsOf.get(stack);
  if (known !== undefined) {
    known.push({ daemon, capacityProviders, taskDefinition });
    return;
  }
  const daemons = [{ daemon, capacityProviders, taskDefinition }];
  daemonsOf.set(stack, daemons);
  // once for all: comparing each daemon with each other takes too long when there are a thousand
  stack.node.addValidation({ validate: () => checkPorts(stack, daemons) });
}

function checkPorts(stack: Stack, daemons: ListeningDaemon[]): string[] {
  const listenersOn = new Map<string, { readonly label: string; readonly listeners: Listener[] }>();
  for (const { daemon, capacityProviders, taskDefinition } of daemons) {
    const listeningPorts = taskDefinition._listeningPorts();
    for (const { capacityProviderArn, _label: label } of listeningPorts.length > 0 ? capacityProviders : []) {
      const identity = capacityProviderIdentity(stack, capacityProviderArn);
      const { listeners } = listenersOn.get(identity) ?? listenersOn.set(identity, { label, listeners: [] }).get(identity)!;
      listeners.push({ name: daemon.node.path, listeningPorts });
    }
  }
  return [...listenersOn.values()].flatMap(({ label, listeners }) => clashes(listeners).map(({ port, names }) =>
    `each port can be listened on by one daemon of a capacity provider, got: ${port} of ${names.map((name) => JSON.stringify(name)).join(', ')}`
    + ` on ${JSON.stringify(label)}`));
}
