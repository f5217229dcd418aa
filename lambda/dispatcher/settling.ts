import { issuedAt, type CloudFormationRequest } from '../request';

/**
 * Rights given in the same deployment take a minute or two to spread (design § 5).
 *
 * Lambda delivers an event whose handler failed again after one minute, and once more after another two: the last delivery
 * is older than this, and is answered whatever it meets.
 */
const SETTLING_SECONDS = 120;
const DENIALS = /AccessDenied|UnrecognizedClient|not authorized/i;

export const isDenied = (error: unknown): boolean => {
  const { name = '', message = '' } = (error ?? {}) as Partial<Error>;
  return DENIALS.test(name) || DENIALS.test(message);
};

/** What says nothing about the request: AWS is busy, or could not be reached. */
function isTransient(error: unknown): boolean {
  const status = (error as { readonly $metadata?: { readonly httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
  return status === undefined || status === 429 || status >= 500;
}

/** Whether what keeps a request from its execution may be gone at its next delivery. */
export function mayPass(error: unknown, request: CloudFormationRequest, now: number): boolean {
  const isYoung = now - (issuedAt(request) ?? Number.NEGATIVE_INFINITY) < SETTLING_SECONDS * 1000;
  return isYoung && (isDenied(error) || isTransient(error));
}
