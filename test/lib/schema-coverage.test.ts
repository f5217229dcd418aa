import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { leavesOf } from './aws-cdk-assembly';
import { addEverything } from './everything';

type Json = Record<string, unknown>;

const stack = new Stack(new App(), 'Stack');
addEverything(stack);
const [rendered] = Object.values(Template.fromStack(stack).findResources('AWS::ECS::DaemonTaskDefinition')) as { Properties: Json }[];
const leaves = leavesOf('CfnDaemonTaskDefinitionProps');

/** Tells whether a template has a value at a leaf: `Volumes[].Host.SourcePath` is there if one volume has it. */
function isSet(json: unknown, leaf: string): boolean {
  const [head, ...rest] = leaf.split('.');
  const value = (json as Json | undefined)?.[head.replace('[]', '')];
  if (rest.length === 0) {
    return value !== undefined;
  }
  return (head.endsWith('[]') ? value as unknown[] ?? [] : [value]).some((element) => isSet(element, rest.join('.')));
}

describe('every leaf of the CloudFormation schema of AWS::ECS::DaemonTaskDefinition', () => {
  test.each(leaves)('%s can be set by a typed property', (leaf) => {
    expect(isSet(rendered.Properties, leaf)).toBe(true);
  });

  test('is visited, from the top to the deepest', () => {
    expect(leaves).toEqual(expect.arrayContaining([
      'Family', 'Tags', 'Volumes[].Host.SourcePath', 'ContainerDefinitions[].Image', 'ContainerDefinitions[].Command',
      'ContainerDefinitions[].FirelensConfiguration.Options', 'ContainerDefinitions[].LinuxParameters.Tmpfs[].Size',
      'ContainerDefinitions[].LogConfiguration.SecretOptions[].ValueFrom', 'ContainerDefinitions[].RestartPolicy.IgnoredExitCodes',
    ]));
    expect(leaves.length).toBeGreaterThanOrEqual(66);
  });

  test.each([
    'NetworkMode', 'ContainerDefinitions[].PortMappings[].HostPort', 'ContainerDefinitions[].LinuxParameters.MaxSwap', 'Volumes[].Host.Owner',
  ])('is reported if it cannot be set, as %s', (leaf) => {
    expect(isSet(rendered.Properties, leaf)).toBe(false);
  });
});
