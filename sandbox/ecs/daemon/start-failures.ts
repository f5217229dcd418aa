import { matchesPattern } from '../../iam/pattern';
import type { Instance } from '../fleet/instance';
import type { DaemonRevision } from '../task-definitions/daemon-revision';

/** A scenario: the daemon tasks of some image do not start. */
export interface StartFailure {
  /** The image of any container; in text, `*` stands for any characters and `?` for one. */
  readonly image: string | RegExp;
  readonly reason?: string;
  /** `TASK_CREATION_FAILED` means that there is not even a task (R56). */
  readonly failureType?: 'TASK_FAILED_TO_RUN' | 'TASK_CREATION_FAILED';
  /** Only on so many instances, the first ones that try. */
  readonly instances?: number;
  /** Only so many launches, the first ones. */
  readonly launches?: number;
}

export class StartFailures {
  private readonly failures: { readonly failure: StartFailure; readonly instances: Set<string>; launches: number }[] = [];

  public add(failure: StartFailure): void {
    this.failures.push({ failure, instances: new Set(), launches: 0 });
  }

  public next(revision: DaemonRevision, instance: Instance): { reason: string; failureType: string } | undefined {
    for (const entry of this.failures) {
      const { failure, instances } = entry;
      const image = revision.containerImages.map((container) => container.image).find((each) => matches(failure.image, each));
      if (image === undefined) continue;
      if (failure.launches !== undefined && entry.launches >= failure.launches) continue;
      if (failure.instances !== undefined && !instances.has(instance.id) && instances.size >= failure.instances) continue;
      instances.add(instance.id);
      entry.launches++;
      return {
        reason: failure.reason ?? `CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref ${image}`,
        failureType: failure.failureType ?? 'TASK_FAILED_TO_RUN',
      };
    }
    return undefined;
  }
}

const matches = (pattern: string | RegExp, image: string): boolean => (typeof pattern === 'string' ? matchesPattern(image, pattern) : pattern.test(image));
