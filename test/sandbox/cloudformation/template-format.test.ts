import { FakeWorld, customTemplate } from './fake-world';

let world: FakeWorld;

beforeEach(() => {
  world = new FakeWorld();
});

const TOPIC = { Type: 'AWS::SNS::Topic' };

const withProperties = (Properties: unknown): object => ({ Resources: { Thing: { ...TOPIC, Properties } } });

describe('an invalid template is rejected', () => {
  test.each<{ name: string; template: object; message: string }>([
    { name: 'whose Ref names what every object has', template: withProperties({ A: { Ref: 'constructor' } }), message: 'Unresolved resource dependencies [constructor]' },
    { name: 'whose Ref names a prototype', template: withProperties({ A: { Ref: '__proto__' } }), message: 'Unresolved resource dependencies [__proto__]' },
    { name: 'whose Fn::GetAtt names what every object has', template: withProperties({ A: { 'Fn::GetAtt': ['toString', 'Arn'] } }), message: 'Unresolved resource dependencies [toString]' },
    { name: 'whose Fn::Sub names what every object has', template: withProperties({ A: { 'Fn::Sub': ['${valueOf}', {}] } }), message: 'Unresolved resource dependencies [valueOf]' },
    { name: 'that depends on what every object has', template: { Resources: { Thing: { ...TOPIC, DependsOn: 'constructor' } } }, message: 'Unresolved resource dependencies [constructor]' },
    { name: 'whose resource has a condition that every object has', template: { Resources: { Thing: { ...TOPIC, Condition: 'constructor' } } }, message: 'Unresolved condition dependency constructor' },
    { name: 'whose Fn::If names a condition that every object has', template: { ...withProperties({ A: { 'Fn::If': ['constructor', 1, 2] } }), Conditions: {} }, message: 'unresolved condition constructor' },
    { name: 'whose Fn::FindInMap names what every object has', template: { ...withProperties({ A: { 'Fn::FindInMap': ['M', 'constructor', 'name'] } }), Mappings: { M: { a: { b: 'c' } } } }, message: 'Unable to get mapping for M::constructor::name' },
    { name: 'whose resource has the name of a prototype', template: { Resources: JSON.parse('{ "__proto__": { "Type": "AWS::SNS::Topic" } }') as object }, message: 'Resource name __proto__ is non alphanumeric' },
    { name: 'whose type is no type', template: { Resources: { Thing: { Type: 'constructor' } } }, message: 'Unrecognized resource types: [constructor]' },
    { name: 'whose conditions form a circle', template: { ...withProperties({}), Conditions: { A: { 'Fn::Not': [{ Condition: 'B' }] }, B: { 'Fn::Or': [{ Condition: 'A' }, { Condition: 'A' }] } } }, message: 'Found circular condition dependency between A and B' },
    { name: 'whose condition is its own condition', template: { ...withProperties({}), Conditions: { A: { Condition: 'A' } } }, message: 'Found circular condition dependency between A' },
    { name: 'whose condition refers to a resource', template: { ...withProperties({}), Conditions: { A: { 'Fn::Equals': [{ Ref: 'Thing' }, ''] } } }, message: 'Cannot reference resources in the Conditions block' },
    { name: 'whose condition is built of an unknown one', template: { ...withProperties({}), Conditions: { A: { Condition: 'B' } } }, message: 'Unresolved condition dependency B in the Conditions block' },
    { name: 'whose Properties are a list', template: withProperties([]), message: 'Any Properties member must be a JSON object' },
    { name: 'whose Metadata is a text', template: { Resources: { Thing: { ...TOPIC, Metadata: 'x' } } }, message: '[/Resources/Thing/Metadata] It must be a JSON object' },
    { name: 'whose resource is null', template: { Resources: { Thing: null } }, message: 'Every Resources member must be a JSON object' },
    { name: 'whose DependsOn is an object', template: { Resources: { Thing: { ...TOPIC, DependsOn: {} } } }, message: 'Every DependsOn value must be a string' },
    { name: 'whose DeletionPolicy is a number', template: { Resources: { Thing: { ...TOPIC, DeletionPolicy: 1 } } }, message: 'Every DeletionPolicy member must be a string' },
    { name: 'whose Outputs are a text', template: { ...withProperties({}), Outputs: 'x' }, message: '[/Outputs] It must be a JSON object' },
    { name: 'whose output is null', template: { ...withProperties({}), Outputs: { A: null } }, message: 'Every Outputs member must be a JSON object' },
    { name: 'whose output has no value', template: { ...withProperties({}), Outputs: { A: {} } }, message: 'must contain a Value' },
    { name: 'whose Export is a text', template: { ...withProperties({}), Outputs: { A: { Value: 'a', Export: 'x' } } }, message: 'Every Export must be a JSON object with a Name' },
    { name: 'whose parameter has no type', template: { ...withProperties({}), Parameters: { A: {} } }, message: 'Every Parameters object must contain a Type' },
    { name: 'whose AllowedValues are a text', template: { ...withProperties({}), Parameters: { A: { Type: 'String', AllowedValues: 'x' } } }, message: 'Every AllowedValues member must be a list' },
    { name: 'whose AllowedPattern is a number', template: { ...withProperties({}), Parameters: { A: { Type: 'String', AllowedPattern: 1 } } }, message: 'Every AllowedPattern member must be a string' },
    { name: 'whose mapping is a text', template: { ...withProperties({}), Mappings: { A: { b: 'c' } } }, message: '[/Mappings/A/b] It must be a JSON object' },
    { name: 'whose Fn::If is a number', template: withProperties({ A: { 'Fn::If': 1 } }), message: 'every Fn::If object requires a list of 3' },
    { name: 'whose Fn::GetStackOutput is a text', template: withProperties({ A: { 'Fn::GetStackOutput': 'x' } }), message: 'requires a StackName and an OutputName' },
  ])('$name', async ({ template, message }) => {
    const submitted = { StackName: 'Test', ChangeSetName: 'c', ChangeSetType: 'CREATE', TemplateBody: JSON.stringify(template) };
    await expect(world.call('CreateChangeSet', submitted)).rejects.toMatchObject({ code: 'ValidationError', message: expect.stringContaining(message) });
  });
});

test('a template that is nested too deeply is rejected', async () => {
  const TemplateBody = JSON.stringify(withProperties({ A: 'x' })).replace('"x"', '['.repeat(100_000) + ']'.repeat(100_000));
  await expect(world.call('CreateStack', { StackName: 'Test', TemplateBody })).rejects.toMatchObject({
    code: 'ValidationError', message: 'Template format error: the template is nested deeper than 500 levels.',
  });
});

test('parameters that every object has are rejected', async () => {
  const submission = { StackName: 'Test', TemplateBody: JSON.stringify(withProperties({})), Parameters: [{ ParameterKey: 'constructor', ParameterValue: 'x' }] };
  await expect(world.call('CreateStack', submission)).rejects.toThrow('Parameters: [constructor] do not exist in the template');
});

test('a pattern that only Java can read accepts every value', async () => {
  const Parameters = { A: { Type: 'String', Default: 'B', AllowedPattern: '(?i)b' } };
  expect(await world.create({ ...withProperties({}), Parameters })).toBe('CREATE_COMPLETE');
});

test('an invalid URL of a template is rejected', async () => {
  await expect(world.call('CreateStack', { StackName: 'Test', TemplateURL: 'x' })).rejects.toMatchObject({ code: 'ValidationError' });
});

test('resources, parameters and attributes may have the names that every object has', async () => {
  world.handler = ({ LogicalResourceId }) => ({ PhysicalResourceId: `id-of-${LogicalResourceId}`, Data: { valueOf: 'its own' } });
  const Value = ['constructor', 'toString'].map((Ref) => ({ Ref }));
  const template = customTemplate(
    { constructor: {}, Target: { Value: [...Value, { 'Fn::GetAtt': ['constructor', 'valueOf'] }] } }, { Parameters: { toString: { Type: 'String', Default: 'a' } } },
  );
  expect(await world.create(template)).toBe('CREATE_COMPLETE');
  expect(world.events[1]!.ResourceProperties.Value).toEqual(['id-of-constructor', 'a', 'its own']);
});

test('an attribute that only every object has fails its resource', async () => {
  const template = customTemplate({ Source: {}, Target: { Value: { 'Fn::GetAtt': ['Source', 'constructor'] } } });
  expect(await world.create(template)).toBe('ROLLBACK_COMPLETE');
  expect((await world.stackEvents()).map(({ ResourceStatusReason: reason }) => reason)).toContainEqual(expect.stringContaining("doesn't contain constructor"));
});

test('properties may have the name of a prototype', async () => {
  const properties = JSON.parse('{ "Map": { "__proto__": { "a": "b" } } }') as object;
  expect(await world.create(customTemplate({ Thing: { ...properties } }))).toBe('CREATE_COMPLETE');
  expect(JSON.stringify(world.events[0]!.ResourceProperties)).toContain('"__proto__":{"a":"b"}');
});
