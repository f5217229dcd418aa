import * as path from 'node:path';
import {
  Annotations, Aspects, Aws, aws_events as events, aws_iam as iam, aws_lambda as lambda, aws_logs as logs, Duration, Lazy,
  RemovalPolicy, Stack, type aws_ecs as ecs, type CfnResource,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { LogLevelVariable, RolloutAliasVariable, StackIdVariable } from '../../lambda/contract';
import { checkArn, keyArn } from '../validation/arn-validation';
import { DaemonOrder } from '../custom-resources/rollout-order';
import { ManagedDaemonProvider, type ManagedDaemonProviderProps } from './managed-daemon-provider';
import { PassRolePolicy } from './pass-role-policy';
import { policyText } from './policy-text';
import { warnOfDeletedVersions } from '../validation/retention-warnings';
import { longestRolloutMinutes } from '../custom-resources/rollout-estimate';
import { adoptionStatement, rolloutStatements } from './rollout-policy';
import { substitution } from '../naming/fn-sub';

/** Never change it: the dispatcher's ARN is the service token of every daemon, and CloudFormation refuses another one. */
const providerId = 'ManagedDaemonProvider';
const engineRights = `arn:${Aws.PARTITION}:iam::aws:policy/service-role/AWSLambdaBasicDurableExecutionRolePolicy`;
const aliasVariable: RolloutAliasVariable = 'ROLLOUT_ALIAS_ARN';
const logLevelVariable: LogLevelVariable = 'LOG_LEVEL';
const stackIdVariable: StackIdVariable = 'STACK_ID';

/**
 * The Lambda functions behind the daemons of a stack, once per stack.
 *
 * The dispatcher is CloudFormation's front desk; it starts one durable execution of the rollout function per request. The
 * watchdog brings an execution that ended without an answer back to the dispatcher.
 */
export class DaemonProvider extends Construct {
  /** The provider of the stack that a construct belongs to. */
  public static of(construct: Construct): DaemonProvider {
    const stack = Stack.of(construct);
    return stack.node.tryFindChild(providerId) as DaemonProvider | undefined ?? new DaemonProvider(stack, providerId);
  }

  /** What custom resources name as their service token. */
  public readonly serviceToken: string;

  /** The one dependency of a daemon. It stands for dispatcher, alias, policies and watchdog, in the order of deletion too. */
  public readonly ready: CfnResource;

  /** The order of the daemons of the stack. */
  public readonly order: DaemonOrder;

  /** The role of the rollout function. */
  private readonly grantee: iam.Role;

  private readonly passRoleRights: PassRolePolicy;

  private constructor(scope: Construct, id: string) {
    super(scope, id);
    // the ARN of a role is shorter than CDK thinks by default: fewer policies when there are many roles to pass
    this.node.setContext('@aws-cdk/aws-iam.arnSizeEstimate', 115);

    // one group for both: after a failure the CLI prints the log of the function behind the service token
    const logGroup = this.logGroup();

    this.grantee = this.rolloutRole();
    this.passRoleRights = new PassRolePolicy(this.grantee);
    const rollout = this.rolloutFunction(this.grantee, logGroup);
    const version = rollout.currentVersion.node.defaultChild as lambda.CfnVersion;
    this.node.addValidation({
      validate: () => {
        warnOfDeletedVersions(this, version);
        return this.checkKey();
      },
    });
    const alias = new lambda.Alias(this, 'Live', { aliasName: 'live', version: rollout.currentVersion });

    const dispatcherRole = this.dispatcherRole(rollout, alias, logGroup);
    const dispatcher = this.dispatcherFunction(dispatcherRole, alias, logGroup);
    dispatcher.node.addDependency(this.executionRights(rollout, [dispatcherRole, this.grantee]));
    this.followSettings(rollout, dispatcher);
    // of the L1: the ARN of the L2 is a token behind tokens, which each daemon would resolve anew
    this.serviceToken = (dispatcher.node.defaultChild as lambda.CfnFunction).attrArn;
    this.ready = this.watchdog(rollout, dispatcher);
    this.order = new DaemonOrder(this);
  }

  /** Lets rollouts pass the roles of a task definition, and others that are listed, to ECS. */
  public allowToPassRoles(taskDefinition: ecs.IDaemonTaskDefinitionRef, roles?: iam.IRole[]): void {
    this.passRoleRights.cover(taskDefinition, roles);
  }

  /** Lets rollouts take over a daemon that is not of this stack. */
  public allowToAdopt(daemonArn: string): void {
    this.grantee.addToPrincipalPolicy(adoptionStatement(this, daemonArn));
  }

  private logGroup(): logs.LogGroup {
    const logGroup = new logs.LogGroup(this, 'Log', { removalPolicy: RemovalPolicy.DESTROY });
    const resource = logGroup.node.defaultChild as logs.CfnLogGroup;
    resource.retentionInDays = Lazy.number({
      produce: () => {
        const { logRetention = logs.RetentionDays.THREE_MONTHS } = this.settings;
        return logRetention === logs.RetentionDays.INFINITE ? undefined : logRetention;
      },
    });
    resource.kmsKeyId = Lazy.string({ produce: () => this.settings.logEncryptionKey?.keyRef.keyArn });
    return logGroup;
  }

  /** CloudWatch Logs uses keys of its own Region only. */
  private checkKey(): string[] {
    const { logEncryptionKey } = this.settings;
    const problem = logEncryptionKey
      && checkArn('logEncryptionKey', logEncryptionKey.keyRef.keyArn, { ...keyArn, env: { region: Stack.of(this).region } });
    return problem === undefined ? [] : [problem];
  }

  /** The settings may be configured after the first daemon: they are read at synth. */
  private get settings(): ManagedDaemonProviderProps {
    return ManagedDaemonProvider._settingsOf(this);
  }

  private followSettings(...lambdaFunctions: lambda.Function[]): void {
    // an aspect adds permissions and variables, before roles distribute their statements over policies: they cannot be removed later
    Aspects.of(this).add({
      visit: (node) => {
        if (node === this) {
          lambdaFunctions.forEach((lambdaFunction) => applySettings(lambdaFunction, this.settings));
        }
      },
    });
  }

  private rolloutRole(): iam.Role {
    const role = new iam.Role(this, 'RolloutRole', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      // the engine needs its permissions from the first moment: a refused checkpoint ends an execution. AWS grants
      // them on `*`; narrower ones would name the function, which comes after its role
      managedPolicies: [iam.ManagedPolicy.fromManagedPolicyArn(this, 'EngineRights', policyText(this, engineRights))],
    });
    rolloutStatements(this).forEach((statement) => role.addToPrincipalPolicy(statement));
    return role;
  }

  private rolloutFunction(role: iam.Role, logGroup: logs.LogGroup): lambda.Function {
    const rollout = new lambda.Function(this, 'Rollout', {
      ...functionProps('rollout'),
      description: 'Carries the rollouts of ECS managed daemons',
      environment: { [stackIdVariable]: Aws.STACK_ID },
      role,
      logGroup,
      timeout: Duration.minutes(5),
      durableConfig: {
        // the last resort; the rollout keeps its own deadline
        executionTimeout: Duration.minutes(longestRolloutMinutes + 60), // never to change again (FM28)
        retentionPeriod: Duration.days(7),
      },
      // a rollout stays on the version that it started with, which must therefore outlive the next deployment
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN },
    });
    Annotations.of(rollout).acknowledgeInfo('aws-lambda:Function.DurableConfig', 'the function has been durable from the start');
    return rollout;
  }

  private dispatcherRole(rollout: lambda.Function, alias: lambda.Alias, logGroup: logs.LogGroup): iam.Role {
    const role = new iam.Role(this, 'DispatcherRole', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    alias.grantInvoke(role);
    role.addToPrincipalPolicy(new iam.PolicyStatement({
      actions: ['lambda:StopDurableExecution'],
      // `*`: executions of any version of this function; they get their names when they start
      resources: [executionsOf(rollout)],
    }));
    return role;
  }

  /**
   * Both functions list rollouts: the dispatcher to stop older ones, a gate to follow the newest. Both read the status of their stack.
   *
   * A policy of its own: the rollout function is created after the policies of its role, which therefore cannot refer to it.
   */
  private executionRights(rollout: lambda.Function, roles: iam.IRole[]): iam.Policy {
    const policy = new iam.Policy(this, 'Executions', {
      statements: [new iam.PolicyStatement({
        // `*`: executions of any version of this function; they get their names when they start
        actions: ['lambda:GetDurableExecution', 'lambda:GetDurableExecutionHistory', 'lambda:ListDurableExecutionsByFunction'],
        resources: [rollout.functionArn, executionsOf(rollout)],
      }), new iam.PolicyStatement({
        actions: ['cloudformation:DescribeStackEvents', 'cloudformation:DescribeStacks'],
        resources: [policyText(this, Aws.STACK_ID)],
      })],
    });
    // a role that an administrator creates takes the statements that the policy has by then, and the policy is not in the template
    roles.forEach((role) => role.attachInlinePolicy(policy));
    return policy;
  }

  private dispatcherFunction(role: iam.Role, alias: lambda.Alias, logGroup: logs.LogGroup): lambda.Function {
    return new lambda.Function(this, 'Dispatcher', {
      ...functionProps('dispatcher'),
      description: 'Answers CloudFormation for ECS managed daemons',
      role,
      logGroup,
      timeout: Duration.minutes(2),
      environment: { [aliasVariable]: alias.functionArn, [stackIdVariable]: Aws.STACK_ID },
    });
  }

  private watchdog(rollout: lambda.Function, dispatcher: lambda.Function): CfnResource {
    const rule = new events.Rule(this, 'Watchdog', {
      eventPattern: {
        source: ['aws.lambda'],
        detailType: ['Durable Execution Status Change'],
        detail: {
          status: ['FAILED', 'STOPPED', 'TIMED_OUT'],
          // by prefix: the event names the version
          functionArn: [{ prefix: substitution(`${rollout.functionArn}:`) }],
        },
      },
      targets: [{ bind: () => ({ id: '', arn: dispatcher.functionArn }) }],
    });
    return new lambda.CfnPermission(this, 'WatchdogPermission', {
      action: 'lambda:InvokeFunction',
      functionName: dispatcher.functionName,
      principal: 'events.amazonaws.com',
      sourceArn: rule.ruleArn,
    });
  }
}

/** Of any version. */
const executionsOf = (rollout: lambda.Function): string => policyText(rollout, `${rollout.functionArn}:*/durable-execution/*/*`);

function applySettings(lambdaFunction: lambda.Function, { logLevel, tracing }: ManagedDaemonProviderProps): void {
  if (logLevel !== undefined && logLevel !== lambda.ApplicationLogLevel.INFO) {
    lambdaFunction.addEnvironment(logLevelVariable, logLevel);
  }
  if (tracing !== undefined && tracing !== lambda.Tracing.DISABLED) {
    (lambdaFunction.node.defaultChild as lambda.CfnFunction).tracingConfig = { mode: tracing };
    lambdaFunction.addToRolePolicy(new iam.PolicyStatement({
      actions: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'],
      // `*`: traces have no resource type
      resources: ['*'],
    }));
  }
}

function functionProps(bundle: 'dispatcher' | 'rollout'): Pick<lambda.FunctionProps, 'runtime' | 'architecture' | 'handler' | 'code' | 'memorySize'> {
  return {
    runtime: lambda.Runtime.NODEJS_24_X,
    architecture: lambda.Architecture.ARM_64,
    handler: 'index.handler',
    code: lambda.Code.fromAsset(path.join(__dirname, '..', '..', 'lambda', 'dist', bundle)),
    // `npm run bench:lambda` on Node.js 24: at its peak the rollout takes 141 MiB and the dispatcher 80, so that 128 is too little for
    // one and tight for the other; with the CPU of 256, a cold start costs 1.2 s and 0.5 s, a further invocation 0.12 s and 0.02 s.
    // The timeouts are therefore those of AWS: of calls that are answered late, and of their retries
    memorySize: 256,
  };
}
