import type { ObservedDaemon } from '../observation';

/** The instances of a daemon, by what they run. */
export interface Coverage {
  readonly instances: number;
  readonly running: number;
  readonly withoutDaemon: number;
  readonly onOtherRevisions: number;
}

/** An instance lacks the daemon or runs one revision of it, never both (R36). */
export function coverageOf({ revisions }: ObservedDaemon, revisionArn: string): Coverage {
  const sum = (count: (revision: ObservedDaemon['revisions'][number]) => number): number =>
    revisions.reduce((total, revision) => total + count(revision), 0);
  const isWanted = (arn: string): boolean => revisionArn === '' || arn === revisionArn;
  const running = sum((revision) => isWanted(revision.revisionArn) ? revision.running : 0);
  const withoutDaemon = sum((revision) => revision.withoutDaemon);
  const onOtherRevisions = sum((revision) => isWanted(revision.revisionArn) ? 0 : revision.running);
  return { instances: running + withoutDaemon + onOtherRevisions, running, withoutDaemon, onOtherRevisions };
}

export function coverageSentence({ instances, running, withoutDaemon, onOtherRevisions }: Coverage, daemonName: string): string {
  if (instances === 0) return `there are no instances for the daemon ${daemonName}`;
  const lacks = withoutDaemon > 0 ? [`${withoutDaemon} ${withoutDaemon === 1 ? 'is' : 'are'} without it`] : [];
  const others = onOtherRevisions > 0 ? [`${onOtherRevisions} ${onOtherRevisions === 1 ? 'runs' : 'run'} another revision`] : [];
  const runs = `${running} of ${instances} ${instances === 1 ? 'instance runs' : 'instances run'} the daemon ${daemonName}`;
  return [runs, ...lacks, ...others].join(', ');
}
