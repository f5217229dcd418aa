import type { Timeline } from './model';
import type { Recording } from './recording';

/** The timelines of a run on the sandbox: one for each operation of a stack that changes daemons, in the order of their starts. */
export function timelinesOf(recording: Recording): Timeline[] {
  throw new Error(`the timelines of ${recording.until} cannot be built yet`);
}
