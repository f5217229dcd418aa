import { count, counted, duration, minutes } from '../duration';
import type { Cause, Rollout, Timeline } from '../model';
import type { Overall } from '../overall';
import { drainsInWords, revisionName } from './place';

/** The forms of the sentence, the longest first. */
export function sentencesOf(timeline: Timeline, overall: Overall): string[] {
  const { decisive, duration: took } = overall;
  switch (overall.outcome) {
    case 'SUCCEEDED': return succeeded(overall);
    case 'UNCHANGED': {
      const settings = decisive.verdict.cause?.name;
      return [`Unchanged: nothing to roll out${settings === undefined ? '' : `, ${settings}`}`];
    }
    case 'ROLLED_BACK': return rolledBack(timeline, overall);
    case 'FAILED':
      return [`Failed: ${whatOf(decisive.verdict.cause)} after ${duration(took)}; ${runsNew(overall)}`, `Failed after ${duration(took)}`];
    case 'TIMED_OUT': return [`Timed out after ${duration(took)}: ${stillDrain(overall)}`, `Timed out after ${duration(took)}`];
    case 'SUPERSEDED': {
      const sentence = `Superseded by a newer update after ${duration(took)}`;
      return [`${sentence}; ${runsNew(overall)}`, sentence];
    }
    case 'RUNNING': return running(overall);
    case 'STALLED': {
      const { cause } = decisive.verdict;
      const who = cause?.instances === undefined || cause.instances === 1 ? 'one instance has' : `${count(cause.instances)} instances have`;
      return [`Stalled: ${who} been draining for ${duration(drainingFor(decisive))}`];
    }
    case 'NOT_BEGUN': return ['Not begun'];
  }
}

function succeeded({ decisive, duration: took, instances, measures }: Overall): string[] {
  const after = `after ${duration(took)}`;
  if (decisive.request === 'delete') return [`Succeeded: the daemon is deleted ${after}`];
  if (instances === undefined) return [`Succeeded: ${revisionName(decisive, 'new')} is rolled out ${after}`, `Succeeded ${after}`];
  if (instances === 0 && !measures.runsNew) return [`Succeeded: no instances, new ones start with ${revisionName(decisive, 'new')}`, 'Succeeded: no instances'];
  const run = measures.runsNew ?? instances;
  const who = run === 1 ? 'the only instance runs' : `all ${count(run)} instances run`;
  return [`Succeeded: ${who} ${revisionName(decisive, 'new')} ${after}`, `Succeeded: ${who} the new revision ${after}`];
}

function rolledBack({ kind, rollouts }: Timeline, { decisive, instances }: Overall): string[] {
  const { place, verdict: { cause, rolledBackBy }, requestedAt } = decisive;
  const beginning = place && rollouts.length > 1 ? `Rolled back in wave ${place.waveNumber}: ` : 'Rolled back: ';
  const [goes, does] = kind === 'plan' ? ['goes', 'does'] : ['went', 'did'];
  const after = cause?.at === undefined ? '' : ` after ${duration(requestedAt + cause.at)}`;
  if (cause?.kind === 'alarm') {
    return [`${cause.name} ${goes} into ALARM${after}`, `${cause.name} ${goes} into ALARM`, `an alarm ${goes} into ALARM${after}`].map((what) => beginning + what);
  }
  if (cause?.kind === 'start-failure') {
    const on = cause.instances === undefined ? '' : ` on ${counted(cause.instances, 'instance')}`;
    return [`${beginning}the daemon ${does} not start${on}`];
  }
  if (rolledBackBy === 'stack') return [`${beginning}the stack rolled back${after}`];
  return [`${beginning}${whatOf(cause)}${after}`, `${beginning}by ECS${after}`, `Rolled back: ${count(instances ?? 0)} instances`];
}

function running({ decisive, instances, duration: sofar, measures }: Overall): string[] {
  const batch = decisive.batches.findLast(({ isRollback }) => !isRollback);
  const isBaking = decisive.phases.at(-1)?.phase === 'BAKING';
  const word = wordOfPhase(decisive);
  const progress = batch && !isBaking && word === 'Deploying' ? [`batch ${batch.number}${batch.of === undefined ? '' : ` of ${batch.of}`}`] : [];
  const ran = instances === undefined || measures.runsNew === undefined ? [] : [`${count(measures.runsNew)} of ${count(instances)} run ${revisionName(decisive, 'new')}`];
  const more = decisive.estimate ? [`likely ${minutes(Math.max(0, decisive.estimate.likely - sofar))} more`] : [];
  const parts = [...progress, ...ran, ...more];
  return parts.length === 0 ? [`${word} for ${duration(sofar)}`] : [...parts.keys()].map((drop) => `${word}: ${parts.slice(0, parts.length - drop).join(', ')}`);
}

/** The word for what a rollout does now. */
export function wordOfPhase({ phases }: Rollout): string {
  switch (phases.at(-1)?.phase) {
    case 'ROLLING_BACK': return 'Rolling back';
    case 'BAKING': return 'Baking';
    case 'WAITING_TURN': return 'Waiting for its turn';
    case 'DRAINING': return 'Deleting';
    default: return 'Deploying';
  }
}

/** The one form of the sentence of a plan. */
export function plannedSentence({ instances, measures, decisive, duration: took }: Overall): string[] {
  if (measures.drains === 0) return ['Plan: drains nothing'];
  const likely = `likely ${minutes(decisive.estimate?.likely ?? took)}`;
  if (instances !== undefined && measures.drains === instances) {
    return [instances === 1 ? `Plan: drains the only instance once, ${likely}` : `Plan: drains each of ${count(instances)} instances once, ${likely}`];
  }
  return [`Plan: ${drainsInWords(measures)}${instances === undefined ? '' : `, ${counted(instances, 'instance')}`}, ${likely}`];
}

function runsNew({ decisive, instances, measures }: Overall): string {
  if (instances === undefined || measures.runsNew === undefined) return 'what runs is not known';
  return `${count(measures.runsNew)} of ${counted(instances, 'instance')} run ${revisionName(decisive, 'new')}`;
}

function stillDrain({ measures }: Overall): string {
  const draining = measures.draining ?? 0;
  return draining === 0 ? 'it had not ended' : `${counted(draining, 'instance')} still ${draining === 1 ? 'drains' : 'drain'}`;
}

/** How long the instance that the cause names has been draining. */
function drainingFor({ verdict, instanceHistories, duration: sofar, batches }: Rollout): number {
  const history = instanceHistories.find(({ id }) => id === verdict.cause?.name);
  const since = history?.states.find(({ state }) => state === 'draining')?.from ?? batches.at(-1)?.from ?? 0;
  return sofar - since;
}

function whatOf(cause: Cause | undefined): string {
  if (cause?.text !== undefined) return cause.text.replace(/^[A-Z_]+: /, '').split(/[;.] |\.$/)[0]!;
  return cause?.name ?? 'the reason is not known';
}
