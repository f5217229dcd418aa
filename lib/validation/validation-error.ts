import type { IConstruct } from 'constructs';

/** Thrown at synth when a construct was given something that cannot work; every line names the construct by its path. */
export class ValidationError extends Error {
  constructor(scope: IConstruct, ...problems: string[]) {
    super(problems.map((problem) => `[${scope.node.path}] ${problem}`).join('\n'));
    this.name = 'ValidationError';
  }
}

/** Throws one error with all the problems that the checks found, if they found any. */
export function refuse(scope: IConstruct, checks: (string | undefined)[]): void {
  const problems = checks.filter((problem) => problem !== undefined);
  if (problems.length > 0) {
    throw new ValidationError(scope, ...problems);
  }
}
