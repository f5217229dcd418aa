import { count, counted } from '../../timeline/duration';
import { limitsInWords } from './limits';
import type { Minutes } from './minutes';
import type { PlannedDaemon, PlanResult } from './result';

/** The plan in sentences: the whole first, then a line for each daemon. */
export const summaryOf = (result: Omit<PlanResult, 'summary'>): string =>
  [`${headline(result)}.`, ...result.limits ? [`${limitsInWords(result.limits)!}.`] : [], ...result.daemons.map((daemon) => `${sentenceOf(daemon)}.`)].join('\n');

/** What matters most, for example `Drains 12 of 31 instances, each once; likely 30 min (least 22, most 50)`. */
export function headline(result: Omit<PlanResult, 'summary'>): string {
  const { daemons, verdict, minutes } = result;
  const duration = minutes ? `; likely ${inWords(minutes)}` : '';
  switch (verdict) {
    case 'refused': return `The deployment would be refused: ${refusedNames(result).join(', ')}`;
    case 'fleet not known': return 'How many instances drain is not known';
    case 'nothing drains': return 'Nothing drains';
    case 'instances drain': return `${failures(daemons) ?? `Drains ${share(result)}`}${duration}`;
  }
}

/** Of the daemons; a stack that is refused may have none yet. */
function refusedNames({ daemons, stacks }: Omit<PlanResult, 'summary'>): string[] {
  const names = daemons.filter(({ change }) => change === 'refused').map(({ name }) => name);
  return names.length > 0 ? names : stacks.map(({ name }) => name);
}

/** What goes wrong, with the drains there and back; undefined if nothing does. */
function failures(daemons: PlanResult['daemons']): string | undefined {
  const failed = daemons.filter(({ outcome }) => outcome !== undefined && outcome !== 'succeeds');
  if (failed.length === 0) return undefined;
  const drains = daemons.reduce((sum, { drainedInstances = 0 }) => sum + drainedInstances, 0);
  const isBack = failed.every(({ outcome }) => outcome === 'rolled back');
  return `${isBack ? 'Rolled back' : 'Fails'}: ${failed.map(({ name }) => name).join(', ')}; ${counted(drains, 'drain')}`;
}

const share = ({ drainedInstances = 0, instances = 0 }: Pick<PlanResult, 'drainedInstances' | 'instances'>): string =>
  drainedInstances > instances
    ? `${counted(instances, 'instance')}, ${count(drainedInstances)} drains in all`
    : `${count(drainedInstances)} of ${counted(instances, 'instance')}${drainedInstances > 0 ? ', each once' : ''}`;

/** `1 of 4 daemons rolls out` */
export function rollingCount({ daemons }: Pick<PlanResult, 'daemons'>): string {
  const rolling = daemons.filter(({ change }) => ['create', 'update', 'delete'].includes(change)).length;
  return `${rolling} of ${counted(daemons.length, 'daemon')} ${rolling === 1 ? 'rolls' : 'roll'} out`;
}

/** `30 min (least 22, most 50)` */
export const inWords = ({ least, likely, most }: Minutes): string => `${round(likely)} min (least ${round(least)}, most ${round(most)})`;

const round = (minutes: number): string => (minutes < 10 ? String(minutes) : String(Math.round(minutes)));

const VERBS: Readonly<Record<PlannedDaemon['change'], string>> = {
  'create': 'is created', 'update': 'is updated', 'adopt': 'is adopted', 'delete': 'is deleted', 'tags only': 'changes its tags only',
  'settings only': 'changes settings of its rollout only', 'unchanged': 'is unchanged', 'refused': 'is refused', 'not deployed': 'is not deployed',
};

function sentenceOf(daemon: PlannedDaemon): string {
  const { change, causes, drainedInstances, batches, outcome, gates } = daemon;
  const cause = causes.length > 0 ? ` (${causes.join(', ')})` : '';
  const parts = [`${daemon.name} on ${placeOf(daemon)} ${VERBS[change]}${cause}`];
  if (drainedInstances === undefined) parts.push('how many instances drain is not known');
  else if (drainedInstances > 0) parts.push(`${drainsIn(daemon)}${batches.length > 0 ? ` in ${batchesInWords(batches)}` : ''}`);
  else if (['create', 'update', 'adopt', 'delete', 'settings only', 'tags only'].includes(change)) parts.push('nothing drains');
  if (daemon.minutes) parts.push(`likely ${inWords(daemon.minutes)}`);
  if (gates > 0 && drainedInstances !== 0) parts.push(`${counted(gates, 'gate')} hold${gates === 1 ? 's' : ''} the stack`);
  if (outcome !== undefined && outcome !== 'succeeds') parts.push(`it ${outcome === 'rolled back' ? 'is rolled back' : outcome}`);
  if (daemon.manualChanges) parts.push(`changed outside CloudFormation: ${daemon.manualChanges.join(', ')}`);
  const reason = daemon.reason === undefined ? '' : `: ${withoutPlaces(daemon.reason)}`;
  return parts.join('; ') + reason;
}

const drainsIn = ({ drainedInstances = 0, instances = 0, outcome }: PlannedDaemon): string =>
  drainedInstances > instances || (outcome !== undefined && outcome !== 'succeeds') ? `${counted(drainedInstances, 'drain')} on ${counted(instances, 'instance')}`
    : `drains ${count(drainedInstances)} of ${counted(instances, 'instance')}`;

/** `4 batches of 3` */
export function batchesInWords(batches: readonly number[]): string {
  const most = Math.max(...batches);
  const isEven = batches.every((size) => size === most);
  return `${counted(batches.length, 'batch', 'batches')} of ${isEven ? '' : 'at most '}${count(most)}`;
}

export const placeOf = ({ cluster, capacityProviders }: Pick<PlannedDaemon, 'cluster' | 'capacityProviders'>): string =>
  `${cluster}/${capacityProviders.join('+')}`;

/** A reason without the ids behind it, which no plan knows. */
export const withoutPlaces = (reason: string): string => reason.replace(/; (deployment arn:|log ).*$/s, '').replace(/\.$/, '');
