import { PHASES, type Phase, type PhaseName } from '../model';
import type { Recording } from '../recording';

/** The report of an execution, as far as timelines read it: lambda/report.ts has the whole shape. */
export interface Report {
  readonly outcome: string;
  readonly reason: string;
  readonly request?: 'Create' | 'Update' | 'Delete';
  readonly resource?: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly rollout?: {
    readonly daemonArn: string;
    readonly deploymentArn?: string;
    readonly deploymentStatus?: string;
    readonly revisionArn?: string;
    readonly phases: readonly { readonly phase: string; readonly from: string }[];
    readonly batches: readonly { readonly moved: number; readonly of: number; readonly at: string }[];
    readonly coverage?: { readonly running: number; readonly withoutDaemon: number };
    readonly alarms: readonly { readonly name: string; readonly reason: string; readonly at: string }[];
    readonly unguardingAlarms?: readonly string[];
  };
}

/** The report in the result of an execution; undefined for the results of other functions. */
export function parseReport(result: string | undefined): Report | undefined {
  if (result === undefined) return undefined;
  try {
    const report = JSON.parse(result) as Partial<Report> | null;
    return typeof report?.outcome === 'string' && typeof report.reason === 'string' ? report as Report : undefined;
  } catch {
    return undefined; // another function's
  }
}

/** The report of the request for a daemon that began at a moment, if its execution has ended. */
export function reportOf({ executions }: Recording, daemonArn: string, from: number, before: number): Report | undefined {
  return executions.filter(({ startedAt }) => Date.parse(startedAt) >= from && Date.parse(startedAt) < before)
    .map(({ result }) => parseReport(result)).find((report) => report?.rollout?.daemonArn === daemonArn);
}

/** The phases that a report has, each until the next one; `start` is in epoch milliseconds. */
export function reportedPhases(report: Report | undefined, start: number, end: number): Phase[] {
  const known = report?.rollout?.phases ?? [];
  const since = (time: string | undefined): number => Math.max(0, (time === undefined ? end : Date.parse(time)) - start);
  const all = known.map(({ phase, from }, index) => ({ phase, from: since(from), to: since(known[index + 1]?.from) }));
  return all.filter((phase): phase is Phase => (PHASES as readonly string[]).includes(phase.phase) && phase.to > phase.from);
}

/** The phases before ECS has a deployment. */
export const PREPARING: readonly PhaseName[] = ['PREFLIGHT', 'WAITING_TURN', 'APPLYING'];

/** The Lambda's own line in the reason of a stack event. */
export const ownReason = (statusReason: string | undefined): string | undefined => statusReason
  ?.replace(/^Received response status \[\w+\] from custom resource\. Message returned: /, '')
  .replace(/ \(RequestId: [^)]*\)$/, '');
