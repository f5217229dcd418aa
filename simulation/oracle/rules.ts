/** The rules, by the names under which violations are reported. */
export const RULES = {
  'two drains': 'two of our deployments drain one capacity provider at once',
  'incomplete update': 'an UpdateDaemon omits or resets a setting we know',
  'second update': 'a second effective UpdateDaemon for one request',
  'write of a superseded execution': 'a write by an execution that was stopped before',
  'foreign daemon': 'a write on a daemon that the request does not own',
  'adoption': 'an adoption that is rolled back does not give the daemon back as it was',
  'gate': 'a gate lets the stack go on although the rollout is not over, or has failed, and no gate follows',
  'order': 'an update before what it waits for runs what was asked',
  'left running': 'an execution outlives its stack',
  'reader that writes': 'a write by a resource that only reads',
  'false success': 'SUCCESS although the daemon is not what the request asks for',
  'tags': 'SUCCESS although the daemon has other tags than those of its template and of its stack',
  'drain for nothing': 'an UpdateDaemon although nothing has to change',
  'update into an alarm': 'an UpdateDaemon while a guard alarm was red already',
  'two answers': 'one request is answered twice with different content',
  'no answer': 'a request had no answer at its deadline',
  'too many reads': 'an execution reads ECS and CloudWatch more than 240 times in an hour',
  'credential': 'a credential in a log, a reason or a call',
  'rollback failed': 'a stack ends in UPDATE_ROLLBACK_FAILED through us',
  'no convergence': 'after the faults the stack does not come to rest on what its template says',
  'leftover': 'a daemon of ours outlives its stack or its place in it',
  'broken engine': 'an execution fails, or does what the durable engine refuses',
} as const;

export type Rule = keyof typeof RULES;

export interface Violation {
  readonly rule: Rule;
  readonly seconds: number;
  readonly sentence: string;
}

/** Reads may be as old as this (A28). */
export const READ_LAG_SECONDS = 130;
