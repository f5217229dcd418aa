import { DurableExecutionApiClient, DurableExecutionClientError, type DurableExecutionClient } from '@aws/durable-execution-sdk-js';
import { kindOfError } from '../../error-kind';

/**
 * The SDK's transport, repaired: SDK 2.4.0 fails the execution on a stale checkpoint token (EN5), by which the service means
 * "run me again". To be removed with the release that contains aws/aws-durable-execution-sdk-js#920.
 *
 * The SDK also fails the execution on every other status from 400 to 499, even where the reply has not arrived whole (A39).
 */
export function tolerant(api: DurableExecutionClient = new DurableExecutionApiClient()): DurableExecutionClient {
  return {
    getExecutionState: (request, logger) => api.getExecutionState(request, logger),
    checkpoint: (request, logger) => api.checkpoint(request, logger).catch((cause: Error) => {
      if (!/^invalid checkpoint token/i.test(cause.message) && !mayPass(cause)) throw cause;
      throw new DurableExecutionClientError(cause.message, { scope: 'INVOCATION', cause });
    }),
  };
}

/** The SDK's own judgement of a server error stands: a mistake in the customer's KMS key is one. */
function mayPass(error: Error & { readonly $metadata?: { readonly httpStatusCode?: number } }): boolean {
  return (error.$metadata?.httpStatusCode ?? 0) < 500 && ['throttled', 'transient'].includes(kindOfError(error));
}
