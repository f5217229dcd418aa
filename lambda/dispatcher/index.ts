import { setTimeout } from 'node:timers/promises';
import { putByFetch } from '../answer';
import type { RolloutAliasVariable } from '../contract';
import { log } from '../log';
import type { CloudFormationRequest } from '../request';
import { sdkStackApi } from '../rollout/aws/sdk-stack-api';
import { dispatch, type Surroundings } from './dispatch';
import { sdkExecutions } from './executions';
import { isStatusChange, watch, type StatusChange } from './watchdog';

const ALIAS: RolloutAliasVariable = 'ROLLOUT_ALIAS_ARN';
const executions = sdkExecutions(process.env[ALIAS] ?? '');
const stacks = sdkStackApi();

/** CloudFormation's front desk, and the watchdog of what it has started. */
export async function handler(event: CloudFormationRequest | StatusChange): Promise<void> {
  const sleep = (seconds: number): Promise<void> => setTimeout(seconds * 1000);
  const around: Surroundings = { executions, stacks, put: putByFetch, log, now: () => Date.now(), sleep };
  await (isStatusChange(event) ? watch(event, around) : dispatch(event, around));
}
