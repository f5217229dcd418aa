import type { Coverage } from '../world/coverage';
import type { ResourceRequest } from '../world/custom-resources';
import type { Stack, Tags } from '../world/stack';
import type { DaemonTruth } from './truth';

const OURS = 'cdk-ecs-managed-daemons:';

/** Checks the tags of daemons: those of the template and of the stack, of which those of the template win. */
export class DaemonTags {
  /** By the id of the stack. */
  private readonly ofStacks = new Map<string, Tags>();
  /** The keys of tags that others have added to a daemon, by its ARN. */
  private readonly others = new Map<string, readonly string[]>();

  constructor(private readonly coverage: Coverage, private readonly violate: (sentence: string) => void) {}

  public stackChanged({ id, tags }: Stack): void {
    this.ofStacks.set(id, tags);
  }

  public adopted({ arn, tags }: DaemonTruth): void {
    this.others.set(arn, Object.keys(tags));
  }

  /** Checks the tags that a daemon has after the success of a request. */
  public check({ event, desired }: ResourceRequest, { arn, tags }: DaemonTruth): void {
    const ofStack = this.ofStacks.get(event.StackId) ?? {};
    const expected: Tags = { ...ofStack, ...Object.fromEntries(desired.Tags.map(({ key, value }) => [key, value])) };
    if (Object.keys(ofStack).length > 0) this.coverage.reached('kind', 'daemon of a stack with tags');
    const others = this.others.get(arn) ?? [];
    const wrong = Object.keys({ ...expected, ...tags })
      .filter((key) => !key.startsWith(OURS) && tags[key] !== expected[key] && (key in expected || !others.includes(key)));
    if (wrong.length === 0) return;
    const words = wrong.map((key) => `${key} is ${tags[key] ?? 'absent'} instead of ${expected[key] ?? 'absent'}`).join(', ');
    this.violate(`${event.RequestType} of ${event.LogicalResourceId}: of the tags of ${arn}, ${words}`);
  }
}
