import type { LogLevel } from '../../lambda/contract';
import type { Log } from '../../lambda/log';
import type { CloudFormationRequest } from '../../lambda/request';
import { Coverage } from '../world/coverage';
import { CustomResources } from '../world/custom-resources';
import { type Digest, Recording } from '../world/digest';
import { disturb } from './disturbances';
import { NO_FAULTS, RandomFaults, type Faults } from '../world/faults';
import { Dispatcher } from '../world/dispatcher';
import { arnOf, LOGICAL_ID_KEY, STACK_KEY } from '../oracle/requests';
import { Network, type Process } from '../world/network';
import { Oracle } from '../oracle/oracle';
import { manualInput, resourcesOf } from '../scenario/templates';
import type { Properties } from '../world/references';
import { rolloutFunction, stackReader } from '../world/rollout-function';
import type { Violation } from '../oracle/rules';
import { BAD_IMAGE, FLAKY_IMAGE, QUICK, type DaemonPlan, type DeliveryFault, type Scenario, type Step, type StackScript } from '../scenario/scenario';
import { Stack, type StackStatus, type Template } from '../world/stack';
import { ASSUMPTION_NAMES, assumptionLabel } from '../scenario/assumption-values';
import { Trace } from '../world/trace';
import { Truth } from '../oracle/truth';
import { SimulatedWorld, stackArn } from '../world/world';

const HOUR = 3600;
/** Daemons created before the scenario have converged by then, and every read shows it. */
const SETTLING_SECONDS = 3600;
/** Without faults, everything comes to rest within this time. */
const REST_HOURS = 24;
/** After this long without a request, no call or event of the scenario is pending. */
const QUIET_HOURS = 4;

/** A gate that is stopped with its stack has ended by then. */
const LAST_MINUTES = 70;

const MOST_DELETIONS = 3;

const UPDATABLE: readonly StackStatus[] = ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'];

export interface Run {
  readonly violations: readonly Violation[];
  readonly coverage: Coverage;
  readonly virtualSeconds: number;
  readonly rollouts: number;
  readonly trace: readonly string[];
  /** If it was asked for. */
  readonly digest?: Digest;
}

export interface RunOptions {
  readonly isTraced?: boolean;
  readonly isDigested?: boolean;
  /** Instead of those that the seed chooses. */
  readonly faults?: Faults;
}

/** Runs one scenario: with faults, and then without, until everything has converged. */
export function play(scenario: Scenario, options: RunOptions = {}): Promise<Run> {
  return new Simulation(scenario, options).run();
}

/** Connects the models, the oracle and the Lambda, and runs a scenario from start to end. */
export class Simulation {
  public readonly coverage = new Coverage();
  public readonly world: SimulatedWorld;
  public readonly oracle: Oracle;
  public readonly truth: Truth;
  public readonly dispatcher: Dispatcher;
  public readonly stacks: Stack[] = [];
  /** The ARNs of daemons that a person has created. */
  public readonly createdManually = new Set<string>();
  public readonly trace: Trace;
  private readonly network: Network;
  private readonly recording?: Recording;
  public readonly requests: CustomResources;
  private readonly taskDefinitions = new Map<string, string>();

  constructor(public readonly scenario: Scenario, options: RunOptions) {
    const { random, assumptions, timing, fleets, longestPage } = scenario;
    this.world = new SimulatedWorld({ random: random.world, assumptions, timing, fleets, longestPage });
    const { clock } = this.world;
    this.trace = new Trace(options.isTraced ?? false, () => this.world.seconds);
    if (options.isDigested) this.recording = new Recording(() => clock.now());
    this.truth = new Truth(this.world.ecs);
    this.oracle = new Oracle(this.world, this.truth, this.coverage, () => this.dispatcher.executions);
    const { readLag, tagLag, arnVisibilityDelay, counterLag } = assumptions;
    const lagOf = (operation: string): number => operation === 'ListTagsForResource' ? tagLag : Math.max(readLag, arnVisibilityDelay, counterLag);
    this.network = new Network(clock, random.network, this.coverage, this.trace, lagOf, this.recording);
    this.network.faults = options.faults ?? new RandomFaults(random.faults, scenario.faultProbability, scenario.callFaults, random.later);
    const log: Log = (line, level) => this.log(line, level);
    const put = (process: Process) => (url: string, body: string): Promise<number> =>
      this.network.call(process, { service: 'answer', operation: 'PUT', isWrite: true, isNew: false }, '', () => {
        this.recording?.answered(body);
        return this.requests.receive(url, body);
      });
    const stackOf = (id: string): Stack | undefined => this.stacks.find((stack) => stack.id === id);
    if (longestPage !== undefined) this.coverage.reached('kind', 'pages of one');
    const now = (): number => clock.now() + scenario.clockAhead * 1000;
    const handler = rolloutFunction({
      longestPage, clock, now, network: this.network, put, log, listener: this.oracle,
      call: (operation, input) => this.call(operation, input),
      stackOf,
      executions: (process, { startedAt }) => this.dispatcher.executionsFor(process, startedAt),
    });
    this.dispatcher = new Dispatcher({
      clock, now, network: this.network, trace: this.trace, handler, put, log,
      stacks: stackReader(this.network, stackOf, longestPage), listLag: scenario.listLag,
      ended: (execution) => {
        this.oracle.executionEnded(execution);
        this.recording?.executionEnded(execution.name, execution.status, execution.result);
        if (execution.status === 'SUCCEEDED') this.coverage.reached('phase', 'DONE');
      },
    });
    this.requests = new CustomResources(
      clock, random.cloudFormation, this.trace, this.oracle, (event) => this.deliver(event), () => this.deliveryFault('repeated-request-id'),
    );
    this.world.ecs.onDeploymentStatus(({ deploymentArn, status, statusReason }) =>
      this.trace.add('ECS', () => `deployment ${deploymentArn.slice(-8)} of ${deploymentArn.split('/').at(-2)} is ${status}${statusReason ? `: ${statusReason}` : ''}`));
    this.world.cloudWatch.onStateChange(({ alarmName, to }) => this.trace.add('CloudWatch', () => `the alarm ${alarmName} is ${to}`));
  }

  public async run(): Promise<Run> {
    const { clock } = this.world;
    for (const name of ASSUMPTION_NAMES) this.coverage.reached('assumption', assumptionLabel(name, this.scenario.assumptions[name]));
    this.prepare();
    // existing daemons are older than the consistency window
    if (this.scenario.existing.length > 0) await clock.run(clock.now() + SETTLING_SECONDS * 1000);
    await this.phase('the story', this.scenario.scenarioHours, this.scenario.stacks.map((script, index) => this.follow(script, this.stacks[index]!)), () => {
      for (const disturbance of this.scenario.disturbances) {
        clock.after(disturbance.at, () => {
          if (!this.isHealed) disturb(this, disturbance);
        });
      }
    });
    this.heal();
    await clock.run(clock.now() + QUIET_HOURS * HOUR * 1000);
    this.oracle.checkLeftovers(this.stacks);
    this.repairManually();
    await this.phase('the rest', REST_HOURS, this.stacks.map((stack) => this.bringToRest(stack)), () => undefined);
    this.oracle.checkLeftovers(this.stacks);
    await clock.run(clock.now() + LAST_MINUTES * 60_000);
    this.oracle.checkExecutions(this.dispatcher.executions, this.stacks);
    return {
      violations: this.oracle.violations, coverage: this.coverage, virtualSeconds: this.world.seconds,
      rollouts: this.dispatcher.executions.length, trace: this.trace.lines, digest: this.recording?.digest(),
    };
  }

  /** Sets up what is there before the first step. */
  public prepare(): void {
    this.world.ecs.failStarts({ image: BAD_IMAGE });
    this.world.ecs.failStarts({ image: FLAKY_IMAGE, launches: 2 });
    for (const name of this.scenario.alarms) this.world.putAlarm(name, this.scenario.alarmKinds[name] ?? 'metric');
    for (const daemon of this.scenario.existing) this.world.call('CreateDaemon', manualInput(daemon, this.taskDefinition(daemon.name, daemon.image)));
    for (const script of this.scenario.stacks) this.addStack(script);
  }

  /** The ARN of the one task definition of a family with an image. */
  public taskDefinition(family: string, image: string): string {
    const key = `${family} ${image}`;
    let arn = this.taskDefinitions.get(key);
    if (!arn) this.taskDefinitions.set(key, arn = this.world.taskDefinition(family, image));
    return arn;
  }

  private isHealed = false;

  private async phase(what: string, hours: number, work: Promise<void>[], begin: () => void): Promise<void> {
    const { clock } = this.world;
    let isOver = false;
    const all = Promise.all(work).then(() => { isOver = true; });
    begin();
    await clock.run(clock.now() + hours * HOUR * 1000, () => isOver);
    if (isOver) return all;
    this.oracle.violate('no convergence', `${what} is not over after ${hours} h: ${this.stacks.map(({ name, status }) => `${name} is ${status}`).join(', ')}`);
  }

  private addStack({ name, options }: StackScript): void {
    const { clock } = this.world;
    this.stacks.push(new Stack(
      name, (incarnation) => stackArn(name, `${name}-${incarnation}`), clock, this.scenario.random.cloudFormation, this.trace, this.requests, options,
      (stack) => this.oracle.stackChanged(stack),
    ));
  }

  private async follow(script: StackScript, stack: Stack): Promise<void> {
    for (const step of script.steps) {
      await this.world.clock.sleep(step.pause);
      await this.take(step, stack);
    }
  }

  /** Performs a step, after the operations that the stack's status requires first. */
  public async take(step: Step, stack: Stack): Promise<void> {
    switch (stack.status) {
      case 'ROLLBACK_COMPLETE':
      case 'ROLLBACK_FAILED':
      case 'DELETE_FAILED':
        await stack.delete();
        if (!isGone(stack)) return;
        break;
      case 'UPDATE_ROLLBACK_FAILED':
        return stack.continueRollback();
      default:
    }
    if (step.kind === 'delete') return stack.status === 'NONE' ? undefined : stack.delete();
    if (step.cancelAfter !== undefined) {
      const { status } = stack;
      const changes = (): number => stack.events.filter(({ resource }) => !resource).length;
      const begun = changes();
      this.world.clock.wake(step.cancelAfter, () => {
        if (changes() === begun + 1 && stack.cancel()) {
          this.coverage.reached('fault', 'cancelled-operation');
          this.trace.add('a person', () => `cancels the operation of ${stack.name} (before: ${status})`);
        }
      });
    }
    await stack.deploy(this.template(step.daemons), step.tags);
  }

  private template(daemons: readonly DaemonPlan[]): Template {
    return daemons.flatMap((daemon, index) => resourcesOf(daemon, daemons.slice(0, index), this.taskDefinition(daemon.name, daemon.image)));
  }

  /** Ends the faults: alarms are OK, instances drain, and no person interferes. */
  private heal(): void {
    this.trace.add('the simulation', () => 'THE FAULTS ARE OVER');
    this.isHealed = true;
    this.network.faults = NO_FAULTS;
    for (const execution of this.dispatcher.executions) execution.resume();
    for (const name of this.scenario.alarms) this.world.setAlarm(name, 'OK');
    Object.assign(this.world.ecs['context'].timing, { drainApplicationTasks: QUICK.drainApplicationTasks });
    for (const fleet of this.world.ecs['fleets'].values()) {
      for (const instance of fleet.instances) if (instance.drainHangs) this.world.ecs.releaseDrain(instance.id);
    }
    this.repairManually();
  }

  /**
   * Repairs daemons that never start, since they keep the instances of all others REGISTERING (R28): one that no stack owns, and
   * one that its stack would repair or delete only after another of its daemons, which waits for such instances.
   */
  private repairManually(): void {
    const bad = [...this.taskDefinitions].filter(([key]) => BAD_IMAGE.test(key.split(' ')[1]!)).map(([, arn]) => arn);
    for (const { arn, tags, isActive, deployment, goal } of this.truth.daemons()) {
      const stack = this.stacks.find(({ id, status }) => id === tags[STACK_KEY] && UPDATABLE.includes(status));
      const isFirst = stack?.daemons[0]?.logicalId === tags[LOGICAL_ID_KEY];
      if (!isActive || !deployment.isOver || (stack && isFirst) || !goal || !bad.includes(goal.taskDefinitionArn)) continue;
      if (STACK_KEY in tags) this.coverage.reached('exception', 'a person repairs a daemon whose turn comes after another of its stack (R28)');
      this.oracle.foreignWrite(arn);
      const daemonTaskDefinitionArn = this.taskDefinition('by-hand', 'good:repaired');
      this.world.call('UpdateDaemon', { daemonArn: arn, capacityProviderArns: goal.capacityProviderArns, daemonTaskDefinitionArn });
      this.trace.add('a person', () => `repairs ${arn} manually`);
    }
  }

  /** Removes every setting that could keep a rollout from completing. */
  private lastProperties(properties: Properties): Properties {
    return {
      ...properties, DaemonTaskDefinitionArn: this.taskDefinition(String(properties.DaemonName), 'good:last'),
      DrainPercent: 100, BakeTimeInMinutes: 0, AlarmNames: [], TimeoutInMinutes: Math.max(55, Number(properties.TimeoutInMinutes ?? 55)),
    };
  }

  /** Checks that a last update with images that start succeeds, and then the deletion of the stack. */
  private async bringToRest(stack: Stack): Promise<void> {
    const expect = (status: Stack['status']): void => {
      if (stack.status !== status) this.oracle.violate('no convergence', `${stack.name} is ${stack.status} instead of ${status}, although nothing blocks it`);
    };
    if (stack.status === 'UPDATE_ROLLBACK_FAILED') await stack.continueRollback();
    if (stack.status === 'NONE' || stack.status === 'DELETE_COMPLETE') return;
    const isUpdatable = UPDATABLE.includes(stack.status);
    const lacksOne = stack.daemons.some(({ logicalId, properties }) => this.oracle.wasAdoptedFrom(properties, stack.id, logicalId));
    if (isUpdatable && !lacksOne && !this.hasLostName(stack) && stack.resources.size > 0) {
      const last = [...stack.resources.values()].map(({ logicalId, type, properties, after }) => ({
        logicalId, type, after, properties: type === 'Custom::ECSManagedDaemon' ? this.lastProperties(properties) : properties,
      }));
      const began = this.world.clock.now();
      await stack.deploy(last);
      if (stack.status === 'UPDATE_ROLLBACK_COMPLETE' && this.oracle.hadNoTurn(stack, began)) await stack.deploy(last);
      expect('UPDATE_COMPLETE');
      this.oracle.checkRest([stack]);
    }
    // the deletion of a large fleet may outlive its hour, and goes on meanwhile; one that a deployment refuses does not count (A3)
    for (let attempts = 0; attempts < MOST_DELETIONS && !isGone(stack);) {
      if (!this.isRollingOut(stack)) attempts++;
      await stack.delete();
    }
    expect('DELETE_COMPLETE');
  }

  /** Whether a person has created a daemon of the name of one that was deleted manually: it is left alone. */
  private hasLostName({ daemons }: Stack): boolean {
    const hasLost = daemons.map(({ properties }) => this.truth.daemon(arnOf(properties)))
      .some((daemon) => daemon !== undefined && this.createdManually.has(daemon.arn) && !(STACK_KEY in daemon.tags));
    if (hasLost) this.coverage.reached('exception', 'a person has deleted a daemon, and created another one of its name');
    return hasLost;
  }

  private isRollingOut({ daemons }: Stack): boolean {
    return daemons.some(({ properties }) => {
      const deployment = this.truth.daemon(arnOf(properties))?.deployment;
      return deployment !== undefined && deployment.kind !== 'delete' && !deployment.isOver;
    });
  }

  /** An asynchronous invocation of the dispatcher, which may come late, twice or both. */
  private deliver(event: CloudFormationRequest): void {
    const { clock } = this.world;
    const { delivery } = this.scenario.random;
    const arrive = (seconds: number): void => void clock.wake(seconds, () => this.dispatcher.deliver(event));
    arrive(this.deliveryFault('late-delivery') ? delivery.between(5, 200) : delivery.between(0.05, 0.5));
    if (this.deliveryFault('duplicate-delivery')) arrive(delivery.between(0, 3));
    if (this.deliveryFault('late-duplicate')) arrive(delivery.between(60, 6000));
  }

  private deliveryFault(kind: DeliveryFault): boolean {
    const { random, deliveryFaultProbability, deliveryFaults } = this.scenario;
    const happens = !this.isHealed && random.delivery.chance(deliveryFaultProbability) && deliveryFaults.includes(kind);
    if (happens) this.coverage.reached('fault', kind);
    return happens;
  }

  private call(operation: string, input: Parameters<SimulatedWorld['call']>[1]): ReturnType<SimulatedWorld['call']> {
    const isWrite = !/^(Describe|List)/.test(operation);
    try {
      const reply = this.world.call(operation, input);
      this.recording?.arrived(operation, input, reply, isWrite);
      return reply;
    } catch (error) {
      this.recording?.arrived(operation, input, (error as Error).message, isWrite);
      throw error;
    }
  }

  private log(line: string, level: LogLevel = 'INFO'): void {
    if (level !== 'DEBUG') this.recording?.log(line);
    this.oracle.logged(line);
    const phase = /^\S+ ([A-Z_]+): /.exec(line)?.[1];
    if (phase) this.coverage.reached('phase', phase);
    this.trace.add('log', () => line);
  }
}

const isGone = ({ status }: Stack): boolean => status === 'DELETE_COMPLETE';
