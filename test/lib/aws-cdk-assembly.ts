import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';

interface JsiiType {
  readonly fqn?: string;
  readonly primitive?: string;
  readonly collection?: { readonly kind: 'array' | 'map'; readonly elementtype: JsiiType };
  readonly union?: { readonly types: JsiiType[] };
}

interface JsiiStruct {
  readonly interfaces?: string[];
  readonly properties?: { readonly name: string; readonly type: JsiiType }[];
}

const prefix = 'aws-cdk-lib.aws_ecs.';
const folder = dirname(require.resolve('aws-cdk-lib/package.json'));
const { types } = JSON.parse(gunzipSync(readFileSync(join(folder, '.jsii.gz'))).toString()) as { types: Record<string, JsiiStruct> };

/** The properties of a struct of the installed aws-ecs, those that it inherits too, by its name in aws-ecs. */
export function propertiesOf(struct: string): string[] {
  return properties(prefix + struct).map(({ name }) => name);
}

/** Tells whether the installed aws-ecs has a struct of this name. */
export function hasStruct(struct: string): boolean {
  return types[prefix + struct] !== undefined;
}

/**
 * The leaves of an L1 struct in the words of CloudFormation, for example `Volumes[].Host.SourcePath`.
 *
 * A list of single values and a map are leaves themselves.
 */
export function leavesOf(struct: string): string[] {
  return properties(prefix + struct).flatMap(({ name, type }) => leavesOfType(name.charAt(0).toUpperCase() + name.slice(1), type));
}

function leavesOfType(path: string, type: JsiiType): string[] {
  const [only] = (type.union?.types ?? [type]).filter(({ fqn }) => fqn !== 'aws-cdk-lib.IResolvable');
  if (only.collection?.kind === 'array') {
    const element = leavesOfType(`${path}[]`, only.collection.elementtype);
    return element.length === 1 && element[0] === `${path}[]` ? [path] : element;
  }
  if (only.fqn === undefined || types[only.fqn]?.properties === undefined) {
    return [path];
  }
  return only.fqn === 'aws-cdk-lib.CfnTag' ? [path] : leavesOf(only.fqn.slice(prefix.length)).map((leaf) => `${path}.${leaf}`);
}

function properties(fqn: string): { readonly name: string; readonly type: JsiiType }[] {
  const struct = types[fqn];
  return [...struct.properties ?? [], ...(struct.interfaces ?? []).flatMap(properties)];
}
