import { randomBytes } from 'node:crypto';
import type { AccessKeys } from './http/access-keys';
import type { Input, Operation, Permission, Service } from './core/aws-service';
import type { World } from './core/world';

const SESSION_SECONDS = 3600;

/** STS: the operator and the CDK's bootstrap roles, all of them one and the same person here. */
export class Sts implements Service {
  public readonly operations: Readonly<Record<string, Operation>>;

  constructor(world: World, accessKeys: AccessKeys) {
    this.operations = {
      GetCallerIdentity: (_input, { caller }) => {
        const [role, session] = caller.kind === 'function'
          ? [caller.roleArn.split('/').at(-1), caller.functionArn.split(':').at(-1)]
          : ['operator', 'sandbox'];
        return {
          UserId: `AROASANDBOX${String(role).toUpperCase()}:${session}`,
          Account: world.accountId,
          Arn: `arn:${world.partition}:sts::${world.accountId}:assumed-role/${role}/${session}`,
        };
      },
      AssumeRole: ({ RoleArn: roleArn, RoleSessionName: session }, { caller }) => {
        const role = String(roleArn).split('/').at(-1);
        // a function has the permissions of the role that it assumes, and no more
        const assumed = caller.kind === 'function' ? { ...caller, roleArn: String(roleArn) } : caller;
        const accessKeyId = accessKeys.issue(assumed, SESSION_SECONDS);
        return {
          Credentials: {
            AccessKeyId: accessKeyId,
            SecretAccessKey: randomBytes(20).toString('hex'),
            SessionToken: randomBytes(32).toString('hex'),
            // wall clock: the SDK compares it with its own
            Expiration: new Date(Date.now() + SESSION_SECONDS * 1000),
          },
          AssumedRoleUser: {
            AssumedRoleId: `AROA${accessKeyId.slice(4)}:${session}`,
            Arn: `arn:${world.partition}:sts::${world.accountId}:assumed-role/${role}/${session}`,
          },
        };
      },
    };
  }

  /** `GetCallerIdentity` needs no permission. */
  public requiredPermissions(operation: string, { RoleArn: roleArn }: Input): Permission[] {
    return operation === 'AssumeRole' ? [{ action: 'sts:AssumeRole', resources: [String(roleArn)] }] : [];
  }
}
