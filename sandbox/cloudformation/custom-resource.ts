import { randomBytes } from 'node:crypto';
import type { Timer } from '../clock';
import type { HttpAnswer, HttpRequest } from '../service';
import { randomUuid, type World } from '../world';
import type { CloudFormationOptions } from './options';
import { stringified } from './property-values';
import {
  CutShort, ResourceFailure, UpdateRefused, asText,
  type ExistingResource, type ProvidedResource, type ProviderContext, type ResourceProvider,
} from './resource-provider';
import { isObject, type JsonObject } from './template';

const ANSWER_PATH = '/cloudformation-custom-resource-response/';

const ANSWER_LIMIT_BYTES = 4096;
const PHYSICAL_ID_LIMIT_BYTES = 1024;
const URL_LIFETIME_SECONDS = 7200;
const DEFAULT_SERVICE_TIMEOUT_SECONDS = 3600;

type RequestType = 'Create' | 'Update' | 'Delete';

interface Answer {
  readonly Status: string;
  readonly RequestId: string;
  readonly Reason?: string;
  readonly PhysicalResourceId?: string;
  readonly NoEcho?: boolean | string;
  readonly Data?: JsonObject;
}

interface OpenRequest {
  readonly token: string;
  readonly signature: string;
  readonly requestId: string;
  readonly stackId: string;
  readonly logicalId: string;
  readonly expires: number;
  /** Only the first answer counts (E24). */
  settle?: (outcome: Answer | Error) => void;
}

/** The function was never asked: there is nothing to delete. */
class NotAsked extends ResourceFailure {}

/** Custom resources: an event to a function, then the wait for its answer (cdk-cli-wire.md § 9). */
export class CustomResources implements ResourceProvider {
  private readonly requests = new Map<string, OpenRequest>();

  constructor(
    private readonly world: World,
    private readonly options: Required<Pick<CloudFormationOptions, 'failedUpdateId' | 'duplicateDelivery'>>,
  ) {}

  public async create(properties: JsonObject, context: ProviderContext): Promise<ProvidedResource> {
    try {
      const answer = await this.request('Create', properties, context);
      if (answer.Status === 'FAILED') throw failure(answer, context);
      return provided(answer);
    } catch (error) {
      if (error instanceof NotAsked) throw error;
      // E9, E26: without an id in an answer, the Delete that follows carries one of CloudFormation's making
      const physicalId = error instanceof ResourceFailure && error.physicalId ? error.physicalId : context.generatedName();
      if (error instanceof CutShort) throw new CutShort(error.message, physicalId);
      throw new ResourceFailure(messageOf(error), physicalId);
    }
  }

  public async update(properties: JsonObject, existing: ExistingResource, context: ProviderContext): Promise<ProvidedResource> {
    if (asText(properties.ServiceToken) !== asText(existing.properties.ServiceToken)) {
      throw new UpdateRefused('Modifying service token is not allowed.'); // E21
    }
    const answer = await this.request('Update', properties, context, existing, existing.properties);
    if (answer.Status !== 'FAILED') return provided(answer);
    const failed = failure(answer, context);
    // E27
    throw this.options.failedUpdateId === 'adopt' ? failed : new ResourceFailure(failed.message);
  }

  public async delete(existing: ExistingResource, context: ProviderContext): Promise<void> {
    const answer = await this.request('Delete', existing.properties, context, existing);
    if (answer.Status === 'FAILED') throw failure(answer, context);
  }

  /** The PUT to a ResponseURL. */
  public receive(request: HttpRequest): HttpAnswer {
    const token = request.path.slice(ANSWER_PATH.length);
    const open = request.path.startsWith(ANSWER_PATH) ? this.requests.get(token) : undefined;
    if (request.method !== 'PUT' || !open || request.query.get('X-Amz-Signature') !== open.signature) {
      return refusal(403, 'SignatureDoesNotMatch', 'The request does not match the URL that CloudFormation gave.');
    }
    if (this.world.clock.now() > open.expires) return refusal(403, 'AccessDenied', 'Request has expired');
    // E23: the signature of the presigned URL covers an empty content type
    if (request.headers['content-type']) {
      return refusal(403, 'SignatureDoesNotMatch', 'The content type of an answer must be empty.');
    }
    if (request.headers['content-length'] === undefined) {
      return refusal(411, 'MissingContentLength', 'You must provide the Content-Length HTTP header.');
    }
    this.read(open, request.body);
    return { statusCode: 200 };
  }

  private read(open: OpenRequest, body: Buffer): void {
    const settle = open.settle;
    if (!settle) return;
    if (body.length > ANSWER_LIMIT_BYTES) return settle(new ResourceFailure('Response object is too long.')); // E22
    let answer: unknown;
    try {
      answer = JSON.parse(body.toString());
    } catch {
      return settle(new ResourceFailure('Response is not valid JSON.'));
    }
    // a mismatch is not an answer (§ 9.2): the resource goes on waiting
    if (!isObject(answer) || answer.RequestId !== open.requestId || answer.StackId !== open.stackId) return;
    if (answer.LogicalResourceId !== open.logicalId) return;
    if (answer.Status !== 'SUCCESS' && answer.Status !== 'FAILED') return settle(new ResourceFailure('Invalid response status'));
    const physicalId = answer.PhysicalResourceId;
    if (typeof physicalId !== 'string' || physicalId === '' || Buffer.byteLength(physicalId) > PHYSICAL_ID_LIMIT_BYTES) {
      return settle(new ResourceFailure('Invalid PhysicalResourceId')); // E26
    }
    settle(answer as unknown as Answer);
  }

  private async request(
    type: RequestType, properties: JsonObject, context: ProviderContext, existing?: ExistingResource, oldProperties?: JsonObject,
  ): Promise<Answer> {
    const serviceToken = asText(properties.ServiceToken);
    const requestId = randomUuid(this.world);
    const open: OpenRequest = {
      // the URL is the credential of its answer: not from the seed, which anybody knows
      token: randomBytes(20).toString('hex'),
      signature: randomBytes(32).toString('hex'),
      requestId,
      stackId: context.stackId,
      logicalId: context.logicalId,
      expires: this.world.clock.now() + URL_LIFETIME_SECONDS * 1000,
    };
    this.requests.set(open.token, open);
    const event = {
      RequestType: type,
      ServiceToken: serviceToken,
      ResponseURL: this.urlOf(open),
      StackId: context.stackId,
      RequestId: requestId,
      LogicalResourceId: context.logicalId,
      PhysicalResourceId: existing?.physicalId,
      ResourceType: context.resourceType,
      ResourceProperties: stringified(properties),
      OldResourceProperties: oldProperties && stringified(oldProperties),
    };
    const answered = this.answerTo(open, timeoutSeconds(properties, type), context.cutShort);
    answered.catch(() => undefined); // it may end while the function is still being invoked
    const invocation = { FunctionName: serviceToken, InvocationType: 'Event', Payload: JSON.stringify(event) };
    try {
      await context.call('lambda', 'Invoke', invocation);
      if (this.options.duplicateDelivery) await context.call('lambda', 'Invoke', invocation);
    } catch (error) {
      open.settle?.(new NotAsked(`Could not invoke the custom resource's function: ${messageOf(error)}`));
    }
    return answered;
  }

  private answerTo(open: OpenRequest, timeout: number, cutShort: AbortSignal): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const timer: Timer = this.world.clock.after(timeout, () => open.settle?.(new ResourceFailure(
        `CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId [${open.requestId}]. `
        + `It waited ${timeout} s.`,
      )));
      const abandon = (): void => open.settle?.(new CutShort('cut short'));
      open.settle = (outcome) => {
        open.settle = undefined;
        timer.cancel();
        cutShort.removeEventListener('abort', abandon);
        if (outcome instanceof Error) reject(outcome);
        else resolve(outcome);
      };
      cutShort.addEventListener('abort', abandon);
      if (cutShort.aborted) abandon();
    });
  }

  private urlOf(open: OpenRequest): string {
    const issued = new Date(this.world.clock.now()).toISOString().replaceAll(/[-:]|\.\d+/g, '');
    const query = new URLSearchParams({
      'X-Amz-Date': issued, 'X-Amz-Expires': String(URL_LIFETIME_SECONDS), 'X-Amz-Signature': open.signature,
    });
    return `${this.world.endpoint}${ANSWER_PATH}${open.token}?${query}`;
  }
}

function provided(answer: Answer): ProvidedResource {
  return {
    physicalId: answer.PhysicalResourceId!,
    attributes: isObject(answer.Data) ? answer.Data : {},
    noEcho: String(answer.NoEcho ?? false) === 'true',
  };
}

function failure(answer: Answer, context: ProviderContext): ResourceFailure {
  const message = answer.Reason || `See the log of the function of ${context.logicalId}`;
  return new ResourceFailure(
    `Received response status [FAILED] from custom resource. Message returned: ${message} (RequestId: ${answer.RequestId})`,
    answer.PhysicalResourceId,
  );
}

/** E20. */
function timeoutSeconds(properties: JsonObject, type: RequestType): number {
  const seconds = Number(properties.ServiceTimeout ?? DEFAULT_SERVICE_TIMEOUT_SECONDS);
  if (seconds >= 1 && seconds <= DEFAULT_SERVICE_TIMEOUT_SECONDS) return seconds;
  if (type === 'Delete') return DEFAULT_SERVICE_TIMEOUT_SECONDS;
  throw new NotAsked(`Invalid ServiceTimeout ${asText(properties.ServiceTimeout)}: it must be between 1 and 3600 seconds`);
}

const refusal = (statusCode: number, code: string, message: string): HttpAnswer => ({
  statusCode,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
});

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
