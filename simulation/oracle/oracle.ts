import type { DaemonProperties } from '../../lambda/contract';
import type { Input } from '../../sandbox/core/aws-service';
import { Adoptions } from './adoptions';
import { readAnswer } from './response';
import type { Coverage } from '../world/coverage';
import type { RequestListener, ResourceRequest } from '../world/custom-resources';
import { DaemonTags } from './daemon-tags';
import { Drains } from './drains';
import type { DurableExecution } from '../world/engine';
import { HourlyReads, MOST_READS_AN_HOUR } from './hourly-reads';
import { completeInput, contentOfProperties, isSameContent, type FleetContent } from '../world/fleet-content';
import { arnOf, changesNothing, isAboutDaemon, isOwn, kindOf, LOGICAL_ID_KEY, nameOf, STACK_KEY } from './requests';
import type { Process } from '../world/network';
import { Leftovers } from './leftovers';
import type { CallListener } from '../world/rollout-function';
import { READ_LAG_SECONDS, type Rule, type Violation } from './rules';
import type { Stack } from '../world/stack';
import { hasJustMetInstance, inWords, JUST_MET_INSTANCE, type DaemonTruth, type Truth } from './truth';
import { daemonArnIn, type SimulatedWorld } from '../world/world';
import { Writes } from './writes';

/** The error type of an execution that a person has stopped. */
export const STOPPED_MANUALLY = 'StoppedByHand';

/** A stopped execution sends no write later than this (FM24): its step may learn of the stop 20 s late, and reads for 10 s at most. */
const ON_THE_WAY_SECONDS = 31;
/** All deliveries of a request have been served by then. */
const DELIVERIES_SECONDS = 900;
/** The longest time between the reading of alarms and the arrival of the write that it allows. */
const ALARM_SECONDS = 60;
/** A request that may take longer has gates behind it. */
const REQUEST_MINUTES = 55;

/** Checks the rules on ECS, CloudFormation and the requests between them, independently of the Lambda's reports. */
export class Oracle implements RequestListener, CallListener {
  public readonly violations: Violation[] = [];
  private readonly requests = new Map<string, ResourceRequest>();
  private readonly writes = new Writes();
  private readonly reads = new HourlyReads();
  /** When a daemon's state last changed by a write or by a step of its deployment. */
  private readonly changes = new Map<string, number>();
  /** Deployments that waited for the first instance when their success was reported to CloudFormation (A10). */
  private readonly leftWaiting = new Set<string>();
  /** Deployments from before an adoption whose settings ECS does not return (A38). */
  private readonly unreturned = new Set<string>();
  private readonly stoppedManually = new Set<ResourceRequest>();
  private readonly inAlarmSince = new Map<string, number>();
  /** When the rollback of a stack last began. */
  private readonly rollbacks = new Map<string, number>();
  private readonly adoptions: Adoptions;
  private readonly drains: Drains;
  private readonly tags: DaemonTags;
  private readonly leftovers: Leftovers;
  /** The last request of a stack for a daemon, by the stack's id and the daemon's ARN. */
  private readonly newest = new Map<string, ResourceRequest>();

  constructor(
    private readonly world: SimulatedWorld,
    private readonly truth: Truth,
    private readonly coverage: Coverage,
    private readonly executions: () => readonly DurableExecution[],
  ) {
    this.adoptions = new Adoptions(truth, coverage, (sentence) => this.violate('adoption', sentence));
    this.drains = new Drains(world, truth, coverage, this.writes, (sentence) => this.violate('two drains', sentence));
    this.tags = new DaemonTags(coverage, (sentence) => this.violate('tags', sentence));
    this.leftovers = new Leftovers(truth, coverage, this.adoptions, (sentence) => this.violate('leftover', sentence));
    world.ecs.onDeploymentStatus(({ daemonArn }) => void this.changes.set(daemonArn, world.clock.now()));
    world.cloudWatch.onStateChange(({ alarmName, to }) => {
      if (to === 'ALARM') this.inAlarmSince.set(alarmName, world.clock.now());
      else this.inAlarmSince.delete(alarmName);
    });
  }

  public violate(rule: Rule, sentence: string): void {
    this.violations.push({ rule, seconds: this.world.seconds, sentence });
  }

  /** Records a write by a person. */
  public foreignWrite(daemonArn: string): void {
    this.writes.addManual(daemonArn, this.world.clock.now());
    this.adoptions.disturbed(daemonArn);
  }

  public issued(request: ResourceRequest): void {
    if (isAboutDaemon(request) && request.event.RequestType !== 'Delete') this.newest.set(`${request.event.StackId} ${arnOf(request.desired)}`, request);
    if (isAboutDaemon(request) && request.behind.some(({ ClusterArn }) => ClusterArn !== request.desired.ClusterArn)) {
      this.coverage.reached('kind', 'daemon behind one of another cluster');
    }
    for (const name of request.desired.AlarmNames ?? []) this.coverage.reached('kind', this.world.cloudWatch.alarm(name)?.type ?? 'missing alarm');
    this.requests.set(JSON.stringify(request.event), request);
  }

  public answered(request: ResourceRequest, body: string): void {
    const first = request.answers[0]!.body;
    if (first !== body && this.stoppedManually.has(request)) {
      this.coverage.reached('exception', 'a person has stopped an execution right after its answer');
    } else if (first !== body) {
      this.violate('two answers', `${nameOf(request)}: ${first} and ${body}`);
    }
    if (request.answers.length > 1 || request.end) return;
    const { status, reason, outcome } = readAnswer(body);
    this.logged(reason);
    this.coverage.reached('outcome', outcome);
    if (!isAboutDaemon(request)) {
      this.coverage.reached('kind', `${kindOf(request)} ${status}`);
      if (kindOf(request) === 'Gate' && status === 'SUCCESS') this.checkGate(request, outcome, reason);
      return;
    }
    if (outcome === 'DEGRADED') this.leftovers.givenUp(request);
    if (status === 'SUCCESS') this.checkSuccess(request, outcome, reason);
    this.adoptions.answered(request, status, outcome, this.world.clock.now());
  }

  public ended(request: ResourceRequest): void {
    if (request.end?.kind === 'unanswered') this.checkSilence(request);
    if (request.event.RequestType === 'Delete' && request.end?.kind === 'answered' && request.end.status === 'FAILED') {
      this.leftovers.deletionFailed(request);
    }
    if (!request.isRollback || request.end?.kind !== 'answered' || request.end.status === 'SUCCESS') return;
    if (this.stoppedManually.has(request)) this.coverage.reached('exception', 'a rollback fails since a person has stopped its execution');
    else this.violate('rollback failed', `${nameOf(request)} fails, so that the stack is UPDATE_ROLLBACK_FAILED: ${request.end.reason}`);
  }

  /** Checks a request without an answer. No code of ours runs while the engine waits to repeat an interrupted invocation (EN24). */
  private checkSilence(request: ResourceRequest): void {
    const execution = this.executions().find(({ payload }) => this.requests.get(payload) === request);
    if (execution?.isCutOffSince(request.issuedAt + REQUEST_MINUTES * 60_000)) {
      this.coverage.reached('exception', 'every invocation is interrupted from when the answer is due, and the engine repeats the last one too late (EN24)');
      this.adoptions.leftUnanswered(request, this.world.clock.now());
    } else if (execution?.wasPausedWithin(request.issuedAt, this.world.clock.now())) {
      this.coverage.reached('exception', 'a person has paused the execution, and CloudFormation continues without its answer (EN39)');
      this.adoptions.leftUnanswered(request, this.world.clock.now());
      if (request.event.RequestType === 'Delete') this.leftovers.deletionFailed(request);
    } else if (execution?.status === 'STOPPED' && this.hasOneBeforeInItsSecond(request)) {
      this.coverage.reached('exception', 'of two updates of a resource in one second the first arrives last, and counts as the second (FM31)');
    } else this.violate('no answer', `${nameOf(request)} has no answer after an hour`);
  }

  /** Whether a request is newer. Times of requests have a resolution of a second; within it, the order of arrival decides. */
  private hasOneBeforeInItsSecond({ event, issuedAt }: ResourceRequest): boolean {
    return [...this.requests.values()].some((other) => other.issuedAt < issuedAt && isSameSecond(other.issuedAt, issuedAt)
      && other.event.StackId === event.StackId && other.event.LogicalResourceId === event.LogicalResourceId
      && other.event.RequestType === 'Update' && event.RequestType === 'Update');
  }

  public stackChanged(stack: Stack): void {
    this.coverage.reached('status', stack.status);
    this.tags.stackChanged(stack);
    if (stack.status === 'UPDATE_ROLLBACK_IN_PROGRESS') this.rollbacks.set(stack.id, this.world.clock.now());
    if (stack.status === 'CREATE_COMPLETE' || stack.status === 'UPDATE_COMPLETE') this.adoptions.completed(stack.id);
  }

  public logged(line: string): void {
    if (line.includes('X-Amz-Signature') || line.includes('bucket.example')) this.violate('credential', line);
  }

  public executionEnded(execution: DurableExecution): void {
    if (execution.status === 'STOPPED') this.stopped(this.requests.get(execution.payload)!, execution.error?.type);
    if (execution.status === 'FAILED') this.violate('broken engine', `${execution.name} has failed: ${execution.error?.type}: ${execution.error?.message}`);
  }

  private stopped(request: ResourceRequest, errorType: string | undefined): void {
    const { answers } = request;
    const isManual = errorType === STOPPED_MANUALLY;
    if (isManual) this.stoppedManually.add(request);
    if (isManual || answers.length > 0) this.leftovers.givenUp(request);
  }

  public read(execution: DurableExecution, process: Process): void {
    const count = this.reads.add(execution, process, this.world.clock.now());
    if (count === MOST_READS_AN_HOUR + 1) this.violate('too many reads', `${execution.name} reads ${count} times within an hour`);
  }

  public unknown(command: string): void {
    this.violate('broken engine', `the simulation does not support ${command}`);
  }

  public sent(execution: DurableExecution, operation: string, input: Input): void {
    this.logged(JSON.stringify(input));
    const stoppedAt = execution.status === 'STOPPED' ? execution.endedAt! : undefined;
    if (stoppedAt === undefined) return this.checkSuperseded(execution, operation);
    const seconds = (this.world.clock.now() - stoppedAt) / 1000;
    if (seconds > ON_THE_WAY_SECONDS) this.violate('write of a superseded execution', `${operation} ${seconds} s after its execution was stopped`);
    else this.coverage.reached('exception', 'a write was on its way when its execution was stopped (FM24)');
  }

  /** Checks that the delivery of a newer request stops the executions of older ones, paused or not, in three deliveries at most. */
  private checkSuperseded({ payload }: DurableExecution, operation: string): void {
    const { event, issuedAt } = this.requests.get(payload)!;
    const until = this.world.clock.now() - DELIVERIES_SECONDS * 1000;
    const newer = [...this.requests.values()].find((other) => other.issuedAt > issuedAt && other.issuedAt < until
      && other.event.StackId === event.StackId && other.event.LogicalResourceId === event.LogicalResourceId);
    if (newer) this.violate('write of a superseded execution', `${operation} long after the ${nameOf(newer)}`);
  }

  public arrived<T>(execution: DurableExecution, operation: string, input: Input, sentAt: number, arrive: () => T): T {
    const request = this.requests.get(execution.payload)!;
    if (!isAboutDaemon(request)) this.violate('write of a read-only resource', `${operation} for ${nameOf(request)}`);
    const arn = String(input.daemonArn ?? input.resourceArn ?? daemonArnIn(String(input.clusterArn), String(input.daemonName)));
    const before = this.truth.daemon(arn);
    const unchangedFor = (this.world.clock.now() - (this.changes.get(arn) ?? 0)) / 1000;
    const wasDesired = before && this.truth.isSettledOn(arn, contentOfProperties(request.desired));
    const reply = arrive(); // a rejected write has no effect to check
    const after = this.truth.daemon(arn);
    this.coverage.reached('operation', operation);
    const isAdoption = before !== undefined && this.adoptions.isAdoption(request, operation, before);
    if (isAdoption) {
      this.adoptions.adopted(request, before, this.isDisturbed(arn), this.world.clock.now());
      this.tags.adopted(before);
    } else if (operation !== 'CreateDaemon') this.checkOwner(request, operation, arn, before);
    if (operation === 'UpdateDaemon') this.adoptions.checkUpdate(request, arn);
    if (operation === 'CreateDaemon' || operation === 'UpdateDaemon') this.checkInput(request, input, operation);
    const hasEffect = after !== undefined && before?.deployment.arn !== after.deployment.arn;
    if (!hasEffect) return reply;
    if (operation === 'DeleteDaemon' && before) this.adoptions.deleted(request, before);
    if (operation !== 'DeleteDaemon') this.checkOrder(request);
    if (operation === 'UpdateDaemon') {
      this.checkUpdate(request, arn);
      const drains = this.truth.hasInstances(after.capacityProviderArns);
      if (before && drains && wasDesired && unchangedFor > READ_LAG_SECONDS * 2) this.checkNeed(request, before);
    }
    this.writes.add({ operation, daemonArn: arn, at: this.world.clock.now(), request });
    // a replacement of the daemon's own deployment starts no drain
    if (before?.deployment.isOver ?? true) this.drains.check(after, request, before, unchangedFor, sentAt);
    return reply;
  }

  /** Whether another resource has taken a daemon over from this one. */
  public wasAdoptedFrom(properties: DaemonProperties, stackId: string, logicalId: string): boolean {
    return this.adoptions.hasTaken(arnOf(properties), stackId, logicalId);
  }

  public checkLeftovers(stacks: readonly Stack[]): void {
    this.leftovers.check(stacks);
  }

  /** Whether the update of a stack has failed because others left it no turn. */
  public hadNoTurn(stack: Stack, since: number): boolean {
    return this.drains.leftNoTurn(stack, since);
  }

  /** Checks that the daemons run what the templates of their stacks define. */
  public checkRest(stacks: readonly Stack[]): void {
    for (const stack of stacks) {
      for (const { logicalId, properties } of stack.daemons) {
        const arn = arnOf(properties);
        const daemon = this.truth.daemon(arn);
        if (!daemon) this.violate('no convergence', `${stack.name} is ${stack.status}, but there is no daemon ${arn}`);
        else if (!isOwn(daemon, stack.id, logicalId)) this.violate('no convergence', `${arn} does not belong to ${stack.name}`);
        else if (!this.isAsDesired(arn, properties, daemon)) {
          this.violate('no convergence', `${stack.name} is ${stack.status}, but ${arn.split('/').at(-1)} is ${inWords(daemon)}`);
        }
      }
    }
  }

  private checkSuccess(request: ResourceRequest, outcome: string, reason: string): void {
    const { desired, isRollback, event } = request;
    const arn = arnOf(desired);
    const daemon = this.truth.daemon(arn);
    const isOurs = daemon !== undefined && isOwn(daemon, event.StackId, event.LogicalResourceId);
    if (outcome === 'CONTINUING') {
      const minutes = event.RequestType === 'Delete' ? desired.DeletionTimeoutInMinutes ?? 0 : desired.TimeoutInMinutes;
      if (minutes <= REQUEST_MINUTES) this.violate('false success', `${nameOf(request)} continues, but no gate holds the stack: ${reason}`);
      return;
    }
    if (event.RequestType === 'Delete') {
      if (isOurs && this.adoptions.wasReleasedSince(this.world.clock.now() - READ_LAG_SECONDS * 1000, arn, event)) {
        this.coverage.reached('exception', 'another stack has released the daemon too recently for reads to show it (A28)');
      } else if (isOurs) this.violate('false success', `${nameOf(request)}: ${arn} is still there: ${reason}`);
      return;
    }
    if (outcome === 'DEGRADED') {
      if (!isRollback) this.violate('false success', `${nameOf(request)} is answered DEGRADED, but the stack does not roll back: ${reason}`);
      return;
    }
    if (this.isDisturbed(arn)) return;
    if (daemon && !isOurs && this.isJustAdopted(daemon, event)) return;
    if (!isOurs) return this.violate('false success', `${nameOf(request)}: ${arn} ${daemon ? 'is not ours' : 'does not exist'}: ${reason}`);
    this.tags.check(request, daemon);
    if (daemon.deployment.status === 'PENDING') this.leftWaiting.add(daemon.deployment.arn);
    if (this.hasUnreturnedSettings(request, daemon)) return;
    if (changesNothing(request) || this.isAsDesired(arn, desired, daemon) || this.hasJustStarted(desired, daemon)) return;
    this.violate('false success', `${nameOf(request)}: ${reason}, but it is ${inWords(daemon)}`);
  }

  /** Checks that a gate succeeds only after the rollout has, or when another gate continues. */
  private checkGate(request: ResourceRequest, outcome: string, reason: string): void {
    const { GateNumber, GateCount, DaemonArn } = request.event.ResourceProperties as Record<string, string>;
    if (request.event.RequestType === 'Delete' || request.isRollback) return;
    if (outcome === 'CONTINUING') {
      if (Number(GateNumber) >= Number(GateCount)) this.violate('gate', `${nameOf(request)} completes although no gate follows: ${reason}`);
      return;
    }
    const rollout = this.newest.get(`${request.event.StackId} ${DaemonArn!}`);
    const daemon = this.truth.daemon(DaemonArn!);
    if (this.isDisturbed(DaemonArn!) || !rollout || changesNothing(rollout)) return;
    // it was at rest then: the rollout was over
    if (this.wasAdoptedFrom(rollout.desired, rollout.event.StackId, rollout.event.LogicalResourceId)) return;
    // a deployment that waits for the first instance continues after its success (A10)
    if (daemon && this.leftWaiting.has(daemon.deployment.arn)) return;
    if (!daemon || !this.isAsDesired(DaemonArn!, rollout.desired, daemon)) {
      this.violate('gate', `${nameOf(request)}: ${reason}, but it is ${daemon ? inWords(daemon) : 'gone'}`);
    }
  }

  /** Checks that the daemons before a daemon, in its wave order, have completed as desired. */
  private checkOrder(request: ResourceRequest): void {
    if (request.isRollback) return;
    for (const earlier of request.behind) {
      const arn = arnOf(earlier);
      const latest = this.newest.get(`${request.event.StackId} ${arn}`);
      const daemon = this.truth.daemon(arn);
      if (!latest || latest === request || !daemon || this.writes.lastManual(arn) !== undefined || changesNothing(latest)) continue;
      if (this.wasAdoptedFrom(earlier, latest.event.StackId, latest.event.LogicalResourceId)) continue; // another stack owns it by now
      // another resource of the stack has claimed the name, and was rejected
      if (!isSameContent(contentOfProperties(latest.desired), contentOfProperties(earlier))) continue;
      // a deployment that waits for the first instance may fail after its success (A10)
      if (!this.truth.hasInstances(latest.desired.CapacityProviderArns) || this.leftWaiting.has(daemon.deployment.arn)) continue;
      if (!this.isAsDesired(arn, latest.desired, daemon)) {
        this.violate('order', `${nameOf(request)} begins although ${arn} before it is ${inWords(daemon)}`);
      }
    }
  }

  /** Checks that no execution continues for a deleted stack. */
  public checkExecutions(executions: readonly DurableExecution[], stacks: readonly Stack[]): void {
    for (const { name, hasEnded, payload } of executions) {
      const { event } = this.requests.get(payload)!;
      const isGone = stacks.some(({ ids, status: last }) => ids.includes(event.StackId) && last === 'DELETE_COMPLETE');
      if (!hasEnded && isGone) this.violate('left running', `${name} still runs, for the ${event.RequestType} of ${event.LogicalResourceId}`);
    }
  }

  /** Whether the daemon runs the desired content, or waits for the first instance of its providers (A10). */
  private isAsDesired(arn: string, desired: ResourceRequest['desired'], daemon: DaemonTruth): boolean {
    const content = contentOfProperties(desired);
    if (this.truth.isSettledOn(arn, content) || this.unreturned.has(daemon.deployment.arn)) return true;
    return daemon.deployment.status === 'PENDING' && daemon.running.length === 0 && isHeadedFor(daemon, content);
  }

  /** Whether a create meets a daemon that differs only in settings which ECS never returns. */
  private hasUnreturnedSettings({ event, desired }: ResourceRequest, { goal, deployment }: DaemonTruth): boolean {
    const { assumptions } = this.world.ecs['context'];
    if (event.RequestType !== 'Create' || assumptions.absentFields !== 'settings' || !goal) return false;
    const content = contentOfProperties(desired);
    const { taskDefinitionArn, capacityProviderArns } = goal;
    if (isSameContent(goal, content) || !isSameContent({ ...content, taskDefinitionArn, capacityProviderArns }, content)) return false;
    this.coverage.reached('exception', 'a daemon is adopted that differs in settings which ECS does not return (A38)');
    this.unreturned.add(deployment.arn);
    return true;
  }

  /** Whether the first instance has started too recently for reads to show it (A10, A28). */
  private hasJustStarted(desired: ResourceRequest['desired'], daemon: DaemonTruth): boolean {
    if (!hasJustMetInstance(daemon, this.world.clock.now()) || !isHeadedFor(daemon, contentOfProperties(desired))) return false;
    this.coverage.reached('exception', JUST_MET_INSTANCE);
    return true;
  }

  /** Whether another caller has written too recently for reads to show it. */
  private isDisturbed(arn: string): boolean {
    const at = this.writes.lastManual(arn);
    return at !== undefined && this.world.clock.now() - at < READ_LAG_SECONDS * 2000;
  }

  /** Whether another stack has adopted the daemon too recently for reads to show it. */
  private isJustAdopted({ arn, tags }: DaemonTruth, event: ResourceRequest['event']): boolean {
    const isLate = tags[STACK_KEY] !== event.StackId
      && this.adoptions.wasTakenSince(this.world.clock.now() - READ_LAG_SECONDS * 2000, arn, event);
    if (isLate) this.coverage.reached('exception', 'another stack has adopted the daemon too recently for reads to show it (A28)');
    return isLate;
  }

  /** Checks the owner of a written daemon. On AWS, IAM denies a write on another stack's daemon, whatever earlier reads returned. */
  private checkOwner({ event }: ResourceRequest, operation: string, arn: string, before: DaemonTruth | undefined): void {
    if (before && !isOwn(before, event.StackId, event.LogicalResourceId) && !this.adoptions.isOnItsWayBack(event, before)) {
      if (this.isJustAdopted(before, event)) this.adoptions.disturbed(arn);
      else this.violate('foreign daemon', `${operation} of ${arn} by ${event.LogicalResourceId}, which belongs to ${before.tags[LOGICAL_ID_KEY] ?? 'nobody'}`);
    }
  }

  private checkUpdate(request: ResourceRequest, arn: string): void {
    const earlier = this.writes.filter((write) => write.request === request && write.operation === 'UpdateDaemon').length;
    // in a rollback, a write of the request before, or a person's, may land after ours, which is then sent once more (FM24)
    const last = this.writes.last(arn);
    const isRetaken = request.isRollback && (last?.request !== request || (this.writes.lastManual(arn) ?? 0) > last.at);
    if (earlier > 0 && !isRetaken) this.violate('second update', `${nameOf(request)} updates ${arn} ${earlier + 1} times`);
    if (request.isRollback) return;
    const now = this.world.clock.now();
    const alarm = request.desired.AlarmNames.find((name) => now - (this.inAlarmSince.get(name) ?? now) > ALARM_SECONDS * 1000);
    if (alarm && this.isTakenForRollback(request)) {
      this.coverage.reached('exception', 'a request of the very second in which the rollback of its stack began counts as a part of it');
    } else if (alarm && request.event.RequestType === 'Update') this.violate('update during an alarm', `${nameOf(request)} updates ${arn} while ${alarm} is in ALARM`);
  }

  /** Times of requests have a resolution of a second. */
  private isTakenForRollback({ event, issuedAt }: ResourceRequest): boolean {
    const began = this.rollbacks.get(event.StackId);
    return began !== undefined && isSameSecond(issuedAt, began);
  }

  private checkInput(request: ResourceRequest, input: Input, operation: string): void {
    for (const [key, value] of Object.entries(completeInput(request.desired))) {
      if (JSON.stringify(input[key]) !== JSON.stringify(value)) {
        this.violate('incomplete update', `${operation} for ${nameOf(request)}: ${key} is ${JSON.stringify(input[key])}, not ${JSON.stringify(value)}`);
      }
    }
  }

  /** Checks that an update of a daemon that already was as desired, for so long that every read shows it, had a reason. */
  private checkNeed(request: ResourceRequest, before: DaemonTruth): void {
    const { desired, previous, isRollback } = request;
    if (!isRollback && previous && previous.RolloutToken !== desired.RolloutToken) return;
    // a task may have stopped on each instance, or have started on none
    if (before.deployment.isForgotten && before.running.every((content) => content === undefined)) {
      this.coverage.reached('exception', 'a daemon is rolled out that no instance runs, and whose deployment has expired (R36, A15)');
    } else this.violate('unnecessary drain', `${nameOf(request)} updates ${before.arn}, which already is as desired`);
  }
}

const isSameSecond = (a: number, b: number): boolean => Math.floor(a / 1000) === Math.floor(b / 1000);

const isHeadedFor = ({ goal }: DaemonTruth, content: FleetContent): boolean => goal !== undefined && isSameContent(goal, content);
