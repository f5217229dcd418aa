import { type DurableLogger, withDurableExecution } from '@aws/durable-execution-sdk-js';
import { putByFetch } from '../answer';
import { sdkExecutionReader } from '../executions';
import { log } from '../log';
import type { Report } from '../report';
import type { CloudFormationRequest } from '../request';
import { countingReads, sdkDaemonApi } from './aws/sdk-daemon-api';
import { sdkStackApi } from './aws/sdk-stack-api';
import { tolerant } from './aws/tolerant-client';
import { carryOut } from './carry-out';
import type { Surroundings } from './engine';

const { clients, readsMade } = countingReads();

const around: Surroundings = {
  daemons: sdkDaemonApi(clients),
  readsMade,
  stacks: sdkStackApi(),
  executions: sdkExecutionReader(process.env.AWS_LAMBDA_FUNCTION_NAME ?? ''),
  put: putByFetch,
  now: () => Date.now(),
  log,
  logGroup: process.env.AWS_LAMBDA_LOG_GROUP_NAME ?? '',
};

/** The engine's own lines are JSON; people read ours. */
const silent: DurableLogger = { info: () => undefined, error: () => undefined, warn: () => undefined, debug: () => undefined };

export const handler = withDurableExecution<CloudFormationRequest, Report>((request, context) => {
  context.configureLogger({ customLogger: silent });
  return carryOut(request, context, around);
}, { durableExecutionClient: tolerant() });
