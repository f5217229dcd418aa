import { clip, oneLine } from './reason';
import type { CloudFormationRequest } from './request';

/** What CloudFormation is told, without the ids it has to be told again. */
export interface Answer {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason: string;
  readonly PhysicalResourceId: string;
  readonly Data?: Readonly<Record<string, string>>;
}

/** The name of the step of an execution that answers; a history tells by it what has been answered for. */
export const ANSWER_STEP = 'answer';

/** The name of a step without effect of an execution whose stack rolls back; its history tells it to whoever answers in its place. */
export const ROLLBACK_STEP = 'rolling-back';

/** Puts a text to where a URL points and tells the HTTP status. */
export type Put = (url: string, body: string) => Promise<number>;

/** The longest body that CloudFormation reads (E22). */
const BODY_BYTES = 4096;

/** The longest physical id that CloudFormation takes. */
const ID_CHARACTERS = 1024;

const SHORT_REASON_BYTES = 200;

/** The pre-signed URL is signed for an empty content type (E23). */
export const putByFetch: Put = async (url, body) => {
  const response = await fetch(url, { method: 'PUT', body, headers: { 'content-type': '' }, redirect: 'error', signal: AbortSignal.timeout(10_000) });
  return response.status;
};

/** Answers a request. Throws if it may be tried again; 403 means that the URL has expired, which is final (FM6). */
export async function deliver(put: Put, request: CloudFormationRequest, answer: Answer): Promise<number> {
  const status = await put(request.ResponseURL, answerBody(request, answer)).catch((error: unknown) => {
    throw new Error((error as Error).message.replaceAll(request.ResponseURL, 'its URL')); // which is a credential
  });
  if ((status < 200 || status >= 300) && status !== 403) throw new Error(`CloudFormation's bucket refused the answer with HTTP ${status}`);
  return status;
}

export const answerBody = (request: CloudFormationRequest, answer: Answer): string => bodyOf(request, deliverable(request, answer));

/**
 * The answer as CloudFormation can read it: with a shorter reason where it would be too long, else a failure, which ends the request at
 * once. Names from tokens have any length at synth.
 */
export function deliverable(request: CloudFormationRequest, answer: Answer): Answer {
  const { Reason, PhysicalResourceId: id } = answer;
  const isLongId = id.length > ID_CHARACTERS;
  const fitting = [oneLine(Reason), oneLine(Reason, SHORT_REASON_BYTES)].map((line) => ({ ...answer, Reason: line }))
    .find((shortened) => fits(request, shortened));
  if (fitting && !isLongId) return fitting;
  const what = isLongId ? `the physical id has ${id.length} characters, and CloudFormation allows ${ID_CHARACTERS}`
    : `the answer has ${Buffer.byteLength(bodyOf(request, answer))} bytes, and CloudFormation reads fewer than ${BODY_BYTES}`;
  let failure: Answer = {
    Status: 'FAILED',
    Reason: `${what}; use shorter names; the request has ended with: ${oneLine(Reason, SHORT_REASON_BYTES)}`,
    PhysicalResourceId: id.slice(0, ID_CHARACTERS).replace(/\p{Surrogate}$/u, ''),
  };
  for (let bytes = ID_CHARACTERS; !fits(request, failure) && bytes > 1; bytes /= 2) {
    failure = { ...failure, Reason: clip(failure.Reason, bytes), PhysicalResourceId: clip(failure.PhysicalResourceId, bytes) };
  }
  return failure;
}

const fits = (request: CloudFormationRequest, answer: Answer): boolean => Buffer.byteLength(bodyOf(request, answer)) < BODY_BYTES;

function bodyOf({ StackId, RequestId, LogicalResourceId }: CloudFormationRequest, answer: Answer): string {
  return JSON.stringify({ ...answer, StackId, RequestId, LogicalResourceId });
}
