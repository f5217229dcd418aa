import { Duration, Fn, Lazy, RemovalPolicy, type aws_cloudwatch as cloudwatch, type aws_ecs as ecs, type ResourceEnvironment } from 'aws-cdk-lib';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import { Dependable, type Construct, type IConstruct } from 'constructs';
import { checkArn, daemonArn as daemonArnForm } from '../validation/arn-validation';
import { inCanonicalOrder } from '../naming/canonical-order';
import { checkOptionalList, isObjectWith } from '../validation/class-validation';
import { warnOfDisabledAutoRepair } from '../capacity-provider/capacity-provider-warnings';
import { refuseSameName } from './daemon-names';
import { DaemonProvider } from '../provider/daemon-provider';
import { checkClassesOfDaemon, checkReferencesOfDaemon, placeOfDaemon } from './daemon-references';
import { checkTypesOfDaemon, checkTypesOfImportedDaemon } from './daemon-types';
import { DaemonResource, type DaemonResourceProps } from '../custom-resources/daemon-resource';
import { DaemonTaskDefinition } from '../task-definition/daemon-task-definition';
import {
  checkAdoption, checkAlarms, checkAlarmsGiven, checkBakeTime, checkCapacityProviders, checkDaemonTags, checkDrainPercent,
  checkImportedRoles,   checkRoles, checkStack, checkTimeout,
} from './daemon-validation';
import { warnOfExecuteCommandPermissions, warnOfMutableImage, warnOfSettings } from './daemon-warnings';
import { DeletionGateResource } from '../custom-resources/deletion-gate-resource';
import { allowToExecuteCommands } from './execute-command';
import { GateResource } from '../custom-resources/gate-resource';
import { PreflightAlarmPolicy, type PreflightOptions } from './preflight-options';
import { warnOfUnpassableInstanceRole } from './instance-role-warnings';
import { arnOfDaemon, ManagedDaemonBase } from './managed-daemon-base';
import { ManagedDaemonGrants } from './managed-daemon-grants';
import type { IManagedDaemon, ManagedDaemonAttributes } from './managed-daemon-interface';
import { DaemonTagPropagation, type ManagedDaemonProps } from './managed-daemon-props';
import type { OrderedResource } from '../custom-resources/ordered-resource';
import { refusePortClashes } from './port-clashes';
import { checkName, nameFromPath } from '../naming/names';
import { warnOfDeletedDaemon } from '../validation/retention-warnings';
import { rolloutTimes } from '../custom-resources/rollout-estimate';
import { checkStackOfService, clusterAssociations, serviceResources } from './related-resources';
import { warnOfSharedFamily } from './shared-families';
import { refuse } from '../validation/validation-error';
import { VerificationResource } from '../custom-resources/verification-resource';

const daemonSymbol = Symbol.for('cdk-ecs-managed-daemons.ManagedDaemon');

/**
 * Defines an Amazon ECS managed daemon. CloudFormation waits for each of its rollouts.
 *
 * A deployment succeeds only if the fleet runs what the template defines. If ECS rolls back, the deployment fails, and the stack event
 * has the reason. The constructor throws if a property is out of its range. Synth fails if the tags are not valid, if a capacity
 * provider belongs to no cluster or to another one, or if two daemons of a stack on one capacity provider listen on the same port.
 *
 * @stateless
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons.html
 * @resource AWS::ECS::Daemon
 */
@propertyInjectable
export class ManagedDaemon extends ManagedDaemonBase {
  /** Uniquely identifies this class. */
  public static readonly PROPERTY_INJECTION_ID = 'cdk-ecs-managed-daemons.ManagedDaemon';

  /** Imports an existing daemon by its ARN. */
  public static fromDaemonArn(scope: Construct, id: string, daemonArn: string): IManagedDaemon {
    refuse(scope, [checkArn('daemonArn', daemonArn, daemonArnForm)]);
    class Import extends ManagedDaemonBase {
      public readonly daemonArn = daemonArn;
      public readonly daemonName = Fn.select(2, Fn.split('/', daemonArn)); // daemon/CLUSTER/NAME (R18)
      public readonly grants = ManagedDaemonGrants._fromPlainArn(daemonArn);
      protected readonly _clusterName = Fn.select(1, Fn.split('/', daemonArn));
      protected readonly _plainArn = daemonArn;
    }
    return new Import(scope, id, { environmentFromArn: daemonArn });
  }

  /** Imports an existing daemon by its name and cluster. */
  public static fromManagedDaemonAttributes(scope: Construct, id: string, attributes: ManagedDaemonAttributes): IManagedDaemon {
    refuse(scope, checkTypesOfImportedDaemon(attributes));
    refuse(scope, [checkName('daemonName', attributes.daemonName)]);
    return ManagedDaemon.fromDaemonArn(scope, id, arnOfDaemon(scope, attributes.cluster, attributes.daemonName));
  }

  /** Returns whether a construct is a `ManagedDaemon`, also of another copy of this library. */
  public static isManagedDaemon(construct: IConstruct): construct is ManagedDaemon {
    return isObjectWith(daemonSymbol, construct);
  }

  /** @attribute */
  public readonly daemonName: string;

  public readonly grants: ManagedDaemonGrants;

  /** @internal */
  protected readonly _clusterName: string;

  /** @internal */
  protected readonly _plainArn: string;

  private readonly resource: DaemonResource;
  /** The resource that others wait for: the last gate, or the resource of the daemon if there is no gate. */
  private readonly held: OrderedResource;
  private readonly alarmNames: string[] = [];
  private readonly ownTagKeys: string[] = [];
  private readonly clusterArn: string;
  private readonly place: ResourceEnvironment;
  private verification?: VerificationResource;

  constructor(scope: Construct, id: string, props: ManagedDaemonProps) {
    // JavaScript lets a daemon without properties through, and names that are no strings
    const name: unknown = (props as ManagedDaemonProps | undefined)?.daemonName;
    super(scope, id, { physicalName: typeof name === 'string' ? name : undefined });
    refuse(this, checkClassesOfDaemon(props));
    refuse(this, checkTypesOfDaemon(props));
    Object.defineProperty(this, daemonSymbol, { value: true });
    const drainPercent = props.drainPercent ?? 25;
    const bakeTime = props.bakeTime ?? Duration.minutes(0);
    const adoptExisting = props.adoptExisting ?? false;

    refuse(this, [
      checkName('daemonName', props.daemonName),
      ...checkCapacityProviders(this, props.capacityProviders),
      checkDrainPercent(drainPercent),
      checkBakeTime(bakeTime),
      checkTimeout(props.timeout),
      checkAlarmsGiven(props.alarms),
      ...checkAlarms(placeOfDaemon(this, props.cluster), props.alarms),
      checkRoles(props.daemonTaskDefinition, props.passedRoles),
      ...checkImportedRoles(this, props.daemonTaskDefinition),
      checkStack(this, props.daemonTaskDefinition),
      checkAdoption(this, adoptExisting),
      ...checkReferencesOfDaemon(this, props),
    ]);
    this.daemonName = props.daemonName ?? nameFromPath(this);
    this._clusterName = props.cluster.clusterRef.clusterName;
    this.clusterArn = props.cluster.clusterRef.clusterArn;
    this.place = placeOfDaemon(this, props.cluster);
    this._plainArn = arnOfDaemon(this, props.cluster, this.daemonName);
    this.grants = ManagedDaemonGrants._fromPlainArn(this._plainArn, props.daemonTaskDefinition, props.passedRoles);
    this.collectAlarms(props.alarms);
    refuseSameName({ daemon: this, clusterArn: this.clusterArn, daemonName: this.daemonName });

    const provider = DaemonProvider.of(this);
    provider.allowToPassRoles(props.daemonTaskDefinition, props.passedRoles);
    if (adoptExisting) {
      provider.allowToAdopt(this._plainArn);
    }

    const { estimatedMinutes, timeoutInMinutes, deletionTimeoutInMinutes } = rolloutTimes(drainPercent, bakeTime, props.timeout);

    this.resource = new DaemonResource(this, 'Resource', {
      serviceToken: provider.serviceToken,
      order: provider.order,
      tags: Object.entries(props.tags ?? {}).map(([key, value]) => ({ key, value })),
      settings: {
        ClusterArn: this.clusterArn,
        DaemonName: this.daemonName,
        DaemonTaskDefinitionArn: props.daemonTaskDefinition.daemonTaskDefinitionRef.daemonTaskDefinitionArn,
        CapacityProviderArns: inCanonicalOrder(this, props.capacityProviders, ({ capacityProviderArn: arn }) => arn)
          .map(({ capacityProviderArn }) => capacityProviderArn),
        DrainPercent: drainPercent,
        BakeTimeInMinutes: bakeTime.toMinutes(),
        AlarmNames: Lazy.list({ produce: () => inCanonicalOrder(this, this.alarmNames, (name) => name) }),
        PropagateTags: props.propagateTags ?? DaemonTagPropagation.NONE,
        EnableECSManagedTags: props.enableECSManagedTags ?? false,
        EnableExecuteCommand: props.enableExecuteCommand ?? false,
        Critical: props.critical ?? true,
        RolloutToken: props.rolloutToken ?? '',
        TimeoutInMinutes: timeoutInMinutes,
        ...(deletionTimeoutInMinutes !== undefined && { DeletionTimeoutInMinutes: deletionTimeoutInMinutes }),
        ...preflightSettings(props.preflight),
        ...(adoptExisting && { AdoptExisting: true }),
      },
    });
    const common = { daemon: this.resource, serviceToken: provider.serviceToken, order: provider.order };
    DeletionGateResource.before(this, { ...common, daemonArn: this._plainArn, timeoutInMinutes: deletionTimeoutInMinutes });
    const gates = GateResource.behind(this, { ...common, timeoutInMinutes });
    this.held = gates.at(-1) ?? this.resource;
    // whoever depends on the daemon waits for its rollout, and not for what stands behind its services
    Dependable.implement(this, { dependencyRoots: [this.held] });
    provider.order.add({ resource: this.resource, gates, capacityProviders: props.capacityProviders, estimatedMinutes });
    if (props.removalPolicy !== undefined) {
      this.resource.applyRemovalPolicy(props.removalPolicy);
    }
    this.resource.addResourceDependency(provider.ready);
    this.resource.node.addDependency(clusterAssociations(props.cluster));

    if (DaemonTaskDefinition.isDaemonTaskDefinition(props.daemonTaskDefinition)) {
      this.joinTaskDefinition(props.daemonTaskDefinition, props);
    } else if (props.enableExecuteCommand) {
      warnOfExecuteCommandPermissions(this);
    }
    this.node.addValidation({
      validate: () => {
        // alarms can be added until now
        warnOfSettings(this, {
          drainPercent, bakeTime, timeoutInMinutes, hasTimeout: props.timeout !== undefined, hasAlarms: this.alarmNames.length > 0,
        });
        if (props.critical ?? true) {
          props.capacityProviders.forEach((capacityProvider) => warnOfDisabledAutoRepair(this, capacityProvider));
        }
        if (props.removalPolicy === RemovalPolicy.RETAIN || props.removalPolicy === RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE) {
          warnOfDeletedDaemon(this, this.resource);
        }
        props.capacityProviders.forEach((capacityProvider) => warnOfUnpassableInstanceRole(this, capacityProvider));
        return [
          ...checkDaemonTags(this.resource.cdkTagManager.tagValues(), adoptExisting, this.ownTagKeys),
          ...props.capacityProviders.flatMap((capacityProvider) => capacityProvider._validate(this, props.cluster))
            .filter((problem) => problem !== undefined),
        ];
      },
    });
  }

  public get daemonArn(): string {
    return this.held.attribute('DaemonArn');
  }

  /**
   * The ARN of the latest ECS deployment of the daemon; empty if ECS returns none.
   *
   * @attribute
   */
  public get deploymentArn(): string {
    return this.held.attribute('DeploymentArn');
  }

  /**
   * The ARN of the durable execution of the latest rollout. It changes with each rollout.
   *
   * `aws lambda get-durable-execution` prints the report of the rollout, which is the result of the execution. Add the ARN to the outputs
   * of the stack for its operators.
   *
   * @attribute
   */
  public get rolloutArn(): string {
    return this.held.attribute('RolloutArn');
  }

  /**
   * The ARN of the daemon revision that runs; empty if none runs.
   *
   * @attribute
   */
  public get revisionArn(): string {
    return this.held.attribute('RevisionArn');
  }

  /**
   * Adds deployment alarms. Throws if an alarm is in another account or Region than the daemon.
   *
   * An alarm that is added twice counts once.
   */
  public addAlarm(...alarms: cloudwatch.IAlarmRef[]): void {
    refuse(this, checkAlarms(this.place, alarms));
    this.collectAlarms(alarms);
  }

  /**
   * Rolls out the daemon after other daemons.
   *
   * Daemons of one stack that share a capacity provider always roll out one after the other, by default in the order of their
   * definition. This sets another order, or an order among daemons that share no capacity provider. Synth fails if daemons wait for
   * each other in a circle.
   */
  public rolloutAfter(...daemons: ManagedDaemon[]): void {
    refuse(this, checkOptionalList('daemons', 'a ManagedDaemon of this app', 'rolloutAfter', daemons));
    this.resource.node.addDependency(...daemons);
  }

  /**
   * Deploys services after the daemon, so that their tasks start on instances that run it.
   *
   * Use it for the application services on the same capacity providers. Throws for an imported service, because this app does not
   * deploy it.
   */
  public startBefore(...services: ecs.IServiceRef[]): void {
    for (const resource of serviceResources(this, services)) {
      resource.node.addDependency(this);
    }
  }

  /**
   * Deploys services after the daemon, and verifies that the instances that they launch run it.
   *
   * A rollout to capacity providers without instances succeeds at once, whatever its image: the services launch the first instances.
   * With this check, the deployment continues only when every instance of the capacity providers runs the new revision. The check is
   * repeated after each later rollout. It fails if ECS ends the deployment of the daemon otherwise, if the number of instances that
   * run the daemon does not grow for 10 minutes, and after 55 minutes. Services with a desired count of 0 launch no instances: after
   * 10 minutes without an instance the check succeeds with a line in the log. A rollback of the stack verifies nothing.
   *
   * Use it above all for a daemon with `critical` set to false. ECS places no tasks on an instance without a critical daemon, so that
   * the services themselves fail.
   *
   * Throws for an imported service, and for one that is neither in the stack of the daemon nor in a stack nested in it.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-auto-repair.html
   */
  public verifyAfter(...services: ecs.IServiceRef[]): void {
    const resources = serviceResources(this, services);
    refuse(this, resources.map((resource) => checkStackOfService(this, resource)));
    this.startBefore(...services);
    this.verification ??= new VerificationResource(this, 'Verification', {
      serviceToken: DaemonProvider.of(this).serviceToken,
      settings: { ClusterArn: this.clusterArn, DaemonName: this.daemonName, RevisionArn: this.revisionArn },
    });
    for (const resource of resources) {
      this.verification.standBehind(resource);
    }
  }

  /**
   * Adds tags of this library, which a user can neither set nor override.
   *
   * @internal
   */
  public _addOwnTags(tags: Record<string, string>): void {
    for (const [key, value] of Object.entries(tags)) {
      this.ownTagKeys.push(key);
      this.resource.cdkTagManager.setTag(key, value, Number.MAX_SAFE_INTEGER);
    }
  }

  private collectAlarms(alarms: cloudwatch.IAlarmRef[] = []): void {
    for (const { alarmRef: { alarmName } } of alarms) {
      if (!this.alarmNames.includes(alarmName)) {
        this.alarmNames.push(alarmName);
      }
    }
  }

  /** Prepares a task definition of this app for the daemon, and checks both together. */
  private joinTaskDefinition(taskDefinition: DaemonTaskDefinition, props: ManagedDaemonProps): void {
    if (props.enableExecuteCommand) {
      allowToExecuteCommands(taskDefinition);
    }
    if (props.rolloutToken === undefined) {
      taskDefinition._onImage((imageName) => warnOfMutableImage(this, imageName));
    }
    warnOfSharedFamily(this, props.capacityProviders, taskDefinition);
    refusePortClashes(this, props.capacityProviders, taskDefinition);
  }
}

/** What has its default is left out, so that a new version of this library alone changes no template. */
function preflightSettings({ alarmInAlarm, alarmWithoutData }: PreflightOptions = {}): Partial<DaemonResourceProps['settings']> {
  return {
    ...(alarmInAlarm !== undefined && alarmInAlarm !== PreflightAlarmPolicy.FAIL && { PreflightAlarmInAlarm: alarmInAlarm }),
    ...(alarmWithoutData !== undefined && { PreflightAlarmWithoutData: alarmWithoutData }),
  };
}
