import type { CloudFormationRequest } from '../../lambda/request';
import type { Coverage } from '../world/coverage';
import type { ResourceRequest } from '../world/custom-resources';
import { isSameContent } from '../world/fleet-content';
import { arnOf, isOwn, LOGICAL_ID_KEY, STACK_KEY } from './requests';
import { inWords, type DaemonTruth, type Truth } from './truth';

/** Keeps the id of the stack from which a daemon was adopted. */
const KEPT_STACK_KEY = `cdk-ecs-managed-daemons:was:${STACK_KEY}`;

/** An adopted daemon, as long as the adoption can be rolled back. */
interface Adoption {
  readonly stackId: string;
  readonly logicalId: string;
  /** The daemon right before. */
  readonly before: DaemonTruth;
  /** A person has changed the daemon since, or too recently before for reads to return it, or ECS was deleting it. */
  readonly isDisturbed: boolean;
}

/** Follows adoptions by the writes that ECS receives, and checks that they change tags only, which a rollback restores. */
export class Adoptions {
  /** By the ARN of the daemon. */
  private readonly open = new Map<string, Adoption>();
  /** Times of adoptions, by daemon and former owner. */
  private readonly former = new Map<string, number>();
  /** Former owners that were deleted while the adoption could be rolled back, or before reads showed that it was. */
  private readonly gone = new Set<string>();
  /** When an adoption was rolled back, by daemon and former owner. */
  private readonly released = new Map<string, number>();

  constructor(private readonly truth: Truth, private readonly coverage: Coverage, private readonly violate: (sentence: string) => void) {}

  /** Whether a write adopts a daemon that the request allows to adopt. */
  public isAdoption({ event, desired, isRollback }: ResourceRequest, operation: string, daemon: DaemonTruth): boolean {
    const isOurs = isOwn(daemon, event.StackId, event.LogicalResourceId);
    const mayAdopt = event.RequestType !== 'Delete' && !isRollback && desired.AdoptExisting === true;
    return operation === 'TagResource' && !isOurs && mayAdopt && daemon.arn === arnOf(desired);
  }

  public adopted({ event }: ResourceRequest, before: DaemonTruth, isDisturbed: boolean, now: number): void {
    this.former.set(nameOf(before.arn, before.tags[STACK_KEY], before.tags[LOGICAL_ID_KEY]), now);
    // ECS may still roll back the deletion of a daemon (A16)
    this.open.set(before.arn, {
      stackId: event.StackId, logicalId: event.LogicalResourceId, before, isDisturbed: isDisturbed || !before.isActive,
    });
    this.coverage.reached('kind', before.tags[STACK_KEY] === undefined ? 'adoption of nobody’s daemon' : 'adoption of another owner’s daemon');
  }

  public hasTaken(arn: string, stackId: string, logicalId: string): boolean {
    return this.former.has(nameOf(arn, stackId, logicalId));
  }

  /**
   * Whether a resource was deleted while another owner had its daemon, and may have released it since.
   *
   * The deletion must not change the daemon of another stack, and an adopter does not read the state of another stack.
   */
  public hasLetGo(arn: string, stackId = '', logicalId = ''): boolean {
    return this.gone.has(nameOf(arn, stackId, logicalId));
  }

  /** Whether another owner has adopted the daemon of a request's sender, then or later. */
  public wasTakenSince(since: number, arn: string, { StackId, LogicalResourceId }: CloudFormationRequest): boolean {
    return (this.former.get(nameOf(arn, StackId, LogicalResourceId)) ?? Number.NEGATIVE_INFINITY) >= since;
  }

  /** Whether a daemon was released, since then, to the owner of which the deletion ignores it. */
  public wasReleasedSince(since: number, arn: string, { StackId, LogicalResourceId }: CloudFormationRequest): boolean {
    const owner = nameOf(arn, StackId, LogicalResourceId);
    const isLate = (this.released.get(owner) ?? Number.NEGATIVE_INFINITY) >= since;
    if (isLate) this.gone.add(owner);
    return isLate;
  }

  /** Forgets the adoptions of a stack that has completed the operation: they can no longer be rolled back. */
  public completed(stackId: string): void {
    for (const [arn, adoption] of this.open) if (adoption.stackId === stackId) this.open.delete(arn);
  }

  /** A person has changed the daemon. */
  public disturbed(arn: string): void {
    const adoption = this.open.get(arn);
    if (adoption) this.open.set(arn, { ...adoption, isDisturbed: true });
  }

  /**
   * Two writes restore the ownership: between them the daemon has the stack's id with the former logical id.
   *
   * A stale read causes the last write to be repeated, which IAM denies on AWS, and which changes nothing here.
   */
  public isOnItsWayBack(event: CloudFormationRequest, { arn }: DaemonTruth): boolean {
    return event.RequestType === 'Delete' && isBy(this.open.get(arn), event);
  }

  /** Checks that neither an adoption nor its rollback updates the daemon: they change its tags only. */
  public checkUpdate({ event }: ResourceRequest, arn: string): void {
    if (isBy(this.open.get(arn), event)) this.violate(`${arn} is updated by the ${event.RequestType} that has adopted or releases it`);
  }

  /** After the success of a deletion that follows an adoption, the daemon is its former owner's again. */
  public answered({ event, desired }: ResourceRequest, status: string, outcome: string, now: number): void {
    const arn = arnOf(desired);
    const adoption = this.open.get(arn);
    if (event.RequestType !== 'Delete' || status !== 'SUCCESS' || !adoption) return;
    const { StackId, LogicalResourceId } = event;
    const { tags } = adoption.before;
    if (tags[STACK_KEY] === StackId && tags[LOGICAL_ID_KEY] === LogicalResourceId) this.gone.add(nameOf(arn, StackId, LogicalResourceId));
    if (!isBy(adoption, event)) return;
    this.open.delete(arn);
    this.released.set(nameOf(arn, tags[STACK_KEY], tags[LOGICAL_ID_KEY]), now);
    this.coverage.reached('kind', 'adoption rolled back');
    const { before, isDisturbed } = adoption;
    if (isDisturbed) return;
    const daemon = this.truth.daemon(arn);
    if (!daemon?.isActive) return this.violate(`${arn} was deleted, although its adoption was rolled back`);
    this.checkTags(adoption, daemon.tags);
    if (outcome === 'DEGRADED' || !before.goal || (daemon.goal && isSameContent(daemon.goal, before.goal))) return;
    this.violate(`${arn} is given back as ${inWords(daemon)} instead of ${inWords(before)}`);
  }

  private checkTags({ before, isDisturbed }: Adoption, tags: DaemonTruth['tags']): void {
    if (isDisturbed || isSameRecord(withoutRemains(tags), withoutRemains(before.tags))) return;
    this.violate(`${before.arn} has the tags ${JSON.stringify(tags)} instead of ${JSON.stringify(before.tags)}`);
  }

  /** The former owner may delete a released daemon before the adopter has answered. */
  public deleted({ event }: ResourceRequest, daemon: DaemonTruth): void {
    const adoption = this.open.get(daemon.arn);
    if (!adoption || !isOwn(daemon, event.StackId, event.LogicalResourceId) || isBy(adoption, event)) return;
    this.open.delete(daemon.arn);
    this.checkTags(adoption, daemon.tags);
  }

  /** Skips a daemon that an interrupted deletion has released: the next request of the stack leaves it alone. */
  public leftUnanswered(request: ResourceRequest, now: number): void {
    const arn = arnOf(request.desired);
    const before = this.open.get(arn)?.before;
    const daemon = this.truth.daemon(arn);
    const isBack = before && daemon && isSameRecord(withoutRemains(daemon.tags), withoutRemains(before.tags));
    if (isBack) this.answered(request, 'SUCCESS', 'DEGRADED', now);
  }
}

const nameOf = (arn: string, stackId = '', logicalId = ''): string => `${arn} ${stackId} ${logicalId}`;

const isBy = (adoption: Adoption | undefined, { StackId, LogicalResourceId }: CloudFormationRequest): boolean =>
  adoption !== undefined && adoption.stackId === StackId && adoption.logicalId === LogicalResourceId;

/** IAM allows a write only while the owner tag has the stack's id, so tags that record another stack remain. */
function withoutRemains(tags: DaemonTruth['tags']): DaemonTruth['tags'] {
  const { [KEPT_STACK_KEY]: kept, ...others } = tags;
  return kept === tags[STACK_KEY] ? others : tags;
}

const isSameRecord = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean =>
  JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());
