import type { Random } from './random';

/** The faults of one external call. */
export const CALL_FAULTS = [
  'crash-before', 'crash-after', 'lost-request', 'lost-reply', 'throttle', 'server-error', 'denied', 'slow-request', 'slow-reply', 'stale-read',
  'cut-reply', 'garbled-reply',
] as const;

export type CallFault = typeof CALL_FAULTS[number];

/** Forms of a lost reply that were added later: some lost replies of `RandomFaults` take them, so that every other choice stays. */
const FORMS_OF_LOST_REPLY: readonly CallFault[] = ['lost-reply', 'cut-reply', 'garbled-reply'];
/** The faults that a scenario chooses among. */
export const CHOSEN_FAULTS = CALL_FAULTS.filter((fault) => fault === 'lost-reply' || !FORMS_OF_LOST_REPLY.includes(fault));

export type CallService = 'ecs' | 'cloudwatch' | 'cloudformation' | 'engine' | 'lambda' | 'answer';

/** One external call of the dispatcher or of a rollout. */
export interface CallSite {
  readonly service: CallService;
  readonly operation: string;
  readonly isWrite: boolean;
  /** Whether a new permission may not be effective yet. */
  readonly isNew: boolean;
}

/** Whether the fault can happen to the call. */
export function applies(fault: CallFault, { service, isWrite, isNew }: CallSite): boolean {
  switch (fault) {
    case 'crash-before':
    case 'crash-after':
    case 'lost-request':
    case 'lost-reply':
    case 'cut-reply':
    case 'garbled-reply':
    case 'server-error':
    case 'slow-reply':
      return true;
    case 'throttle':
      return service !== 'engine' && service !== 'answer';
    case 'denied':
      return isNew && service !== 'engine' && service !== 'answer';
    case 'slow-request':
      return isWrite;
    case 'stale-read':
      return service === 'ecs' && !isWrite;
  }
}

/** Decides the fault of each call. */
export interface Faults {
  choose(site: CallSite): CallFault | undefined;
}

export const NO_FAULTS: Faults = { choose: () => undefined };

/** Any fault at any call, with a probability. */
export class RandomFaults implements Faults {
  /** `later` chooses how a reply is lost. */
  constructor(
    private readonly random: Random, private readonly probability: number, private readonly kinds: readonly CallFault[],
    private readonly later: Random,
  ) {}

  public choose(site: CallSite): CallFault | undefined {
    if (!this.random.chance(this.probability)) return undefined;
    const possible = this.kinds.filter((kind) => applies(kind, site));
    const fault = possible.length > 0 ? this.random.pick(possible) : undefined;
    return fault === 'lost-reply' ? this.later.pick(FORMS_OF_LOST_REPLY) : fault;
  }
}

/** Chosen faults at chosen calls, counted from the first one. */
export class PlannedFaults implements Faults {
  /** The calls so far. */
  public readonly sites: CallSite[] = [];

  constructor(private readonly plan: ReadonlyMap<number, CallFault>) {}

  public choose(site: CallSite): CallFault | undefined {
    const fault = this.plan.get(this.sites.length);
    this.sites.push(site);
    return fault && applies(fault, site) ? fault : undefined;
  }
}

/** Two faults: one at a chosen call, and a second one so many calls later. */
export class PairOfFaults implements Faults {
  /** The faults so far, with their calls. */
  public readonly happened: string[] = [];
  private calls = 0;

  constructor(private readonly random: Random, private readonly first: number, private readonly callsBetween: number) {}

  public choose(site: CallSite): CallFault | undefined {
    const place = this.calls++;
    if (place !== this.first && place !== this.first + this.callsBetween) return undefined;
    const fault = this.random.pick(CALL_FAULTS.filter((kind) => applies(kind, site)));
    this.happened.push(`${fault} at call ${place} (${site.operation})`);
    return fault;
  }
}
