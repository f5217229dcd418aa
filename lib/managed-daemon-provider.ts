import { aws_kms as kms, aws_logs as logs, Stack, Stage } from 'aws-cdk-lib';
import type { Construct, IConstruct } from 'constructs';
import { ValidationError } from './validation-error';

/** The settings of the Lambda functions that carry rollouts. */
export interface ManagedDaemonProviderProps {
  /**
   * How long the log of the rollouts is kept.
   *
   * @default logs.RetentionDays.THREE_MONTHS
   */
  readonly logRetention?: logs.RetentionDays;

  /**
   * The key that encrypts the log of the rollouts. Its policy must allow CloudWatch Logs to use it.
   *
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
   * @default - CloudWatch Logs encrypts the log with a key of its own
   */
  readonly logEncryptionKey?: kms.IKeyRef;
}

const settings = new WeakMap<IConstruct, ManagedDaemonProviderProps>();

/**
 * The Lambda functions that carry the rollouts of the daemons of a stack. Each stack with daemons has one set of them.
 *
 * Permissions boundaries, tags and aspects reach them as they reach everything else in the stack.
 */
export class ManagedDaemonProvider {
  /**
   * Sets how the functions of a stack, or of all stacks of a stage or an app, are to be.
   *
   * It can be called before or after daemons are defined. A stack goes by the nearest settings: its own, those of its stage, those
   * of its app; they are not mixed. Throws if the scope is no stack, stage or app, or has other settings already.
   */
  public static configure(scope: Construct, props: ManagedDaemonProviderProps): void {
    if (!Stack.isStack(scope) && !Stage.isStage(scope)) {
      throw new ValidationError(scope, 'ManagedDaemonProvider.configure() needs a stack, a stage or an app');
    }
    const present = settings.get(scope);
    if (present !== undefined && !areEqual(present, props)) {
      throw new ValidationError(scope, `ManagedDaemonProvider.configure() was called before with other settings: ${describe(present)}, got: ${describe(props)}`);
    }
    settings.set(scope, props);
  }

  /**
   * The settings that are nearest to a construct.
   *
   * @internal
   */
  public static _settingsOf(construct: IConstruct): ManagedDaemonProviderProps {
    return [...construct.node.scopes].reverse().map((scope) => settings.get(scope)).find((found) => found !== undefined) ?? {};
  }

  private constructor() {}
}

function areEqual(one: ManagedDaemonProviderProps, other: ManagedDaemonProviderProps): boolean {
  return one.logRetention === other.logRetention && one.logEncryptionKey?.keyRef.keyArn === other.logEncryptionKey?.keyRef.keyArn;
}

function describe({ logRetention, logEncryptionKey }: ManagedDaemonProviderProps): string {
  return JSON.stringify({ logRetention, logEncryptionKey: logEncryptionKey?.node.path });
}
