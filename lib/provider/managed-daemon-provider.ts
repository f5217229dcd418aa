import { aws_lambda as lambda, aws_logs as logs, Stack, Stage, type aws_kms as kms } from 'aws-cdk-lib';
import type { Construct, IConstruct } from 'constructs';
import { argument, instance, oneOf, typeCheck } from '../validation/type-checks';
import { refuse, ValidationError } from '../validation/validation-error';

/** The settings of the Lambda functions that perform rollouts. */
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

  /**
   * Which lines of the rollouts are logged.
   *
   * INFO logs each step of a rollout, DEBUG also the result of each poll of ECS. ERROR logs only the reason of a failed rollout. The
   * lines are text at every level: the CDK CLI prints them after a failed deployment.
   *
   * @default lambda.ApplicationLogLevel.INFO
   */
  readonly logLevel?: lambda.ApplicationLogLevel;

  /**
   * Specifies whether AWS X-Ray traces the functions. If it does, their roles get permission to write traces.
   *
   * A rollout has one trace for each poll of ECS.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html
   * @default lambda.Tracing.DISABLED
   */
  readonly tracing?: lambda.Tracing;
}

const settings = new WeakMap<IConstruct, ManagedDaemonProviderProps>();

/** Lists the settings of the functions that have another type than TypeScript demands: JavaScript lets them through. */
const checkTypesOfProvider = argument<ManagedDaemonProviderProps>('props', {
  logRetention: typeCheck('one of logs.RetentionDays', (days) => typeof days === 'number' && days in logs.RetentionDays),
  logEncryptionKey: instance('a kms.Key or another reference to a key', 'keyRef'),
  logLevel: oneOf(lambda.ApplicationLogLevel),
  tracing: oneOf(lambda.Tracing),
});

/**
 * Configures the Lambda functions that perform the rollouts of the daemons of a stack. Each stack with daemons has one set of them.
 *
 * Permissions boundaries, tags and aspects apply to them as to everything else in the stack. To place the functions in a VPC, use an
 * aspect that sets the `vpcConfig` of each `lambda.CfnFunction` and adds the managed policy AWSLambdaVPCAccessExecutionRole to the role
 * of each `lambda.Function`. From the VPC, they must reach Amazon ECS, Lambda, CloudFormation, CloudWatch and Amazon S3.
 */
export class ManagedDaemonProvider {
  /**
   * Configures the functions of a stack, or of all stacks of a stage or an app.
   *
   * Call it before or after daemons are defined. A stack uses the nearest settings: its own, those of its stage, or those of its app;
   * they are not merged. Throws if the scope is no stack, stage or app, or has other settings already.
   */
  public static configure(scope: Construct, props: ManagedDaemonProviderProps): void {
    if (!Stack.isStack(scope) && !Stage.isStage(scope)) {
      throw new ValidationError(scope, 'ManagedDaemonProvider.configure() needs a stack, a stage or an app');
    }
    refuse(scope, checkTypesOfProvider(props));
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
  return one.logRetention === other.logRetention && one.logLevel === other.logLevel && one.tracing === other.tracing
    && one.logEncryptionKey?.keyRef.keyArn === other.logEncryptionKey?.keyRef.keyArn;
}

function describe({ logEncryptionKey, ...others }: ManagedDaemonProviderProps): string {
  return JSON.stringify({ ...others, logEncryptionKey: logEncryptionKey?.node.path });
}
