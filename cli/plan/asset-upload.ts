import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { zipSync } from 'fflate';
import type { Sandbox } from '../../sandbox';
import type { AssemblyStack, AssetFile } from './assembly';

/** Types whose code or template the sandbox reads; assets of other resources, such as a website, stay on disk. */
const READ = new Set(['AWS::Lambda::Function', 'AWS::CloudFormation::Stack']);

/** Uploads the assets that a stack needs in the sandbox, as the CDK CLI would. */
export async function uploadAssets({ call, accountId, region }: Sandbox, stack: AssemblyStack): Promise<void> {
  for (const file of neededFiles(stack)) {
    const Bucket = file.bucketName.replaceAll('${AWS::AccountId}', accountId).replaceAll('${AWS::Region}', region).replaceAll('${AWS::Partition}', 'aws');
    await call('s3', 'CreateBucket', { Bucket }).catch(() => undefined); // it exists
    await call('s3', 'PutObject', { Bucket, Key: file.objectKey, Body: file.packaging === 'zip' ? archiveOf(file.path) : readFileSync(file.path) });
  }
}

/** Templates of nested stacks refer to assets of their own, so that they are read too. */
function neededFiles({ template, files }: AssemblyStack): AssetFile[] {
  const needed = new Set<AssetFile>();
  const visit = (text: string): void => {
    for (const file of files) {
      if (needed.has(file) || !text.includes(file.objectKey)) continue;
      needed.add(file);
      if (file.path.endsWith('.template.json')) visit(readResources(JSON.parse(readFileSync(file.path, 'utf8'))));
    }
  };
  visit(readResources(template));
  return [...needed];
}

const readResources = ({ Resources = {} }: Partial<AssemblyStack['template']>): string =>
  JSON.stringify(Object.values(Resources).filter(({ Type }) => READ.has(Type)));

function archiveOf(path: string): Buffer {
  if (!statSync(path).isDirectory()) return readFileSync(path); // it is an archive already
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(path, name)).isFile());
  const entries = names.map((name) => [name.split(sep).join('/'), new Uint8Array(readFileSync(join(path, name)))] as const);
  return Buffer.from(zipSync(Object.fromEntries(entries), { level: 0 }));
}
