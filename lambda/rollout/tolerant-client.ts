import { DurableExecutionApiClient, DurableExecutionClientError, type DurableExecutionClient } from '@aws/durable-execution-sdk-js';

/**
 * The SDK's transport, with EN5 repaired: SDK 2.4.0 fails the execution on a stale checkpoint token, by which the service means
 * "run me again". To be removed with the release that contains aws/aws-durable-execution-sdk-js#920.
 */
export function tolerant(api: DurableExecutionClient = new DurableExecutionApiClient()): DurableExecutionClient {
  return {
    getExecutionState: (request, logger) => api.getExecutionState(request, logger),
    checkpoint: (request, logger) => api.checkpoint(request, logger).catch((cause: Error) => {
      if (!/^invalid checkpoint token/i.test(cause.message)) throw cause;
      throw new DurableExecutionClientError(cause.message, { scope: 'INVOCATION', cause });
    }),
  };
}
