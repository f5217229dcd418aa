import { kindOfError } from '../error-kind';
import { issuedAt, type CloudFormationRequest } from '../request';
import { SETTLING_SECONDS } from '../timing';

export const isDenied = (error: unknown): boolean => kindOfError(error) === 'denied';

/** Lambda answers so while the version that was published a moment ago is Pending; the SDK does not retry it (EN41). */
const isPending = (error: unknown): boolean => (error as Partial<Error> | undefined)?.name === 'ResourceConflictException';

/**
 * Whether what keeps a request from its execution may be gone at its next delivery.
 *
 * Lambda delivers an event whose handler has failed again after one minute, and once more after another two: the last delivery comes after
 * the time that permissions take to be effective, and is answered whatever it meets.
 */
export function mayPass(error: unknown, request: CloudFormationRequest, now: number): boolean {
  const isYoung = (repliedAt(error) ?? now) - (issuedAt(request) ?? Number.NEGATIVE_INFINITY) < SETTLING_SECONDS * 1000;
  return isYoung && (kindOfError(error) !== 'refused' || isPending(error));
}

/**
 * When AWS has sent an error, by the Date header of its reply, in epoch milliseconds; undefined if there was no reply.
 *
 * AWS also dates requests and events, and our clock may differ from its clock by more than the time between two deliveries.
 */
export function repliedAt(error: unknown): number | undefined {
  const { $response } = (error ?? {}) as { readonly $response?: { readonly headers?: Readonly<Record<string, string>> } };
  return Date.parse($response?.headers?.date ?? '') || undefined;
}
