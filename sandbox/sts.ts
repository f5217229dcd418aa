import type { Input, Operation, Right, Service } from './service';
import { randomHex, type World } from './world';

const SESSION_SECONDS = 3600;

/** STS: the operator and the CDK's bootstrap roles, all of them one and the same person here. */
export class Sts implements Service {
  public readonly operations: Readonly<Record<string, Operation>>;

  constructor(world: World) {
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
      AssumeRole: ({ RoleArn: roleArn, RoleSessionName: session }) => {
        const role = String(roleArn).split('/').at(-1);
        const id = randomHex(world, 16).toUpperCase();
        return {
          Credentials: {
            AccessKeyId: `ASIA${id}`,
            SecretAccessKey: randomHex(world, 40),
            SessionToken: randomHex(world, 64),
            // wall clock: the SDK compares it with its own (cdk-cli-wire.md § 10)
            Expiration: new Date(Date.now() + SESSION_SECONDS * 1000),
          },
          AssumedRoleUser: {
            AssumedRoleId: `AROA${id}:${session}`,
            Arn: `arn:${world.partition}:sts::${world.accountId}:assumed-role/${role}/${session}`,
          },
        };
      },
    };
  }

  /** Who one is may be asked without any right. */
  public rights(operation: string, { RoleArn: roleArn }: Input): Right[] {
    return operation === 'AssumeRole' ? [{ action: 'sts:AssumeRole', resources: [String(roleArn)] }] : [];
  }
}
