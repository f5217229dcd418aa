import { count, counted, duration } from '../duration';
import type { Cause, Rollout, Timeline } from '../model';
import type { Overall } from '../overall';
import { drainsInWords, revisionName, whereOf } from './place';

/** The parts of the line below the sentence of a plan, the most important first. */
export function plannedDetails({ rollouts }: Timeline, { decisive }: Overall): string[] {
  const causes = decisive.causes ?? [];
  return [...identity(rollouts, decisive), ...batchSizes(decisive), ...bake(decisive), ...causes];
}

/** The parts of the line below the sentence, the most important first. */
export function detailsOf(timeline: Timeline, overall: Overall): string[] {
  const { decisive, instances, measures } = overall;
  const uncovered = uncoveredOf(timeline, overall);
  const names = identity(timeline.rollouts, decisive);
  switch (overall.outcome) {
    case 'SUCCEEDED': return [...uncovered, ...names, ...batchSizes(decisive), ...eachOnce(overall), ...bake(decisive)];
    case 'ROLLED_BACK': {
      const after = [...reach(timeline, overall), ...recovered(timeline, overall), ...drains(overall)];
      return [...failedStart(decisive.verdict.cause), ...uncovered, ...after];
    }
    case 'RUNNING': return [...uncovered, ...names, ...(measures.draining ? [`${count(measures.draining)} drain`] : []), alarmState(decisive)];
    case 'STALLED': {
      const batch = decisive.batches.at(-1);
      const name = decisive.verdict.cause?.name;
      return [
        ...(name === undefined ? [] : [`${name} keeps its application tasks`]), ...uncovered,
        ...(instances === undefined ? [] : [`${count(measures.runsNew ?? 0)} of ${counted(instances, 'instance')} run ${revisionName(decisive, 'new')}`]),
        ...(batch ? [`batch ${batch.number}${batch.of === undefined ? '' : ` of ${batch.of}`}`] : []),
      ];
    }
    default: return [...uncovered, ...names, ...drains(overall)];
  }
}

function identity(rollouts: readonly Rollout[], decisive: Rollout): string[] {
  if (rollouts.length === 1) return [whereOf(decisive)];
  if (!decisive.place) return [counted(rollouts.length, 'daemon')];
  const waves = new Set(rollouts.map(({ place }) => place?.wave)).size;
  return [`${counted(waves, 'wave')}${waves === rollouts.length ? '' : `, ${counted(rollouts.length, 'place')}`}`];
}

function batchSizes({ batches, place }: Rollout): string[] {
  const forward = batches.filter(({ isRollback }) => !isRollback);
  const [first] = forward;
  if (!first || place) return [];
  return [`${counted(forward.length, 'batch', 'batches')} of ${count(Math.max(...forward.map(({ instances }) => instances)))}`];
}

function eachOnce({ instances, measures }: Overall): string[] {
  return instances !== undefined && instances > 0 && measures.drains === instances ? ['each instance drained once'] : [drainsInWords(measures)];
}

const bake = ({ settings, place }: Rollout): string[] => settings.bakeMinutes && !place ? [`${settings.bakeMinutes} min bake`] : [];

function uncoveredOf({ kind }: Timeline, { instances, measures: { uncovered } }: Overall): string[] {
  if (!uncovered || uncovered.most === 0) return [];
  const ran = kind === 'plan' ? 'run' : 'ran';
  return [`${count(uncovered.most)}${instances === undefined ? '' : ` of ${count(instances)}`} ${ran} application tasks without the daemon for ${duration(uncovered.duration)}`];
}

/** The error of a task, up to its own colon. */
const failedStart = (cause: Cause | undefined): string[] => cause?.kind === 'start-failure' && cause.text !== undefined ? [cause.text.split(':')[0]!] : [];

function reach({ kind }: Timeline, { decisive, instances, measures: { ran } }: Overall): string[] {
  if (ran === undefined || ran === 0) return [];
  return [`${count(ran)}${instances === undefined ? '' : ` of ${counted(instances, 'instance')}`} ${kind === 'plan' ? 'run' : 'had run'} ${revisionName(decisive, 'new')}`];
}

function recovered({ rollouts }: Timeline, { decisive, instances, measures: { runsOld }, duration: took }: Overall): string[] {
  const waiting = rollouts.filter(({ verdict }) => verdict.outcome === 'NOT_BEGUN').map(({ place }) => `wave ${place?.waveNumber} not begun`);
  const all = runsOld !== undefined && runsOld === instances ? 'all ' : '';
  return [...(runsOld ? [`${all}${count(runsOld)} run ${revisionName(decisive, 'old')} again after ${duration(took)}`] : []), ...waiting];
}

function drains({ measures }: Overall): string[] {
  return [measures.drains === 0 ? 'no drains' : drainsInWords(measures)];
}

function alarmState({ alarms }: Rollout): string {
  const firing = alarms.filter(({ states }) => states.at(-1)?.state === 'ALARM').map(({ name }) => name);
  return firing.length === 0 ? 'no alarm' : `${firing.join(', ')} in ALARM`;
}
