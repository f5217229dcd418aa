import { Lazy, type aws_ecs as ecs } from 'aws-cdk-lib';
import type { DaemonCapability } from './daemon-capability';

type LinuxParameters = ecs.CfnDaemonTaskDefinition.LinuxParametersProperty;

const everyPermission = ['mknod', 'read', 'write'];

/** Renders capabilities, devices and mounts of a container so that their order has no meaning. */
export function renderLinuxParameters(
  linuxParameters: ecs.LinuxParameters | undefined, additional: DaemonCapability[] = [],
): ecs.CfnDaemonTaskDefinition.DaemonContainerDefinitionProperty['linuxParameters'] {
  if (linuxParameters === undefined && additional.length === 0) {
    return undefined;
  }
  // aws-ecs renders its lists lazily, since more can be added
  return Lazy.uncachedAny({
    produce: (context) => canonical(context.resolve(linuxParameters?.renderLinuxParameters() ?? {}), additional),
  });
}

function canonical(
  { capabilities, devices = [], initProcessEnabled, tmpfs = [] }: Resolved, additional: DaemonCapability[],
): LinuxParameters | undefined {
  return unlessEmpty({
    capabilities: unlessEmpty({
      add: unlessEmpty(setOf([...capabilities?.add ?? [], ...additional.map(({ name }) => name)])),
      drop: unlessEmpty(setOf(capabilities?.drop ?? [])),
    }),
    devices: unlessEmpty(sortedByText(devices.map(renderDevice), JSON.stringify)),
    initProcessEnabled: initProcessEnabled === false ? undefined : initProcessEnabled,
    // by their paths, so that a parent stays in front of what is mounted below it; the last of opposite mount options holds
    tmpfs: unlessEmpty(sortedByText(tmpfs, ({ containerPath, ...rest }) => `${text(containerPath)}\0${JSON.stringify(rest)}`)
      .map(({ mountOptions, ...rest }) => ({ ...rest, mountOptions: unlessEmpty(mountOptions ?? []) }))),
  });
}

/** What is left of the parameters of aws-ecs when all tokens are resolved. */
interface Resolved {
  readonly capabilities?: { readonly add?: string[]; readonly drop?: string[] };
  readonly devices?: ecs.CfnDaemonTaskDefinition.DeviceProperty[];
  readonly initProcessEnabled?: boolean;
  readonly tmpfs?: { readonly containerPath: string; readonly size: number; readonly mountOptions?: string[] }[];
}

/** A device has all permissions and the path that it has on the instance by default. */
function renderDevice({ containerPath, hostPath, permissions = everyPermission }: ecs.CfnDaemonTaskDefinition.DeviceProperty): object {
  const sorted = setOf(permissions);
  return {
    containerPath: containerPath === hostPath ? undefined : containerPath,
    hostPath,
    permissions: sorted.join() === everyPermission.join() ? undefined : sorted,
  };
}

const text = (value: unknown): string => typeof value === 'string' ? value : JSON.stringify(value);

const setOf = (values: string[]): string[] => [...new Set(values)].sort();

function sortedByText<T>(values: T[], keyOf: (value: T) => string): T[] {
  return values.map((value): [string, T] => [keyOf(value), value])
    .sort(([one], [other]) => one < other ? -1 : Number(one > other))
    .map(([, value]) => value);
}

function unlessEmpty<T extends object>(value: T): T | undefined {
  return Object.values(value).some((inner) => inner !== undefined) ? value : undefined;
}
