import { Annotations, Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { DaemonTaskDefinition } from './daemon-task-definition';

interface Use {
  readonly daemon: IConstruct;
  readonly taskDefinition: DaemonTaskDefinition;
}

const familiesOf = new WeakMap<Stack, Map<string, Use>>();

/** Annotates a daemon whose task definition gives its revisions to the family of another one: nobody can tell them apart. */
export function warnOfSharedFamily(daemon: IConstruct, taskDefinition: DaemonTaskDefinition): void {
  const { family } = taskDefinition;
  if (Token.isUnresolved(family)) {
    return;
  }
  const stack = Stack.of(daemon);
  const families = familiesOf.get(stack) ?? familiesOf.set(stack, new Map()).get(stack)!;
  const first = families.get(family);
  if (first === undefined) {
    families.set(family, { daemon, taskDefinition });
  } else if (first.taskDefinition !== taskDefinition) {
    Annotations.of(daemon).addWarningV2(
      'cdk-ecs-managed-daemons:sharedFamily',
      `the family ${JSON.stringify(family)} also has the revisions that the daemon ${JSON.stringify(first.daemon.node.path)} runs, from another task`
      + ' definition; give each task definition a family of its own',
    );
  }
}
