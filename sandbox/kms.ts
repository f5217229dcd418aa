import type { DeployedResource } from './ec2';
import type { Operation, Permission, Service } from './core/aws-service';
import { arnOf, type World } from './core/world';

/** KMS for the lookups of the CDK CLI: the aliases of deployed stacks. */
export class Kms implements Service {
  public readonly operations: Readonly<Record<string, Operation>> = {
    ListAliases: () => ({
      Aliases: this.deployed('AWS::KMS::Alias').map(({ properties: { AliasName: name, TargetKeyId: key } }) => ({
        AliasName: name, AliasArn: arnOf(this.world, 'kms', String(name)), TargetKeyId: String(key).split('/').at(-1),
      })),
      Truncated: false,
    }),
  };

  constructor(private readonly world: World, private readonly deployed: (type: string) => DeployedResource[]) {}

  public requiredPermissions(operation: string): Permission[] {
    return [{ action: `kms:${operation}`, resources: ['*'] }];
  }
}
