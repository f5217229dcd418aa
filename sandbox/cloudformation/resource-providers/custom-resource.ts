import { randomBytes } from 'node:crypto';
import type { Timer } from '../../core/clock';
import { parseJsonDocument } from '../../core/json-document';
import type { FunctionError } from '../../lambda/runtime/worker-messages';
import type { HttpAnswer, HttpRequest } from '../../core/aws-service';
import { randomUuid, type World } from '../../core/world';
import type { CloudFormationOptions } from '../options';
import { stringified } from '../template/property-values';
import { CannotRun, runUserHandlers, userHandlersOf } from './provider-framework';
import {
  Interrupted, ResourceFailure, UpdateRefused, asText,
  type ExistingResource, type ProvidedResource, type ProviderContext, type ResourceProvider,
} from './resource-provider';
import { isInertCustomResource, standInAttributes } from './stand-ins';
import { isObject, type JsonObject } from '../template/template';

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
  /** The error of the function, if it has failed. */
  failure?: string;
  /** Only the first answer counts (E24). */
  settle?: (outcome: Answer | Error) => void;
}

/** The function was never called, so there is nothing to delete. */
class NotAsked extends ResourceFailure {}

/** Custom resources: an event to a function, then the wait for its answer. */
export class CustomResources implements ResourceProvider {
  private readonly requests = new Map<string, OpenRequest>();

  constructor(
    private readonly world: World,
    private readonly options: Required<Pick<CloudFormationOptions, 'failedUpdateId' | 'duplicateDelivery'>>,
  ) {}

  public async create(properties: JsonObject, context: ProviderContext): Promise<ProvidedResource> {
    try {
      const answer = await this.answerOf('Create', properties, context);
      if (answer.Status === 'FAILED') throw failure(answer, context);
      return provided(answer);
    } catch (error) {
      if (error instanceof NotAsked) throw error;
      // without an id in an answer, the Delete that follows carries a generated one (E9, E26)
      const physicalId = error instanceof ResourceFailure && error.physicalId ? error.physicalId : context.generatedName();
      if (error instanceof Interrupted) throw new Interrupted(error.message, physicalId);
      throw new ResourceFailure(messageOf(error), physicalId);
    }
  }

  public async update(properties: JsonObject, existing: ExistingResource, context: ProviderContext): Promise<ProvidedResource> {
    if (asText(properties.ServiceToken) !== asText(existing.properties.ServiceToken)) {
      throw new UpdateRefused('Modifying service token is not allowed.'); // CloudFormation's text (E21)
    }
    const answer = await this.answerOf('Update', properties, context, existing);
    if (answer.Status !== 'FAILED') return provided(answer);
    const failed = failure(answer, context);
    // the id of a failed update becomes the id of the resource (E27)
    throw this.options.failedUpdateId === 'adopt' ? failed : new ResourceFailure(failed.message);
  }

  public async delete(existing: ExistingResource, context: ProviderContext): Promise<void> {
    const answer = await this.answerOf('Delete', existing.properties, context, existing);
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
    // the signature of the presigned URL covers an empty content type (E23)
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
    if (body.length > ANSWER_LIMIT_BYTES) return settle(new ResourceFailure('Response object is too long.')); // CloudFormation's text (E22)
    let answer: unknown;
    try {
      answer = parseJsonDocument(body.toString());
    } catch {
      return settle(new ResourceFailure('Response is not valid JSON.'));
    }
    // a mismatch is not an answer: the resource continues to wait
    if (!isObject(answer) || answer.RequestId !== open.requestId || answer.StackId !== open.stackId) return;
    if (answer.LogicalResourceId !== open.logicalId) return;
    if (answer.Status !== 'SUCCESS' && answer.Status !== 'FAILED') return settle(new ResourceFailure('Invalid response status'));
    const physicalId = answer.PhysicalResourceId;
    if (typeof physicalId !== 'string' || physicalId === '' || Buffer.byteLength(physicalId) > PHYSICAL_ID_LIMIT_BYTES) {
      return settle(new ResourceFailure('Invalid PhysicalResourceId')); // CloudFormation's text (E26)
    }
    settle(answer as unknown as Answer);
  }

  /** Calls the function, except for inert resources and for the Provider framework, which the sandbox replaces. */
  private async answerOf(
    type: RequestType, properties: JsonObject, context: ProviderContext, existing?: ExistingResource,
  ): Promise<Answer> {
    if (isInertCustomResource(context.resourceType, properties)) return this.standIn(properties, context, existing);
    const handlers = await userHandlersOf(asText(properties.ServiceToken), context);
    if (!handlers) return this.request(type, properties, context, existing);
    try {
      const result = await runUserHandlers(handlers, this.eventOf(type, properties, context, randomUuid(this.world), existing), context);
      return { Status: 'SUCCESS', RequestId: '', ...result };
    } catch (error) {
      if (error instanceof CannotRun) return this.standIn(properties, context, existing, error.message);
      if (error instanceof ResourceFailure) throw error;
      throw type === 'Create' ? new NotAsked(messageOf(error)) : new ResourceFailure(messageOf(error));
    }
  }

  private standIn(properties: JsonObject, context: ProviderContext, existing?: ExistingResource, cause = 'nothing is behind it'): Answer {
    const { stackName, logicalId, resourceType } = context;
    if (!existing) this.world.notice?.(`${stackName}/${logicalId} (${resourceType}) does nothing in the sandbox: ${cause}`);
    const id = existing?.physicalId ?? asText(properties.LogGroupName ?? context.generatedName());
    return { Status: 'SUCCESS', RequestId: '', PhysicalResourceId: id, Data: standInAttributes(properties) };
  }

  private eventOf(
    type: RequestType, properties: JsonObject, context: ProviderContext, requestId: string, existing?: ExistingResource,
  ): JsonObject {
    return {
      RequestType: type,
      ServiceToken: asText(properties.ServiceToken),
      StackId: context.stackId,
      RequestId: requestId,
      LogicalResourceId: context.logicalId,
      ...(existing && { PhysicalResourceId: existing.physicalId }),
      ResourceType: context.resourceType,
      ResourceProperties: stringified(properties),
      ...(existing && type === 'Update' && { OldResourceProperties: stringified(existing.properties) }),
    };
  }

  private async request(
    type: RequestType, properties: JsonObject, context: ProviderContext, existing?: ExistingResource,
  ): Promise<Answer> {
    const requestId = randomUuid(this.world);
    const open: OpenRequest = {
      // the URL is the credential of its answer, so it must not come from the seed, which is public
      token: randomBytes(20).toString('hex'),
      signature: randomBytes(32).toString('hex'),
      requestId,
      stackId: context.stackId,
      logicalId: context.logicalId,
      expires: this.world.clock.now() + URL_LIFETIME_SECONDS * 1000,
    };
    this.requests.set(open.token, open);
    const event = { ...this.eventOf(type, properties, context, requestId, existing), ResponseURL: this.urlOf(open) };
    const answered = this.answerTo(open, timeoutSeconds(properties, type), context.interruption);
    answered.catch(() => undefined); // it may end while the function is still being invoked
    const invocation = {
      FunctionName: asText(properties.ServiceToken), InvocationType: 'Event', Payload: JSON.stringify(event),
      OnFailure: (error: FunctionError) => noteFailure(open, type, error),
    };
    try {
      await context.call('lambda', 'Invoke', invocation);
      if (this.options.duplicateDelivery) await context.call('lambda', 'Invoke', invocation);
    } catch (error) {
      open.settle?.(new NotAsked(`Could not invoke the custom resource's function: ${messageOf(error)}`));
    }
    return answered;
  }

  private answerTo(open: OpenRequest, timeout: number, interruption: AbortSignal): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const timer: Timer = this.world.clock.after(timeout, () => open.settle?.(new ResourceFailure(
        `CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId [${open.requestId}]. `
        + `It waited ${timeout} s.${open.failure ? ` ${open.failure}` : ''}`,
      )));
      const abandon = (): void => open.settle?.(new Interrupted('interrupted'));
      open.settle = (outcome) => {
        open.settle = undefined;
        timer.cancel();
        interruption.removeEventListener('abort', abandon);
        if (outcome instanceof Error) reject(outcome);
        else resolve(outcome);
      };
      interruption.addEventListener('abort', abandon);
      if (interruption.aborted) abandon();
    });
  }

  private urlOf(open: OpenRequest): string {
    const issued = new Date(this.world.clock.now()).toISOString().replaceAll(/[-:]|\.\d+/g, '');
    const query = new URLSearchParams({
      'X-Amz-Date': issued, 'X-Amz-Expires': String(URL_LIFETIME_SECONDS), 'X-Amz-Signature': open.signature,
    });
    return `https://cloudformation-custom-resource-response-${this.world.region.replaceAll('-', '')}.s3.${this.world.region}.amazonaws.com`
      + `${ANSWER_PATH}${open.token}?${query}`;
  }
}

/** A function that cannot run at all answers nothing, and has created nothing: its resource fails at once, and is deleted at once. */
function noteFailure(open: OpenRequest, type: RequestType, { errorType, errorMessage }: FunctionError): void {
  open.failure = `Its function failed: ${errorType}: ${errorMessage}`;
  if (!NEVER_RUN.has(errorType)) return;
  if (type !== 'Delete') return open.settle?.(type === 'Create' ? new NotAsked(open.failure) : new ResourceFailure(open.failure));
  open.settle?.({ Status: 'SUCCESS', RequestId: open.requestId });
}

const NEVER_RUN: ReadonlySet<string> = new Set(['Runtime.Unsupported', 'Runtime.ImportModuleError', 'Runtime.HandlerNotFound']);

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

/** A custom resource is given an hour, or its `ServiceTimeout` (E20). */
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
