import { MINUTE } from '../duration';
import type { Batch, Moment, Phase, PhaseName } from '../model';
import type { RecordedDeployment } from './deployments';

/** No instance has been replaced for this long: the rollout has stalled. */
export const STALLED_AFTER = 10 * MINUTE;

export interface PhaseSources {
  /** Epoch milliseconds. */
  readonly start: number;
  readonly end: number;
  readonly deployments: readonly RecordedDeployment[];
  /** On the clock of the rollout, as the moments are. */
  readonly batches: readonly Batch[];
  readonly moments: readonly Moment[];
  /** Before the first deployment, from the report of the Lambda. */
  readonly before: readonly Phase[];
  readonly isDeletion: boolean;
}

/** The phases, from ECS's statuses and the instances; before the first deployment, as the Lambda reports them. */
export function phasesOf(sources: PhaseSources): Phase[] {
  const { deployments, start, end } = sources;
  const phases: Phase[] = deployments.flatMap((deployment) => phasesOfDeployment(deployment, sources));
  const first = deployments[0] ? deployments[0].from - start : end - start;
  const before = sources.before.length > 0 ? sources.before : [{ phase: 'PREFLIGHT' as const, from: 0, to: first }];
  const all = [...before.map(({ phase, from, to }) => ({ phase, from, to: Math.min(to, first) })), ...phases];
  return all.filter(({ from, to }) => to > from);
}

/** The end of the last change of an instance, if nothing has changed for so long in a batch that is under way. */
export function stalledSince({ moments, batches, end, start }: Pick<PhaseSources, 'moments' | 'batches' | 'end' | 'start'>): number | undefined {
  const last = moments.at(-1);
  return last && batches.some(({ to }) => to === undefined) && end - start - last.at >= STALLED_AFTER ? last.at : undefined;
}

function phasesOfDeployment(deployment: RecordedDeployment, sources: PhaseSources): Phase[] {
  const { start, end, isDeletion } = sources;
  const [from, to] = [deployment.from - start, (deployment.to ?? end) - start];
  if (deployment.reverts) return [{ phase: 'ROLLING_BACK', from, to }];
  const back = deployment.rollbackAt === undefined ? to : deployment.rollbackAt - start;
  const work: PhaseName = isDeletion ? 'DRAINING' : 'DEPLOYING';
  const stalled = deployment.to === undefined ? stalledSince(sources) : undefined;
  const bake = stalled ?? bakingSince(sources, back);
  const phases: Phase[] = [{ phase: work, from, to: bake ?? back }];
  if (bake !== undefined) phases.push({ phase: stalled === undefined ? 'BAKING' : 'STALLED', from: bake, to: back });
  if (back < to) phases.push({ phase: 'ROLLING_BACK', from: back, to });
  return phases;
}

/** The moment from which every instance runs the new revision and the deployment still goes on, if that is not its end. */
function bakingSince({ batches, moments, isDeletion }: PhaseSources, end: number): number | undefined {
  const forward = batches.filter(({ isRollback }) => !isRollback);
  if (isDeletion || forward.length === 0 || forward.some(({ to }) => to === undefined || to >= end)) return undefined;
  const last = Math.max(...forward.map(({ to }) => to!));
  const then = moments.findLast(({ at }) => at <= last);
  const left = then && [then.old, then.mid].some((counts) => counts && counts.runs + counts.draining > 0);
  return left ? undefined : last;
}
