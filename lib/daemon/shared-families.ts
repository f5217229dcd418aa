import { Annotations, Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { capacityProviderIdentity } from '../naming/token-identity';
import type { DaemonCapacityProvider } from '../capacity-provider/daemon-capacity-provider';
import type { DaemonTaskDefinition } from '../task-definition/daemon-task-definition';

/** What one daemon runs, and where. */
class Use {
  private identities?: string[];

  constructor(
    public readonly daemon: IConstruct,
    public readonly taskDefinition: DaemonTaskDefinition,
    private readonly capacityProviders: DaemonCapacityProvider[],
  ) {}

  public sharesInstancesWith(other: Use): boolean {
    const others = other.instances();
    return this.instances().some((identity) => others.includes(identity));
  }

  /** Found out once, and only when a family is shared: hundreds of daemons are compared with each other. */
  private instances(): string[] {
    this.identities ??= this.capacityProviders.map(({ capacityProviderArn }) => capacityProviderIdentity(this.daemon, capacityProviderArn));
    return this.identities;
  }
}

const familiesOf = new WeakMap<Stack, Map<string, Use[]>>();

/**
 * Annotates a daemon that shares the family of its task definition with another one.
 *
 * Two task definitions of one family: their revisions cannot be told apart. One task definition twice on the same instances: each
 * runs everything twice. On other instances one task definition may serve any number of daemons.
 */
export function warnOfSharedFamily(
  daemon: IConstruct, capacityProviders: DaemonCapacityProvider[], taskDefinition: DaemonTaskDefinition,
): void {
  const { family } = taskDefinition;
  if (Token.isUnresolved(family)) {
    return;
  }
  const stack = Stack.of(daemon);
  const families = familiesOf.get(stack) ?? familiesOf.set(stack, new Map()).get(stack)!;
  const uses = families.get(family) ?? families.set(family, []).get(family)!;
  const use = new Use(daemon, taskDefinition, capacityProviders);
  const otherDefinition = uses.find((other) => other.taskDefinition !== taskDefinition);
  if (otherDefinition !== undefined) {
    Annotations.of(daemon).addWarningV2(
      'cdk-ecs-managed-daemons:sharedFamily',
      `the family ${JSON.stringify(family)} also has the revisions that the daemon ${JSON.stringify(otherDefinition.daemon.node.path)} runs, from`
      + ' another task definition; give each task definition a family of its own',
    );
  }
  const sameInstances = uses.find((other) => other.taskDefinition === taskDefinition && other.sharesInstancesWith(use));
  if (sameInstances !== undefined) {
    Annotations.of(daemon).addWarningV2(
      'cdk-ecs-managed-daemons:sharedTaskDefinition',
      `the daemon ${JSON.stringify(sameInstances.daemon.node.path)} runs the same task definition of the family ${JSON.stringify(family)} on a capacity`
      + ' provider of this one, whose instances therefore run it twice; leave one of the daemons out, or give each a task definition of its own',
    );
  }
  uses.push(use);
}
