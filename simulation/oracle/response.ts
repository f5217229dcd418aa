/** A response to CloudFormation, with the outcome that it reports. */
export interface ReadAnswer {
  readonly status: 'SUCCESS' | 'FAILED';
  readonly reason: string;
  readonly outcome: string;
}

export function readAnswer(body: string): ReadAnswer {
  const { Status, Reason, Data } = JSON.parse(body) as { Status: 'SUCCESS' | 'FAILED'; Reason: string; Data?: { Outcome?: string } };
  return { status: Status, reason: Reason, outcome: Data?.Outcome ?? (Status === 'SUCCESS' ? /^[A-Z]+/.exec(Reason)?.[0] ?? '' : outcomeIn(Reason)) };
}

/** Reads the outcome of a failure from its reason. */
function outcomeIn(reason: string): string {
  if (reason.includes('TIMED_OUT')) return 'TIMED_OUT';
  if (reason.includes('SUPERSEDED')) return 'SUPERSEDED';
  return /: ROLLED_BACK|ECS rolled the daemon/.test(reason) ? 'ROLLED_BACK' : 'FAILED';
}
