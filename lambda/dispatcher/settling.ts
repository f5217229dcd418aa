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

/** Whether a refusal may be gone at the next delivery of the request. */
export function mayPass(error: unknown, request: CloudFormationRequest, now: number): boolean {
  const issued = issuedAt(request);
  return issued !== undefined && isDenied(error) && now - issued < SETTLING_SECONDS * 1000;
}
