import { AwsError } from '../../core/aws-error';
import type { Input } from '../../core/aws-service';
import type { World } from '../../core/world';
import { resolveParameters, type SubmittedParameter } from './parameters';
import type { Stack, StackRevision, Tag } from './stack';
import { validationError, type Template } from '../template/template';
import { parseTemplate } from '../template/template-parser';

const IDENTITY_TYPES = new Set([
  'AWS::IAM::Role', 'AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::InstanceProfile', 'AWS::IAM::User', 'AWS::IAM::Group',
]);
const IDENTITY_NAMES = ['RoleName', 'ManagedPolicyName', 'InstanceProfileName', 'UserName', 'GroupName'];

/** Reads what an operation submits: template, parameters and tags. */
export async function submittedRevision(world: World, input: Input, stack?: Stack): Promise<StackRevision> {
  const templateText = await templateTextOf(world, input, stack?.revision);
  const template = parseTemplate(templateText);
  if (stack) refuseChangedTypes(template, stack);
  refuseWithoutCapabilities(template, input);
  refuseRollbackTriggers(input);
  const parameters = Array.isArray(input.Parameters) ? input.Parameters as SubmittedParameter[] : [];
  return {
    templateText,
    template,
    parameters: await resolveParameters(world, template, parameters, stack?.revision?.parameters),
    // an empty list takes all tags away; no list keeps them
    tags: Array.isArray(input.Tags) ? (input.Tags as Tag[]).map(({ Key, Value }) => ({ Key, Value })) : stack?.revision?.tags ?? [],
  };
}

export async function templateTextOf(world: World, input: Input, previous?: StackRevision): Promise<string> {
  if (String(input.UsePreviousTemplate) === 'true' && previous) return previous.templateText;
  if (input.TemplateBody) return String(input.TemplateBody);
  if (!input.TemplateURL) throw validationError('Either Template URL or Template Body must be specified.');
  const { Bucket, Key } = bucketAndKey(String(input.TemplateURL));
  try {
    const { Body: body } = await world.call<{ Body: Buffer }>('s3', 'GetObject', { Bucket, Key });
    return body.toString();
  } catch (error) {
    throw validationError(`S3 error: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The CLI builds path-style URLs from its endpoint (W7); others write the bucket in the host name. */
function bucketAndKey(url: string): { Bucket: string; Key: string } {
  if (!URL.canParse(url)) throw validationError('TemplateURL must reference a valid S3 object to which you have access.');
  const { hostname, pathname } = new URL(url);
  const virtual = /^(.+)\.s3[.-].*amazonaws\.com/.exec(hostname);
  const [first, ...rest] = decodeURIComponent(pathname).slice(1).split('/');
  return virtual ? { Bucket: virtual[1]!, Key: [first, ...rest].join('/') } : { Bucket: first!, Key: rest.join('/') };
}

/** The CLI always sends both capabilities; other clients get the same error as on AWS. */
function refuseWithoutCapabilities(template: Template, input: Input): void {
  const given: unknown[] = Array.isArray(input.Capabilities) ? input.Capabilities : [];
  const identities = Object.values(template.Resources).filter(({ Type }) => IDENTITY_TYPES.has(Type));
  const named = identities.some(({ Properties: properties = {} }) => IDENTITY_NAMES.some((name) => name in properties));
  if (identities.length === 0 || given.includes('CAPABILITY_NAMED_IAM') || (!named && given.includes('CAPABILITY_IAM'))) return;
  throw new AwsError('InsufficientCapabilitiesException', `Requires capabilities : [${named ? 'CAPABILITY_NAMED_IAM' : 'CAPABILITY_IAM'}]`);
}

/** Rollback triggers (E15) are not served: they are rejected, since nothing would monitor them. */
function refuseRollbackTriggers({ RollbackConfiguration: configuration }: Input): void {
  if (!configuration?.RollbackTriggers?.length && !(Number(configuration?.MonitoringTimeInMinutes ?? 0) > 0)) return;
  throw validationError('The sandbox does not support rollback triggers.');
}

/** Rejects a changed type under the same logical id (E14). */
function refuseChangedTypes(template: Template, stack: Stack): void {
  const changed = [...stack.resources.values()].filter(({ logicalId, type }) => {
    const definition = template.Resources[logicalId];
    return definition !== undefined && definition.Type !== type;
  });
  if (changed.length === 0) return;
  const ids = changed.map(({ logicalId }) => logicalId).join(', ');
  throw validationError(`Update of resource type is not permitted. The new template modifies resource type of the following resources: [${ids}]`);
}
