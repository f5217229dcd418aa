import type { Statement } from './policy-document';

/** An action that a statement allows to a role. */
export interface Grant {
  readonly roleName: string;
  readonly policyName: string;
  readonly statementId?: string;
  /** As the policy writes it, wildcards included. */
  readonly action: string;
  readonly resources: readonly string[];
}

interface Entry {
  readonly grant: Grant;
  used: boolean;
}

/** Which grants there ever were, and which of them a call has used. Outlives its roles: it is read when a stack is gone. */
export class GrantLedger {
  private readonly entries = new Map<string, Entry>();

  public record(roleName: string, policyName: string, statement: Statement): void {
    if (statement.effect === 'Deny') return;
    for (const action of statement.actions ?? []) {
      const key = keyOf(roleName, policyName, statement, action);
      if (this.entries.has(key)) continue;
      const { sid, resources = ['*'] } = statement;
      this.entries.set(key, {
        grant: { roleName, policyName, ...(sid !== undefined && { statementId: sid }), action, resources },
        used: false,
      });
    }
  }

  public use(roleName: string, policyName: string, statement: Statement, action: string): void {
    const entry = this.entries.get(keyOf(roleName, policyName, statement, action));
    if (entry) entry.used = true;
  }

  public unused(): Grant[] {
    return [...this.entries.values()].filter(({ used }) => !used).map(({ grant }) => grant);
  }
}

const keyOf = (roleName: string, policyName: string, statement: Statement, action: string): string =>
  JSON.stringify([roleName, policyName, statement, action]);
