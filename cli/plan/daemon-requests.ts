import type { Sandbox } from '../../sandbox';

/** The properties of a daemon's custom resource; CloudFormation sends scalars as texts. */
export type Properties = Readonly<Record<string, unknown>>;

/** An answer of the Lambda to CloudFormation. */
export interface Answer {
  /** Virtual time, epoch milliseconds. */
  readonly at: number;
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason: string;
  readonly PhysicalResourceId: string;
  readonly Data?: Readonly<Record<string, string>>;
}

/** A request of CloudFormation to one of our custom resources. */
export interface DaemonRequest {
  /** Virtual time, epoch milliseconds. */
  readonly at: number;
  readonly type: 'Create' | 'Update' | 'Delete';
  readonly resourceType: string;
  readonly stackId: string;
  readonly logicalId: string;
  readonly properties: Properties;
  readonly oldProperties?: Properties;
  answer?: Answer;
}

export const DAEMON_TYPE = 'Custom::ECSManagedDaemon';

/** Built of the two properties that identify a daemon, as the Lambda does. */
export const daemonArnOf = ({ ClusterArn, DaemonName }: Properties): string =>
  `${String(ClusterArn).replace(':cluster/', ':daemon/')}/${String(DaemonName)}`;

/** Records each request once, with its answer. `onRequest` runs before the Lambda receives it. */
export function recordRequests(
  { intercept, cloudFormation, clock }: Sandbox, onRequest: (request: DaemonRequest) => Promise<void>,
): DaemonRequest[] {
  const byId = new Map<string, DaemonRequest>();
  const requests: DaemonRequest[] = [];
  intercept({
    before: async ({ service, operation, input }) => {
      if (service !== 'lambda' || operation !== 'Invoke') return;
      const event = eventIn(input.Payload);
      const { RequestId: id, ResourceType: resourceType } = event;
      if (typeof id !== 'string' || byId.has(id) || !String(resourceType).startsWith(DAEMON_TYPE)) return;
      const request: DaemonRequest = {
        at: clock.now(),
        type: event.RequestType as DaemonRequest['type'],
        resourceType: String(resourceType),
        stackId: String(event.StackId),
        logicalId: String(event.LogicalResourceId),
        properties: event.ResourceProperties as Properties,
        ...(event.OldResourceProperties !== undefined && { oldProperties: event.OldResourceProperties as Properties }),
      };
      byId.set(id, request);
      requests.push(request);
      await onRequest(request);
    },
  });
  const receive = cloudFormation.receiveAnswer.bind(cloudFormation);
  cloudFormation.receiveAnswer = (put) => {
    const { RequestId, ...answer } = JSON.parse(put.body.toString()) as Omit<Answer, 'at'> & { RequestId: string };
    const request = byId.get(RequestId);
    if (request) request.answer ??= { ...answer, at: clock.now() };
    return receive(put);
  };
  return requests;
}

function eventIn(payload: unknown): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(payload as string).toString()) as Record<string, unknown>;
  } catch {
    return {}; // of another function
  }
}
