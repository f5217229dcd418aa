import { kindOfError } from '../../error-kind';

/**
 * What is wrong with a call, as far as it matters for what comes next:
 * - `transient`: nobody knows whether the call took effect (5xx, network, time-out, a reply that did not arrive whole);
 * - `throttled`: it did not take effect and may be sent again;
 * - `denied`: rights given in the same deployment take minutes to spread;
 * - `not-found`, `not-active`, `deleting`: what a deletion leads to (A16);
 * - `not-ready`: the cluster or the service-linked role is not visible yet (R42);
 * - `refused`: anything else that AWS says no to.
 */
export type FaultKind = 'transient' | 'throttled' | 'denied' | 'not-found' | 'not-active' | 'deleting' | 'not-ready' | 'refused';

/** An error of AWS as data, since classes do not survive a checkpoint. */
export interface Fault {
  readonly kind: FaultKind;
  readonly name: string;
  readonly message: string;
}

/** What a `DaemonApi` throws. */
export class ApiFault extends Error {
  constructor(public readonly fault: Fault) {
    super(fault.message);
  }
}

export function faultOf(error: unknown): Fault {
  if (error instanceof ApiFault) return error.fault;
  const { name = 'Error', message = String(error) } = (error ?? {}) as Partial<Error>;
  const kind = kindOfError(error);
  return { kind: kind === 'refused' ? kindOfRefusal(name, message) : kind, name, message: message.slice(0, 500) };
}

function kindOfRefusal(name: string, message: string): FaultKind {
  if (name === 'DaemonNotFoundException') return 'not-found';
  if (/specified resource (was not|wasn't) found/i.test(message)) return 'not-found'; // its tags go before lagging reads show it (A28)
  if (name === 'DaemonNotActiveException') return 'not-active';
  if (/deletion is ongoing/i.test(message)) return 'deleting';
  if (name === 'ClusterNotFoundException' || /service.linked role/i.test(message)) return 'not-ready';
  if (name === 'ClientException' && /\bdaemon\b/i.test(message) && /(not|n't) found/i.test(message) && !/task.definition/i.test(message)) {
    return 'not-found'; // what ECS answers after a deletion is not documented (A16)
  }
  return 'refused';
}
