import type { Input } from '../service';
import type { World } from '../world';
import { resolveParameters, type SubmittedParameter } from './parameters';
import type { Stack, StackRevision, Tag } from './stack';
import { parseTemplate, validationError, type Template } from './template';

/** Reads what an operation submits: template, parameters and tags. */
export async function submittedRevision(world: World, input: Input, stack?: Stack): Promise<StackRevision> {
  const templateText = await templateTextOf(world, input, stack?.revision);
  const template = parseTemplate(templateText);
  if (stack) refuseChangedTypes(template, stack);
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

/** W7: the CLI builds path-style URLs from its endpoint; others write the bucket in the host name. */
function bucketAndKey(url: string): { Bucket: string; Key: string } {
  const { hostname, pathname } = new URL(url);
  const virtual = /^(.+)\.s3[.-].*amazonaws\.com/.exec(hostname);
  const [first, ...rest] = decodeURIComponent(pathname).slice(1).split('/');
  return virtual ? { Bucket: virtual[1]!, Key: [first, ...rest].join('/') } : { Bucket: first!, Key: rest.join('/') };
}

/** E14. */
function refuseChangedTypes(template: Template, stack: Stack): void {
  const changed = [...stack.resources.values()].filter(({ logicalId, type }) => {
    const definition = template.Resources[logicalId];
    return definition !== undefined && definition.Type !== type;
  });
  if (changed.length === 0) return;
  const ids = changed.map(({ logicalId }) => logicalId).join(', ');
  throw validationError(`Update of resource type is not permitted. The new template modifies resource type of the following resources: [${ids}]`);
}
