import { AwsError } from '../core/aws-error';
import type { Call, Input, Operation, Permission, Service } from '../core/aws-service';
import { randomHex, type World } from '../core/world';
import { awsManagedStatements, isAwsManaged } from './aws-managed-policies';
import { CustomerPolicy } from './customer-policy';
import { GrantLedger, type Grant } from './grant-ledger';
import { Authorizer } from './authorizer';
import { parseIdentityPolicy, parsePolicyDocument, type Statement } from './policy-document';
import { Role } from './role';

export type { Grant } from './grant-ledger';

export interface IamOptions {
  /** For how long, in virtual time, a new permission is still denied: IAM is eventually consistent. @default 0 */
  readonly propagationSeconds?: number;
}

/** IAM's quotas, in characters without white space and in policies. */
const INLINE_POLICY_CHARACTERS_PER_ROLE = 10_240;
const MANAGED_POLICY_CHARACTERS = 6144;
const MANAGED_POLICIES_PER_ROLE = 10;
const VERSIONS_PER_POLICY = 5;

/** IAM: roles, policies, and the authorization of calls of functions. */
export class Iam implements Service {
  private readonly roles = new Map<string, Role>();
  /** By ARN. */
  private readonly policies = new Map<string, CustomerPolicy>();
  private readonly ledger = new GrantLedger();
  private readonly authorizer: Authorizer;

  public readonly operations: Readonly<Record<string, Operation>> = {
    CreateRole: (input) => this.createRole(input),
    GetRole: ({ RoleName }) => ({ Role: this.describeRole(this.role(RoleName)) }),
    ListRoles: () => ({ Roles: [...this.roles.values()].map((role) => this.describeRole(role)), IsTruncated: false }),
    UpdateRole: ({ RoleName, Description, MaxSessionDuration }) => {
      const role = this.role(RoleName);
      role.description = Description ?? role.description;
      role.maximumSessionSeconds = Number(MaxSessionDuration ?? role.maximumSessionSeconds);
      return {};
    },
    UpdateAssumeRolePolicy: ({ RoleName, PolicyDocument }) => {
      const role = this.role(RoleName);
      role.trust = parsePolicyDocument(PolicyDocument);
      role.trustDocument = asText(PolicyDocument);
    },
    PutRolePermissionsBoundary: ({ RoleName, PermissionsBoundary }) => this.bound(this.role(RoleName), PermissionsBoundary),
    DeleteRolePermissionsBoundary: ({ RoleName }) => void (this.role(RoleName).boundary = undefined),
    DeleteRole: (input) => this.deleteRole(input),
    TagRole: ({ RoleName, Tags = [] }) => {
      const role = this.role(RoleName);
      const keys = new Set(Tags.map(({ Key }: Input) => Key));
      role.tags = [...role.tags.filter(({ Key }) => !keys.has(Key)), ...Tags];
    },
    UntagRole: ({ RoleName, TagKeys = [] }) => {
      const role = this.role(RoleName);
      role.tags = role.tags.filter(({ Key }) => !TagKeys.includes(Key));
    },
    ListRoleTags: ({ RoleName }) => ({ Tags: this.role(RoleName).tags, IsTruncated: false }),
    PutRolePolicy: (input) => this.putRolePolicy(input),
    GetRolePolicy: ({ RoleName, PolicyName }) => ({
      RoleName, PolicyName, PolicyDocument: encodeURIComponent(this.inlinePolicy(RoleName, PolicyName).document),
    }),
    DeleteRolePolicy: ({ RoleName, PolicyName }) => {
      this.inlinePolicy(RoleName, PolicyName);
      this.role(RoleName).inlinePolicies.delete(PolicyName);
      this.refresh(this.role(RoleName));
    },
    ListRolePolicies: ({ RoleName }) => ({ PolicyNames: [...this.role(RoleName).inlinePolicies.keys()], IsTruncated: false }),
    AttachRolePolicy: (input) => this.attachRolePolicy(input),
    DetachRolePolicy: ({ RoleName, PolicyArn }) => {
      const role = this.role(RoleName);
      if (!role.attachedPolicies.delete(PolicyArn)) throw noSuchEntity(`Policy ${PolicyArn} was not found.`);
      this.refresh(role);
    },
    ListAttachedRolePolicies: ({ RoleName }) => ({
      AttachedPolicies: [...this.role(RoleName).attachedPolicies].map(([PolicyArn, PolicyName]) => ({ PolicyArn, PolicyName })),
      IsTruncated: false,
    }),
    CreatePolicy: (input) => this.createPolicy(input),
    GetPolicy: ({ PolicyArn }) => ({ Policy: this.describePolicy(this.policy(PolicyArn)) }),
    DeletePolicy: (input) => this.deletePolicy(input),
    CreatePolicyVersion: (input) => this.createPolicyVersion(input),
    GetPolicyVersion: ({ PolicyArn, VersionId }) => {
      const policy = this.policy(PolicyArn);
      const version = policy.versions.find(({ id }) => id === VersionId);
      if (!version) throw noSuchEntity(`Policy ${PolicyArn} version ${VersionId} does not exist or is not attachable.`);
      return { PolicyVersion: policy.describe(version) };
    },
    ListPolicyVersions: ({ PolicyArn }) => {
      const policy = this.policy(PolicyArn);
      return { Versions: policy.versions.map((version) => policy.describe(version)), IsTruncated: false };
    },
    DeletePolicyVersion: ({ PolicyArn, VersionId }) => {
      const policy = this.policy(PolicyArn);
      if (policy.defaultVersion.id === VersionId) throw new AwsError('DeleteConflict', 'Cannot delete the default version of a policy.', 409);
      if (!policy.removeVersion(VersionId)) throw noSuchEntity(`Policy ${PolicyArn} version ${VersionId} does not exist or is not attachable.`);
    },
  };

  constructor(private readonly world: World, options: IamOptions = {}) {
    this.authorizer = new Authorizer(world, { propagationSeconds: options.propagationSeconds ?? 0, ledger: this.ledger });
  }

  public requiredPermissions(operation: string, { RoleName, PolicyArn }: Input): Permission[] {
    const { partition, accountId } = this.world;
    const roleArn = RoleName && (this.roles.get(RoleName)?.definition.arn ?? `arn:${partition}:iam::${accountId}:role/${RoleName}`);
    return [{ action: `iam:${operation}`, resources: [roleArn ?? PolicyArn ?? '*'] }];
  }

  /** Throws if the role of the calling function lacks one of the permissions. Operators and CloudFormation have all of them. */
  public authorize(call: Call, permissions: Permission[]): void {
    if (call.caller.kind !== 'function') return;
    const role = this.roles.get(roleNameOf(call.caller.roleArn));
    const known = role?.definition.arn === call.caller.roleArn ? role : undefined;
    this.authorizer.authorize(call, call.caller, known && { role: known, boundary: this.boundaryOf(known) }, permissions);
  }

  /** Whether a role trusts a service; undefined for a role from elsewhere. */
  public trusts = (roleArn: string, service: string): boolean | undefined => this.roles.get(roleNameOf(roleArn))?.trusts(service);

  /** Actions that the policies of roles have allowed and that no call of a function has needed so far. */
  public unusedGrants(): Grant[] {
    return this.ledger.unused();
  }

  private createRole(input: Input): object {
    const { RoleName, Path = '/', AssumeRolePolicyDocument, Description, MaxSessionDuration, PermissionsBoundary, Tags = [] } = input;
    if (this.roles.has(RoleName)) throw new AwsError('EntityAlreadyExists', `Role with name ${RoleName} already exists.`, 409);
    const { partition, accountId, clock } = this.world;
    const role = new Role({
      name: RoleName,
      path: Path,
      arn: `arn:${partition}:iam::${accountId}:role${Path}${RoleName}`,
      id: `AROA${randomHex(this.world, 17).toUpperCase()}`,
      createdAt: new Date(clock.now()),
    }, asText(AssumeRolePolicyDocument), parsePolicyDocument(AssumeRolePolicyDocument));
    role.description = Description;
    role.maximumSessionSeconds = Number(MaxSessionDuration ?? role.maximumSessionSeconds);
    role.tags = Tags;
    if (PermissionsBoundary !== undefined) this.bound(role, PermissionsBoundary);
    this.roles.set(RoleName, role);
    return { Role: this.describeRole(role) };
  }

  private deleteRole({ RoleName }: Input): void {
    const role = this.role(RoleName);
    const conflict = (message: string): AwsError => new AwsError('DeleteConflict', message, 409);
    if (role.inlinePolicies.size > 0) throw conflict('Cannot delete entity, must delete policies first.');
    if (role.attachedPolicies.size > 0) throw conflict('Cannot delete entity, must detach all policies first.');
    this.roles.delete(RoleName);
  }

  private putRolePolicy({ RoleName, PolicyName, PolicyDocument }: Input): void {
    const role = this.role(RoleName);
    const policy = { document: asText(PolicyDocument), statements: parseIdentityPolicy(PolicyDocument) };
    const others = [...role.inlinePolicies].filter(([name]) => name !== PolicyName).map(([, { document }]) => document);
    if (characters([...others, policy.document].join('')) > INLINE_POLICY_CHARACTERS_PER_ROLE) {
      throw new AwsError('LimitExceeded', `Maximum policy size of ${INLINE_POLICY_CHARACTERS_PER_ROLE} bytes exceeded for role ${RoleName}`, 409);
    }
    role.inlinePolicies.set(PolicyName, policy);
    this.refresh(role);
  }

  private attachRolePolicy({ RoleName, PolicyArn }: Input): void {
    const role = this.role(RoleName);
    if (!isAwsManaged(PolicyArn)) this.policy(PolicyArn);
    if (!role.attachedPolicies.has(PolicyArn) && role.attachedPolicies.size >= MANAGED_POLICIES_PER_ROLE) {
      throw new AwsError('LimitExceeded', `Cannot exceed quota for PoliciesPerRole: ${MANAGED_POLICIES_PER_ROLE}`, 409);
    }
    role.attachedPolicies.set(PolicyArn, PolicyArn.split('/').pop()!);
    this.refresh(role);
  }

  private createPolicy({ PolicyName, Path = '/', PolicyDocument, Description }: Input): object {
    const { partition, accountId } = this.world;
    const arn = `arn:${partition}:iam::${accountId}:policy${Path}${PolicyName}`;
    if (this.policies.has(arn)) {
      throw new AwsError('EntityAlreadyExists', `A policy called ${PolicyName} already exists. Duplicate names are not allowed.`, 409);
    }
    const policy = new CustomerPolicy(PolicyName, Path, arn, `ANPA${randomHex(this.world, 17).toUpperCase()}`, Description);
    this.addVersion(policy, PolicyDocument, true);
    this.policies.set(arn, policy);
    return { Policy: this.describePolicy(policy) };
  }

  private createPolicyVersion({ PolicyArn, PolicyDocument, SetAsDefault }: Input): object {
    const policy = this.policy(PolicyArn);
    if (policy.versions.length >= VERSIONS_PER_POLICY) {
      throw new AwsError('LimitExceeded', `A managed policy can have up to ${VERSIONS_PER_POLICY} versions.`, 409);
    }
    const version = this.addVersion(policy, PolicyDocument, String(SetAsDefault) === 'true');
    for (const role of this.rolesWith(policy)) this.refresh(role);
    return { PolicyVersion: policy.describe(version) };
  }

  private deletePolicy({ PolicyArn }: Input): void {
    const policy = this.policy(PolicyArn);
    if (this.rolesWith(policy).length > 0) {
      throw new AwsError('DeleteConflict', 'Cannot delete a policy attached to entities.', 409);
    }
    this.policies.delete(PolicyArn);
  }

  private addVersion(policy: CustomerPolicy, document: string, makeDefault: boolean): CustomerPolicy['defaultVersion'] {
    if (characters(asText(document)) > MANAGED_POLICY_CHARACTERS) {
      throw new AwsError('LimitExceeded', `Cannot exceed quota for PolicySize: ${MANAGED_POLICY_CHARACTERS}`, 409);
    }
    return policy.addVersion(asText(document), parseIdentityPolicy(document), new Date(this.world.clock.now()), makeDefault);
  }

  /** Brings what a role holds in line with its policies. */
  private refresh(role: Role): void {
    const held: { policyName: string; statement: Statement }[] = [];
    for (const [policyName, { statements }] of role.inlinePolicies) {
      held.push(...statements.map((statement) => ({ policyName, statement })));
    }
    for (const [policyArn, policyName] of role.attachedPolicies) {
      held.push(...this.statementsOf(policyArn).map((statement) => ({ policyName, statement })));
    }
    role.refresh(held, this.world.clock.now());
    for (const { policyName, statement } of held) this.ledger.record(role.definition.name, policyName, statement);
  }

  private bound(role: Role, policyArn: string): void {
    if (!isAwsManaged(policyArn)) this.policy(policyArn);
    role.boundary = policyArn;
  }

  private boundaryOf({ boundary }: Role): Statement[] | undefined {
    return boundary === undefined ? undefined : this.statementsOf(boundary);
  }

  private statementsOf(policyArn: string): Statement[] {
    return isAwsManaged(policyArn) ? awsManagedStatements(policyArn) : this.policy(policyArn).defaultVersion.statements;
  }

  private rolesWith({ arn }: CustomerPolicy): Role[] {
    return [...this.roles.values()].filter(({ attachedPolicies }) => attachedPolicies.has(arn));
  }

  private role(name: string): Role {
    const role = this.roles.get(name);
    if (!role) throw noSuchEntity(`The role with name ${name} cannot be found.`);
    return role;
  }

  private policy(arn: string): CustomerPolicy {
    const policy = this.policies.get(arn);
    if (!policy) throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
    return policy;
  }

  private inlinePolicy(roleName: string, policyName: string): { document: string } {
    const policy = this.role(roleName).inlinePolicies.get(policyName);
    if (!policy) throw noSuchEntity(`The role policy with name ${policyName} cannot be found.`);
    return policy;
  }

  private describeRole({ definition, trustDocument, description, maximumSessionSeconds, tags, boundary }: Role): object {
    const { name, path, arn, id, createdAt } = definition;
    return {
      Path: path,
      RoleName: name,
      RoleId: id,
      Arn: arn,
      CreateDate: createdAt,
      AssumeRolePolicyDocument: encodeURIComponent(trustDocument),
      Description: description,
      MaxSessionDuration: maximumSessionSeconds,
      ...(boundary && { PermissionsBoundary: { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: boundary } }),
      Tags: tags,
    };
  }

  private describePolicy(policy: CustomerPolicy): object {
    return {
      PolicyName: policy.name,
      PolicyId: policy.id,
      Arn: policy.arn,
      Path: policy.path,
      Description: policy.description,
      DefaultVersionId: policy.defaultVersion.id,
      AttachmentCount: this.rolesWith(policy).length,
      IsAttachable: true,
      CreateDate: policy.versions[0]?.createdAt,
    };
  }
}

/** The name of a role, whatever its path. */
export const roleNameOf = (roleArn: string): string => roleArn.split('/').pop()!;

const asText = (document: unknown): string => typeof document === 'string' ? document : JSON.stringify(document);

const characters = (document: string): number => document.replace(/\s/g, '').length;

const noSuchEntity = (message: string): AwsError => new AwsError('NoSuchEntity', message, 404);
