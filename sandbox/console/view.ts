/** What the page shows, as plain data. It is sent whole once, and then by its differences. Times are virtual, in epoch milliseconds. */
export interface ConsoleView {
  readonly about: About;
  readonly now: number;
  /** By cluster and name: `apps/managed`. */
  readonly providers: Readonly<Record<string, ProviderView>>;
  /** By id, the newest last. */
  readonly rollouts: Readonly<Record<string, RolloutView>>;
  /** By name. */
  readonly alarms: Readonly<Record<string, AlarmView>>;
  /** By number, from 1 on; only the newest. */
  readonly requests: Readonly<Record<number, RequestView>>;
  readonly log: Readonly<Record<number, LogView>>;
}

export interface About {
  readonly endpoint: string;
  readonly region: string;
  readonly accountId: string;
  /** How time passes, for people. */
  readonly clock: string;
}

export interface ProviderView {
  readonly cluster: string;
  readonly name: string;
  /** The daemon whose revisions the cells show: the one that was deployed last. */
  readonly daemon?: string;
  readonly revisions: { readonly new?: string; readonly old?: string; readonly mid?: string };
  /** By instance id, in the order of registration: a letter for the revision, one for the state, application tasks, since when. */
  readonly cells: Readonly<Record<string, string>>;
}

/** Revision: new, mid, old, or none of the daemon. State: runs, uncovered, starting, draining. */
export type Cell = readonly [role: 'n' | 'm' | 'o' | '-', state: 'r' | 'u' | 's' | 'd', applicationTasks: number, since: number];

export const printCell = ([role, state, applicationTasks, since]: Cell): string => `${role}${state} ${applicationTasks} ${since}`;

export function parseCell(text: string): Cell {
  const [code, applicationTasks, since] = text.split(' ') as [string, string, string];
  return [code[0] as Cell[0], code[1] as Cell[1], Number(applicationTasks), Number(since)];
}

export interface RolloutView {
  readonly sentence: string;
  /** Where, how many and the final state. */
  readonly subLine: string;
  readonly where: string;
  readonly stack: string;
  readonly shape: string;
  readonly word: string;
  readonly isRunning: boolean;
  readonly startedAt: number;
  readonly batch?: string;
  /** `9 of 12`, for the title of the page. */
  readonly progress?: string;
  /** It grows with each change of the picture. */
  readonly version: number;
}

export interface AlarmView {
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  readonly reason: string;
  readonly since: number;
}

export interface RequestView {
  readonly at: number;
  readonly service: string;
  readonly operation: string;
  readonly caller: string;
  readonly error?: string;
}

export interface LogView {
  readonly at: number;
  readonly text: string;
}
