import { sameValue } from '../template/property-values';
import { asText, type ProviderContext, type ResourceProvider } from './resource-provider';
import { isObject, type Json, type JsonObject } from '../template/template';
import { ignoring } from './ignore-errors';
import { tagChanges, tagPairs } from './tags';

const NO_SUCH_ENTITY = 'NoSuchEntity';

const documentText = (document: Json | undefined): string => (typeof document === 'string' ? document : JSON.stringify(document));

const names = (list: Json | undefined): string[] => (Array.isArray(list) ? list.map(asText) : []);

const missingIn = (before: readonly string[], after: readonly string[]): string[] => before.filter((name) => !after.includes(name));

/** The inline policies of a role, by name. */
const inlinePolicies = (policies: Json | undefined): Map<string, string> => new Map(
  (Array.isArray(policies) ? policies : []).filter(isObject)
    .map(({ PolicyName: name, PolicyDocument: document }) => [asText(name), documentText(document)]),
);

async function putRolePolicies(roleName: string, properties: JsonObject, before: JsonObject, context: ProviderContext): Promise<void> {
  const desired = inlinePolicies(properties.Policies);
  const old = inlinePolicies(before.Policies);
  for (const [name, document] of desired) {
    if (old.get(name) !== document) await context.call('iam', 'PutRolePolicy', { RoleName: roleName, PolicyName: name, PolicyDocument: document });
  }
  for (const name of missingIn([...old.keys()], [...desired.keys()])) await context.call('iam', 'DeleteRolePolicy', { RoleName: roleName, PolicyName: name });
  const desiredArns = names(properties.ManagedPolicyArns);
  const oldArns = names(before.ManagedPolicyArns);
  for (const arn of missingIn(desiredArns, oldArns)) await context.call('iam', 'AttachRolePolicy', { RoleName: roleName, PolicyArn: arn });
  for (const arn of missingIn(oldArns, desiredArns)) await context.call('iam', 'DetachRolePolicy', { RoleName: roleName, PolicyArn: arn });
}

const role: ResourceProvider = {
  create: async (properties, context) => {
    const roleName = asText(properties.RoleName ?? context.generatedName(64));
    const { Role: made } = await context.call('iam', 'CreateRole', {
      RoleName: roleName,
      AssumeRolePolicyDocument: documentText(properties.AssumeRolePolicyDocument),
      Path: properties.Path,
      Description: properties.Description,
      MaxSessionDuration: properties.MaxSessionDuration,
      PermissionsBoundary: properties.PermissionsBoundary,
      Tags: tagPairs(properties.Tags),
    });
    context.initiated(roleName);
    await putRolePolicies(roleName, properties, {}, context);
    return { physicalId: roleName, attributes: { Arn: made.Arn, RoleId: made.RoleId } };
  },
  update: async (properties, { physicalId: RoleName, properties: before, attributes }, context) => {
    if (!sameValue(properties.AssumeRolePolicyDocument, before.AssumeRolePolicyDocument)) {
      await context.call('iam', 'UpdateAssumeRolePolicy', { RoleName, PolicyDocument: documentText(properties.AssumeRolePolicyDocument) });
    }
    await putRolePolicies(RoleName, properties, before, context);
    const { set, removed } = tagChanges(before.Tags, properties.Tags);
    if (set.length > 0) await context.call('iam', 'TagRole', { RoleName, Tags: set.map(({ key, value }) => ({ Key: key, Value: value })) });
    if (removed.length > 0) await context.call('iam', 'UntagRole', { RoleName, TagKeys: removed });
    return { physicalId: RoleName, attributes };
  },
  delete: async ({ physicalId: RoleName, properties }, context) => {
    for (const PolicyName of inlinePolicies(properties.Policies).keys()) {
      await ignoring(context.call('iam', 'DeleteRolePolicy', { RoleName, PolicyName }), NO_SUCH_ENTITY);
    }
    for (const PolicyArn of names(properties.ManagedPolicyArns)) {
      await ignoring(context.call('iam', 'DetachRolePolicy', { RoleName, PolicyArn }), NO_SUCH_ENTITY);
    }
    await ignoring(context.call('iam', 'DeleteRole', { RoleName }), NO_SUCH_ENTITY);
  },
};

const policy: ResourceProvider = {
  create: async (properties, context) => {
    const PolicyDocument = documentText(properties.PolicyDocument);
    for (const RoleName of names(properties.Roles)) {
      await context.call('iam', 'PutRolePolicy', { RoleName, PolicyName: properties.PolicyName, PolicyDocument });
    }
    const physicalId = context.generatedName(128);
    return { physicalId, attributes: { Id: physicalId } };
  },
  update: async (properties, { physicalId, properties: before, attributes }, context) => {
    const PolicyDocument = documentText(properties.PolicyDocument);
    for (const RoleName of names(properties.Roles)) {
      await context.call('iam', 'PutRolePolicy', { RoleName, PolicyName: properties.PolicyName, PolicyDocument });
    }
    const renamed = asText(properties.PolicyName) !== asText(before.PolicyName);
    for (const RoleName of renamed ? names(before.Roles) : missingIn(names(before.Roles), names(properties.Roles))) {
      await ignoring(context.call('iam', 'DeleteRolePolicy', { RoleName, PolicyName: before.PolicyName }), NO_SUCH_ENTITY);
    }
    return { physicalId, attributes };
  },
  delete: async ({ properties }, context) => {
    for (const RoleName of names(properties.Roles)) {
      await ignoring(context.call('iam', 'DeleteRolePolicy', { RoleName, PolicyName: properties.PolicyName }), NO_SUCH_ENTITY);
    }
  },
};

/** A policy has at most five versions, and goes only when the default one is the last. */
async function deleteOldVersions(PolicyArn: string, context: ProviderContext): Promise<void> {
  const { Versions: versions } = await context.call('iam', 'ListPolicyVersions', { PolicyArn });
  for (const { VersionId, IsDefaultVersion } of versions) {
    if (!IsDefaultVersion) await context.call('iam', 'DeletePolicyVersion', { PolicyArn, VersionId });
  }
}

const managedPolicy: ResourceProvider = {
  create: async (properties, context) => {
    const { Policy: made } = await context.call('iam', 'CreatePolicy', {
      PolicyName: properties.ManagedPolicyName ?? context.generatedName(128),
      PolicyDocument: documentText(properties.PolicyDocument),
      Path: properties.Path,
      Description: properties.Description,
    });
    context.initiated(made.Arn);
    for (const RoleName of names(properties.Roles)) await context.call('iam', 'AttachRolePolicy', { RoleName, PolicyArn: made.Arn });
    return { physicalId: made.Arn, attributes: { PolicyArn: made.Arn, PolicyId: made.PolicyId } };
  },
  update: async (properties, { physicalId: PolicyArn, properties: before, attributes }, context) => {
    if (!sameValue(properties.PolicyDocument, before.PolicyDocument)) {
      await deleteOldVersions(PolicyArn, context);
      await context.call('iam', 'CreatePolicyVersion', { PolicyArn, PolicyDocument: documentText(properties.PolicyDocument), SetAsDefault: true });
    }
    for (const RoleName of missingIn(names(properties.Roles), names(before.Roles))) await context.call('iam', 'AttachRolePolicy', { RoleName, PolicyArn });
    for (const RoleName of missingIn(names(before.Roles), names(properties.Roles))) {
      await ignoring(context.call('iam', 'DetachRolePolicy', { RoleName, PolicyArn }), NO_SUCH_ENTITY);
    }
    return { physicalId: PolicyArn, attributes };
  },
  delete: async ({ physicalId: PolicyArn, properties }, context) => {
    for (const RoleName of names(properties.Roles)) await ignoring(context.call('iam', 'DetachRolePolicy', { RoleName, PolicyArn }), NO_SUCH_ENTITY);
    await ignoring(deleteOldVersions(PolicyArn, context).then(() => context.call('iam', 'DeletePolicy', { PolicyArn })), NO_SUCH_ENTITY);
  },
};

export const iamProviders: Readonly<Record<string, ResourceProvider>> = {
  'AWS::IAM::Role': role,
  'AWS::IAM::Policy': policy,
  'AWS::IAM::ManagedPolicy': managedPolicy,
};
