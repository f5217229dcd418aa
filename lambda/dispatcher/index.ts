import { putByFetch } from '../answer';
import type { RolloutAliasVariable } from '../contract';
import { log } from '../log';
import type { CloudFormationRequest } from '../request';
import { dispatch, type Surroundings } from './dispatch';
import { sdkExecutions } from './executions';
import { isStatusChange, watch, type StatusChange } from './watchdog';

const ALIAS: RolloutAliasVariable = 'ROLLOUT_ALIAS_ARN';
const executions = sdkExecutions(process.env[ALIAS] ?? '');

/** Kept free for the answer at the end of the function's time. */
const RESERVE_SECONDS = 15;
const MOST_PATIENCE_SECONDS = 30;

/** CloudFormation's front desk, and the watchdog of what it has started. */
export async function handler(event: CloudFormationRequest | StatusChange, context: { getRemainingTimeInMillis(): number }): Promise<void> {
  const seconds = Math.max(0, Math.min(MOST_PATIENCE_SECONDS, context.getRemainingTimeInMillis() / 1000 - RESERVE_SECONDS));
  const around: Surroundings = {
    executions,
    put: putByFetch,
    log,
    patience: {
      seconds,
      now: () => Date.now(),
      sleep: (pause) => new Promise((resolve) => void setTimeout(resolve, pause * 1000)),
    },
  };
  await (isStatusChange(event) ? watch(event, around) : dispatch(event, around));
}
