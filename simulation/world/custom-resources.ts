import type { Answer } from '../../lambda/answer';
import type { DaemonProperties } from '../../lambda/contract';
import type { CloudFormationRequest } from '../../lambda/request';
import type { ResourceType } from '../../lambda/resource-type';
import type { Timer } from '../../sandbox/core/clock';
import type { SimulatedClock } from './clock';
import { completed } from './daemon-properties';
import type { Random } from './random';
import type { Properties } from './references';
import type { Trace } from './trace';

/** CloudFormation waits no longer (EN6). */
const SERVICE_TIMEOUT_SECONDS = 3600;
const URL_LIFETIME_SECONDS = 7200;

export type RequestType = CloudFormationRequest['RequestType'];

/** How a request ended for CloudFormation. */
export type RequestEnd =
  | {
    readonly kind: 'answered'; readonly status: 'SUCCESS' | 'FAILED'; readonly physicalId: string; readonly reason: string;
    readonly attributes: Readonly<Record<string, string>>;
  }
  | { readonly kind: 'unanswered' }
  /** CloudFormation has continued without an answer. */
  | { readonly kind: 'interrupted' };

/** A request, and its answers. */
export interface ResourceRequest {
  readonly event: CloudFormationRequest;
  /** The desired properties of a daemon; of another type of resource at most the daemon's name. */
  readonly desired: DaemonProperties;
  readonly previous?: DaemonProperties;
  /** The daemons that the resource depends on. */
  readonly behind: readonly DaemonProperties[];
  /** Whether the stack was rolling back when it was issued. */
  readonly isRollback: boolean;
  readonly issuedAt: number;
  /** The bodies that were put to its URL, with the time of each. */
  readonly answers: { readonly body: string; readonly at: number }[];
  end?: RequestEnd;
}

/** Receives the events of requests. */
export interface RequestListener {
  issued(request: ResourceRequest): void;
  answered(request: ResourceRequest, body: string): void;
  ended(request: ResourceRequest): void;
}

interface Open {
  readonly request: ResourceRequest;
  settle?: (end: RequestEnd) => void;
}

export interface NewRequest {
  readonly requestType: RequestType;
  readonly resourceType: ResourceType;
  readonly stackId: string;
  readonly logicalId: string;
  readonly physicalId?: string;
  readonly properties: Properties;
  readonly previous?: Properties;
  readonly behind: readonly DaemonProperties[];
  readonly isRollback: boolean;
  /** Calls back once CloudFormation does not wait any more. */
  readonly onInterruptible?: (interrupt: () => void) => void;
}

/** CloudFormation's part of custom resources: sends requests, receives answers (E18 to E27). */
export class CustomResources {
  public readonly all: ResourceRequest[] = [];
  private readonly open = new Map<string, Open>();
  private readonly lastIds = new Map<string, string>();

  constructor(
    private readonly clock: SimulatedClock,
    private readonly random: Random,
    private readonly trace: Trace,
    private readonly listener: RequestListener,
    private readonly deliver: (event: CloudFormationRequest) => void,
    /** Whether a repeated attempt carries the RequestId of the one before (FM30). */
    private readonly reusesRequestIds: () => boolean,
  ) {}

  public async send(submitted: NewRequest): Promise<RequestEnd> {
    const token = this.id(40);
    const issued = new Date(this.clock.now()).toISOString().replaceAll(/[-:]|\.\d+/g, '');
    const last = this.lastIds.get(`${submitted.stackId}|${submitted.logicalId}`);
    const requestId = last && this.reusesRequestIds() ? last : this.id(32);
    this.lastIds.set(`${submitted.stackId}|${submitted.logicalId}`, requestId);
    const event: CloudFormationRequest = {
      RequestType: submitted.requestType,
      ResponseURL: `https://bucket.example/${token}?X-Amz-Date=${issued}&X-Amz-Expires=${URL_LIFETIME_SECONDS}&X-Amz-Signature=${this.id(64)}`,
      StackId: submitted.stackId,
      RequestId: requestId,
      ResourceType: submitted.resourceType,
      LogicalResourceId: submitted.logicalId,
      ...(submitted.physicalId !== undefined && { PhysicalResourceId: submitted.physicalId }),
      ResourceProperties: stringified(submitted.properties),
      ...(submitted.previous && { OldResourceProperties: stringified(submitted.previous) }),
    };
    const request: ResourceRequest = {
      event,
      desired: completed(submitted.properties),
      previous: submitted.previous && completed(submitted.previous),
      behind: submitted.behind,
      isRollback: submitted.isRollback,
      issuedAt: this.clock.now(),
      answers: [],
    };
    this.all.push(request);
    this.listener.issued(request);
    this.trace.add('CloudFormation', () => `${submitted.requestType} ${submitted.logicalId} (${submitted.physicalId ?? 'no id yet'})${submitted.isRollback ? ' in the rollback' : ''}`);
    const end = await this.ended(token, request, submitted.onInterruptible);
    request.end = end;
    this.trace.add('CloudFormation', () => `${submitted.requestType} ${submitted.logicalId} is ${end.kind}${end.kind === 'answered' ? ` ${end.status}: ${end.reason}` : ''}`);
    this.listener.ended(request);
    return end;
  }

  /** The PUT to a ResponseURL; returns the HTTP status. Only the first answer counts (E24). */
  public receive(url: string, body: string): number {
    const open = this.open.get(tokenOf(url));
    if (!open) return 403;
    const { request } = open;
    if (this.clock.now() > request.issuedAt + URL_LIFETIME_SECONDS * 1000) return 403;
    request.answers.push({ body, at: this.clock.now() });
    this.listener.answered(request, body);
    const answer = JSON.parse(body) as Answer & { RequestId: string };
    const { Status: status, PhysicalResourceId: physicalId, Reason: reason, Data: attributes = {} } = answer;
    if (answer.RequestId === request.event.RequestId) open.settle?.({ kind: 'answered', status, physicalId, reason, attributes });
    return 200;
  }

  private ended(token: string, request: ResourceRequest, onInterruptible: NewRequest['onInterruptible']): Promise<RequestEnd> {
    return new Promise((resolve) => {
      const open: Open = { request };
      this.open.set(token, open);
      const timer: Timer = this.clock.wake(SERVICE_TIMEOUT_SECONDS, () => open.settle?.({ kind: 'unanswered' }));
      open.settle = (end) => {
        open.settle = undefined;
        timer.cancel();
        resolve(end);
      };
      onInterruptible?.(() => open.settle?.({ kind: 'interrupted' }));
      this.deliver(request.event);
    });
  }

  private id(length: number): string {
    let text = '';
    while (text.length < length) text += Math.floor(this.random.next() * 0x1_0000_0000).toString(16).padStart(8, '0');
    return text.slice(0, length);
  }
}

const tokenOf = (url: string): string => /^https:\/\/bucket\.example\/([0-9a-f]+)\?/.exec(url)?.[1] ?? '';

/** CloudFormation turns every scalar into a string (E18). */
export function stringified(properties: object): Record<string, unknown> {
  const text = (value: unknown): unknown => Array.isArray(value) ? value.map(text)
    : typeof value === 'object' && value !== null ? stringified(value) : String(value);
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, text(value)]));
}
