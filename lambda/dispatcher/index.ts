import { putByFetch } from '../answer';
import type { RolloutAliasVariable } from '../contract';
import { log } from '../log';
import type { CloudFormationRequest } from '../request';
import { dispatch, type Surroundings } from './dispatch';
import { sdkExecutions } from './executions';
import { isStatusChange, watch, type StatusChange } from './watchdog';

const ALIAS: RolloutAliasVariable = 'ROLLOUT_ALIAS_ARN';
const executions = sdkExecutions(process.env[ALIAS] ?? '');

/** CloudFormation's front desk, and the watchdog of what it has started. */
export async function handler(event: CloudFormationRequest | StatusChange): Promise<void> {
  const around: Surroundings = { executions, put: putByFetch, log, now: () => Date.now() };
  await (isStatusChange(event) ? watch(event, around) : dispatch(event, around));
}
