import type { Rollout } from '../model';

/** What a person does next, in one or two sentences; undefined if nothing is left to do. */
export function nextStep({ verdict: { outcome, cause, rolledBackBy } }: Rollout): string | undefined {
  switch (outcome) {
    case 'ROLLED_BACK':
      if (rolledBackBy === 'stack') return `The fleet is as it was before. Repair ${cause?.name ?? 'the resource that failed'}, and deploy again.`;
      if (cause?.kind === 'alarm') {
        return `The fleet is as it was before. Repair the image, wait until ${cause.name} is OK again, and deploy: `
          + 'an update is refused while the alarm is in ALARM.';
      }
      return 'The fleet is as it was before. Repair the image or the permissions of its tasks, and deploy again.';
    case 'FAILED': return 'Repair the cause, and deploy again.';
    case 'TIMED_OUT': return 'ECS continues its deployment. See which instances still drain, and deploy again when it has ended.';
    case 'STALLED': return `Stop the tasks that ${cause?.name ?? 'the instance'} keeps, or cancel the update of the stack.`;
    case 'SUPERSEDED': return 'See the newer update.';
    default: return undefined;
  }
}
