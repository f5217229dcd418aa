import { isThrottlingError, isTransientError } from '@smithy/core/retry';

/**
 * What an error of the AWS SDK says about the call:
 * - `throttled`: the call did not take effect and may be sent again;
 * - `denied`: a permission is missing, perhaps because it has not spread yet;
 * - `refused`: AWS has answered with another client error;
 * - `transient`: anything else. Nobody knows whether the call took effect.
 */
export type ErrorKind = 'throttled' | 'denied' | 'refused' | 'transient';

type SdkError = Parameters<typeof isTransientError>[0];

const DENIALS = new Set(['AccessDeniedException', 'AccessDenied', 'UnauthorizedException', 'UnrecognizedClientException']);
/** Names that the SDK or JavaScript gives to an error for which the service has sent no code, or none that arrived whole. */
const WITHOUT_CODE = new Set(['Error', 'SyntaxError', 'TypeError', 'RangeError', 'Unknown', 'UnknownError', 'UnknownException']);

/** Classifies an error: throttling and network errors as the SDK itself does. */
export function kindOfError(thrown: unknown): ErrorKind {
  const error = (thrown ?? {}) as Partial<SdkError>;
  if (isThrottlingError(error as SdkError)) return 'throttled';
  if (isTransientError(error as SdkError)) return 'transient';
  if (DENIALS.has(error.name ?? '') || /not authorized to perform/i.test(error.message ?? '')) return 'denied';
  if (!isAnswer(error)) return 'transient';
  return error.$metadata!.httpStatusCode === 403 ? 'denied' : 'refused';
}

/**
 * Whether AWS has answered with an error of its own: a client error with a code.
 *
 * A reply that breaks off inside its body, or is not what the protocol says, also has an HTTP status, be it 200 (A39).
 */
function isAnswer({ name = 'Error', $fault, $metadata }: Partial<SdkError>): boolean {
  const status = $metadata?.httpStatusCode ?? 0;
  return status >= 400 && status < 500 && $fault !== 'server' && !WITHOUT_CODE.has(name);
}
