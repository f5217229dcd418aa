import { Aspects, Stack, Tag, TagManager, TagType, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { DaemonProperties } from '../../lambda/contract';

/** The type that tag filters match: the resource that a user knows, not the custom resource behind it. */
const resourceType = 'AWS::ECS::Daemon';

/**
 * The tags of a daemon, those of its stack among them.
 *
 * CloudFormation itself puts the tags of a stack on native resources only, so that they are rendered here. All others win over them.
 */
export class DaemonTags extends TagManager {
  constructor(private readonly daemon: Construct, tags: DaemonProperties['Tags']) {
    super(TagType.STANDARD, resourceType, tags, { tagPropertyName: 'Tags' });
  }

  /** Puts what it collects in place of the property, and an empty list if that is nothing. */
  public override renderTags(): DaemonProperties['Tags'] {
    this.addStackTags();
    return super.renderTags() ?? [];
  }

  public override tagValues(): Record<string, string> {
    this.addStackTags();
    return super.tagValues();
  }

  /** The keys of the tags of the stack that were removed from the daemon or excluded for its type. */
  public excludedStackTags(): string[] {
    const own = this.tagValues();
    return [...new Set(stackTags(this.daemon).map(([key]) => key))].filter((key) => !(key in own));
  }

  private addStackTags(): void {
    const tags = stackTags(this.daemon);
    const excluded = tags.length > 0 ? keysExcluded(this.daemon) : [];
    for (const [key, value] of tags) {
      if (!excluded.includes(key)) {
        this.setTag(key, value, 0);
      }
    }
  }
}

/** The tags of the stacks that a construct is in, from the outermost to the innermost, whose tags win. */
function stackTags(scope: Construct): [key: string, value: string][] {
  const stacks = scope.node.scopes.filter((construct) => Stack.isStack(construct));
  const nesting = stacks.slice(stacks.findLastIndex((stack) => !stack.nested));
  // CDK does not deploy tags of a stack that have tokens
  return nesting.flatMap((stack) => Object.entries(stack.tags.tagValues())).filter((tag) => !tag.some(Token.isUnresolved));
}

/** The keys of tags that a filter keeps off daemons; by default a stack in the scope of such a tag has it all the same. */
const keysExcluded = (scope: Construct): string[] => scope.node.scopes
  .flatMap((construct) => Aspects.of(construct).all)
  .filter((aspect) => aspect instanceof Tag)
  .filter((tag) => tag['props'].excludeResourceTypes?.includes(resourceType))
  .map(({ key }) => key);
