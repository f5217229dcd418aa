import { Token } from 'aws-cdk-lib';
import type { DaemonListeningPort } from './daemon-listening-port';

/** A port as messages name it, and as two of them are compared: `8125/udp`. */
export function portName({ port, protocol }: DaemonListeningPort): string {
  return `${port}/${protocol ?? 'tcp'}`;
}

/** Those who listen, and on what. */
export interface Listener {
  readonly name: string;
  readonly listeningPorts: DaemonListeningPort[];
}

/** Lists the ports that more than one of several listeners in the same network namespace uses (R50). */
export function clashes(listeners: Listener[]): { readonly port: string; readonly names: string[] }[] {
  const namesOf = new Map<string, string[]>();
  for (const { name, listeningPorts } of listeners) {
    for (const listeningPort of listeningPorts.filter(({ port }) => !Token.isUnresolved(port))) {
      namesOf.set(portName(listeningPort), [...namesOf.get(portName(listeningPort)) ?? [], name]);
    }
  }
  return [...namesOf].filter(([, names]) => names.length > 1).map(([port, names]) => ({ port, names }));
}
