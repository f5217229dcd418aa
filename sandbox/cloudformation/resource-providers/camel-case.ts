import { isObject, type Json, type JsonObject } from '../template/template';

/** Properties whose value is a map of the user's own names. */
const FREE_MAPS = new Set(['DockerLabels', 'Options', 'DriverOpts', 'Labels']);

/** Names that the ECS API does not write like CloudFormation with a small first letter. */
const IRREGULAR = new Map(Object.entries({
  EFSVolumeConfiguration: 'efsVolumeConfiguration',
  FilesystemId: 'fileSystemId',
  IAM: 'iam',
  FSxWindowsFileServerVolumeConfiguration: 'fsxWindowsFileServerVolumeConfiguration',
  S3FilesVolumeConfiguration: 's3filesVolumeConfiguration',
}));

/** CloudFormation's properties in the spelling of the ECS API. */
export function camelCased(properties: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [
    IRREGULAR.get(name) ?? name.charAt(0).toLowerCase() + name.slice(1),
    FREE_MAPS.has(name) ? value : cased(value),
  ]));
}

function cased(value: Json): Json {
  if (Array.isArray(value)) return value.map(cased);
  return isObject(value) ? camelCased(value) : value;
}
