import { AwsError } from '../core/aws-error';
import type { Call, Permission } from '../core/aws-service';
import type { World } from '../core/world';
import type { GrantLedger } from './grant-ledger';
import { appliesTo, matchingAction, requestContext, type AuthorizationRequest } from './policy-evaluation';
import type { Statement } from './policy-document';
import type { Role } from './role';

type FunctionCaller = Extract<Call['caller'], { kind: 'function' }>;

/** A role, and the statements that bound it. */
export interface CallerRole {
  readonly role: Role;
  readonly boundary?: readonly Statement[];
}

export interface AuthorizerOptions {
  readonly propagationSeconds: number;
  readonly ledger: GrantLedger;
}

/** Authorizes the calls of functions by the policies of their roles, as IAM does for identities of the same account. */
export class Authorizer {
  constructor(private readonly world: World, private readonly options: AuthorizerOptions) {}

  /** Throws the error of AWS if a permission on a resource is missing. */
  public authorize(call: Call, caller: FunctionCaller, role: CallerRole | undefined, permissions: readonly Permission[]): void {
    for (const { action, resources, context = {} } of permissions) {
      for (const resource of resources.length > 0 ? resources : ['*']) {
        const request = { action, resource, context: requestContext(this.globalKeys(caller), context) };
        this.authorizeRequest(call, caller, role, request);
      }
    }
  }

  private authorizeRequest(call: Call, caller: FunctionCaller, role: CallerRole | undefined, request: AuthorizationRequest): void {
    const applying = (role?.role.statements ?? []).filter(({ statement }) => appliesTo(statement, request));
    if (applying.some(({ statement }) => statement.effect === 'Deny')) {
      throw this.refusal(call, caller, request, 'with an explicit deny in an identity-based policy');
    }
    const allowing = applying.filter(({ since }) => this.world.clock.now() >= since + this.options.propagationSeconds * 1000);
    if (allowing.length === 0) {
      throw this.refusal(call, caller, request, `because no identity-based policy allows the ${request.action} action`);
    }
    const bounding = role?.boundary?.filter((statement) => appliesTo(statement, request));
    if (bounding?.some(({ effect }) => effect === 'Deny')) {
      throw this.refusal(call, caller, request, 'with an explicit deny in a permissions boundary');
    }
    if (bounding?.length === 0) {
      throw this.refusal(call, caller, request, `because no permissions boundary allows the ${request.action} action`);
    }
    for (const { policyName, statement } of allowing) this.noteUse(role!.role, policyName, statement, request.action);
  }

  private noteUse(role: Role, policyName: string, statement: Statement, action: string): void {
    const pattern = statement.actions && matchingAction(statement.actions, action);
    if (pattern) this.options.ledger.use(role.definition.name, policyName, statement, pattern);
  }

  private globalKeys({ roleArn, functionArn }: FunctionCaller): Record<string, string> {
    const { accountId, region, clock } = this.world;
    return {
      'aws:PrincipalArn': roleArn,
      'aws:PrincipalAccount': accountId,
      'aws:PrincipalType': 'AssumedRole',
      'aws:PrincipalIsAWSService': 'false',
      'aws:RequestedRegion': region,
      'aws:ResourceAccount': accountId,
      'aws:CurrentTime': new Date(clock.now()).toISOString(),
      'aws:SecureTransport': 'true',
      'lambda:SourceFunctionArn': functionArn,
    };
  }

  private refusal({ service }: Call, caller: FunctionCaller, { action, resource }: AuthorizationRequest, reason: string): AwsError {
    const { roleArn, functionArn } = caller;
    const { partition, accountId } = this.world;
    const session = `arn:${partition}:sts::${accountId}:assumed-role/${roleArn.split('/').pop()}/${functionArn.split(':')[6]}`;
    const usesQueryProtocol = ['sts', 'cloudformation', 'iam', 's3', 'monitoring'].includes(service);
    return new AwsError(
      usesQueryProtocol ? 'AccessDenied' : 'AccessDeniedException',
      `User: ${session} is not authorized to perform: ${action} on resource: ${resource} ${reason}`,
      usesQueryProtocol || service === 'lambda' ? 403 : 400,
    );
  }
}
