/** The rules, by the names under which violations are reported. */
export const RULES = {
  'two drains': 'two of our deployments drain one capacity provider at once',
  'incomplete update': 'an UpdateDaemon omits or resets a setting of the request',
  'second update': 'a second effective UpdateDaemon for one request',
  'write of a superseded execution': 'a write by an execution that was stopped before',
  'foreign daemon': 'a write on a daemon that the request does not own',
  'adoption': 'the rollback of an adoption does not restore the daemon',
  'gate': 'a gate completes although the rollout is not over, or has failed, and no gate follows',
  'order': 'an update before the daemons that it depends on are as desired',
  'left running': 'an execution outlives its stack',
  'write of a read-only resource': 'a write by a resource that only reads',
  'false success': 'SUCCESS although the daemon is not as the request defines it',
  'tags': 'SUCCESS although the daemon has other tags than those of its template and of its stack',
  'unnecessary drain': 'an UpdateDaemon although nothing has to change',
  'update during an alarm': 'an UpdateDaemon while a deployment alarm was already in ALARM',
  'two answers': 'one request is answered twice with different content',
  'no answer': 'a request had no answer at its deadline',
  'too many reads': 'an execution reads ECS and CloudWatch more than 240 times in an hour',
  'credential': 'a credential in a log, a reason or a call',
  'rollback failed': 'a stack ends in UPDATE_ROLLBACK_FAILED through us',
  'no convergence': 'after the faults the stack does not converge to its template',
  'leftover': 'a daemon of ours outlives its stack or its place in it',
  'broken engine': 'an execution fails, or sends a command that the durable engine rejects',
} as const;

export type Rule = keyof typeof RULES;

export interface Violation {
  readonly rule: Rule;
  readonly seconds: number;
  readonly sentence: string;
}

/** Reads may be as old as this (A28). */
export const READ_LAG_SECONDS = 130;
