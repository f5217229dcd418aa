import { requestContext, resourcePolicyAllows } from './policy-evaluation';
import type { Statement } from './policy-document';

export interface RoleDefinition {
  readonly name: string;
  readonly path: string;
  readonly arn: string;
  readonly id: string;
  readonly createdAt: Date;
}

/** A statement as a role holds it. */
export interface HeldStatement {
  readonly policyName: string;
  readonly statement: Statement;
  /** Virtual time since which it has been there, epoch milliseconds. */
  readonly since: number;
}

/** A role: its trust policy, and the policies that grant its permissions. */
export class Role {
  public readonly inlinePolicies = new Map<string, { readonly document: string; readonly statements: Statement[] }>();
  /** Attached policies, ARN by name. */
  public readonly attachedPolicies = new Map<string, string>();
  /** The ARN of the policy that bounds what the other policies can grant. */
  public boundary?: string;
  public tags: { Key: string; Value: string }[] = [];
  public description?: string;
  public maximumSessionSeconds = 3600;
  private held = new Map<string, HeldStatement>();

  constructor(public readonly definition: RoleDefinition, public trustDocument: string, public trust: Statement[]) {}

  public get statements(): HeldStatement[] {
    return [...this.held.values()];
  }

  /** Whether its trust policy lets a service of the account take it on. */
  public trusts(service: string): boolean {
    const { arn } = this.definition;
    const context = requestContext({ 'aws:SourceAccount': arn.split(':')[4] });
    return resourcePolicyAllows(this.trust, { kind: 'Service', name: service }, { action: 'sts:AssumeRole', resource: arn, context });
  }

  /** Replaces the statements by those of the role's current policies; an unchanged statement keeps its age. */
  public refresh(current: { policyName: string; statement: Statement }[], now: number): void {
    const next = new Map<string, HeldStatement>();
    for (const { policyName, statement } of current) {
      const key = JSON.stringify([policyName, statement]);
      next.set(key, this.held.get(key) ?? { policyName, statement, since: now });
    }
    this.held = next;
  }
}
