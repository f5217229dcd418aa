import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { JsonObject, ResourceDefinition } from '../../../sandbox/cloudformation/template/template';
import type { AssemblyStack, AssetFile } from '../assembly';
import { InputError } from '../input-error';

const FUNCTION = 'AWS::Lambda::Function';
const BUCKET = 'plan';

/** Answers every request of a custom resource: the code of its function is in a bucket that a plan does not read. */
const ANSWERING = `const response = require('cfn-response');
exports.handler = (event, context) => response.send(event, context, response.SUCCESS, {}, event.PhysicalResourceId ?? event.LogicalResourceId);`;

/** The part of a deployed stack that the sandbox can deploy: code that is not in the new assembly is replaced. */
export function playable(deployed: AssemblyStack, planned: AssemblyStack): AssemblyStack {
  const keys = new Set(planned.files.map(({ objectKey }) => objectKey));
  const bundles: AssetFile[] = [];
  const resources = Object.entries(deployed.template.Resources).map(([logicalId, resource]): [string, ResourceDefinition] => {
    const key = (resource.Properties?.Code as JsonObject | undefined)?.S3Key;
    if (resource.Type !== FUNCTION || key === undefined || keys.has(String(key))) return [logicalId, resource];
    const current = planned.template.Resources[logicalId];
    const bundle = ourBundle(resource);
    if (bundle) bundles.push(bundle);
    return [logicalId, { ...resource, Properties: { ...resource.Properties, ...codeOf(current, bundle) } }];
  });
  if (resources.some(([, { Type }]) => Type === 'AWS::CloudFormation::Stack')) {
    throw new InputError(
      `The stack ${planned.id} must have no nested stacks, to be planned against the account. State the app that is deployed with --from FOLDER.`);
  }
  const template = { ...deployed.template, Resources: Object.fromEntries(resources) };
  return { ...deployed, template, files: [...planned.files, ...bundles] };
}

function codeOf(current: ResourceDefinition | undefined, bundle: AssetFile | undefined): JsonObject {
  if (current?.Type === FUNCTION && current.Properties?.Code !== undefined) return { Code: current.Properties.Code };
  if (bundle) return { Code: { S3Bucket: BUCKET, S3Key: bundle.objectKey } };
  return { Code: { ZipFile: ANSWERING }, Handler: 'index.handler', Runtime: 'nodejs22.x' };
}

/** The bundle of this package for a function of a daemon's provider. */
function ourBundle({ Properties: properties }: ResourceDefinition): AssetFile | undefined {
  const variables = JSON.stringify((properties?.Environment as JsonObject | undefined)?.Variables ?? {});
  const name = variables.includes('"ROLLOUT_ALIAS_ARN"') ? 'dispatcher' : properties?.DurableConfig === undefined ? undefined : 'rollout';
  return name === undefined ? undefined
    : { path: join(packageFolder(), 'lambda', 'dist', name), packaging: 'zip', objectKey: `${name}.zip`, bucketName: BUCKET };
}

/** The code of this file is in a bundle or in a folder of sources. */
function packageFolder(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, 'lambda', 'dist'))) folder = dirname(folder);
  return folder;
}
