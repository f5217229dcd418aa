import { FakeWorld, customTemplate } from './fake-world';

let world: FakeWorld;

beforeEach(() => {
  world = new FakeWorld();
  world.handler = ({ LogicalResourceId, PhysicalResourceId }) => ({
    PhysicalResourceId: PhysicalResourceId ?? `id-of-${LogicalResourceId}`, Data: { Name: 'thing', 'Nested.Name': 'nested' },
  });
});

async function resolved(value: unknown, more: Record<string, unknown> = {}, input: Record<string, unknown> = {}): Promise<unknown> {
  const status = await world.create(customTemplate({ Source: {}, Target: { Value: value, DependsOn: ['Source'] } }, more), input);
  expect(status).toBe('CREATE_COMPLETE');
  return world.events[1]!.ResourceProperties.Value;
}

test.each<[string, unknown, unknown]>([
  ['Ref', { Ref: 'Source' }, 'id-of-Source'],
  ['Fn::GetAtt as a list', { 'Fn::GetAtt': ['Source', 'Name'] }, 'thing'],
  ['Fn::GetAtt with dots', { 'Fn::GetAtt': 'Source.Nested.Name' }, 'nested'],
  ['Fn::Join', { 'Fn::Join': ['-', ['a', { Ref: 'Source' }]] }, 'a-id-of-Source'],
  ['Fn::Sub', { 'Fn::Sub': '${AWS::Region} ${Source} ${Source.Name} ${!Literal}' }, 'us-east-1 id-of-Source thing ${Literal}'],
  ['Fn::Sub with a map', { 'Fn::Sub': ['${Own} ${Source}', { Own: { Ref: 'AWS::AccountId' } }] }, '123456789012 id-of-Source'],
  ['Fn::Select and Fn::Split', { 'Fn::Select': [1, { 'Fn::Split': ['-', { Ref: 'Source' }] }] }, 'of'],
  ['Fn::Base64', { 'Fn::Base64': 'text' }, 'dGV4dA=='],
  ['Fn::GetAZs', { 'Fn::GetAZs': '' }, ['us-east-1a', 'us-east-1b', 'us-east-1c']],
  ['AWS::Partition and AWS::URLSuffix', { 'Fn::Join': ['', [{ Ref: 'AWS::Partition' }, { Ref: 'AWS::URLSuffix' }]] }, 'awsamazonaws.com'],
  ['AWS::NoValue in a list', ['a', { Ref: 'AWS::NoValue' }], ['a']],
  ['AWS::NoValue in an object', { Kept: 'a', Dropped: { Ref: 'AWS::NoValue' } }, { Kept: 'a' }],
])('the function resolves: %s', async (_name, value, expected) => {
  expect(await resolved(value)).toEqual(expected);
});

test('Fn::If, Fn::FindInMap and conditions resolve', async () => {
  const more = {
    Mappings: { Sizes: { 'us-east-1': { Count: 3 } } },
    Parameters: { Stage: { Type: 'String', Default: 'test' } },
    Conditions: {
      IsTest: { 'Fn::Equals': [{ Ref: 'Stage' }, 'test'] },
      IsOther: { 'Fn::And': [{ 'Fn::Not': [{ Condition: 'IsTest' }] }, { 'Fn::Or': [{ Condition: 'IsTest' }, { 'Fn::Equals': ['a', 'a'] }] }] },
    },
  };
  const value = { 'Fn::If': ['IsOther', 'other', { 'Fn::FindInMap': ['Sizes', { Ref: 'AWS::Region' }, 'Count'] }] };
  expect(await resolved(value, more)).toBe('3');
});

test('a resource with a false condition is absent, and is deleted when the condition becomes false', async () => {
  const conditional = {
    Parameters: { Wanted: { Type: 'String', Default: 'yes' } },
    Conditions: { Wanted: { 'Fn::Equals': [{ Ref: 'Wanted' }, 'yes'] } },
    Resources: { A: { Type: 'AWS::SNS::Topic', Condition: 'Wanted' }, B: { Type: 'AWS::SNS::Topic' } },
    Outputs: { OfA: { Value: { Ref: 'A' }, Condition: 'Wanted' }, OfB: { Value: { 'Fn::GetAtt': ['B', 'TopicArn'] } } },
  };
  await world.create(conditional);
  expect((await world.stack()).Outputs).toHaveLength(2);
  expect(await world.update(conditional, { Parameters: [{ ParameterKey: 'Wanted', ParameterValue: 'no' }] })).toBe('UPDATE_COMPLETE');
  expect((await world.stack()).Outputs).toMatchObject([{ OutputKey: 'OfB', OutputValue: expect.stringMatching(/^arn:aws:sns:/) }]);
  expect(await world.eventLines()).toContain('A DELETE_COMPLETE');
});

describe('a rejected template (W17)', () => {
  test.each<[string, unknown, RegExp]>([
    ['an unknown function', customTemplate({ A: { Value: { 'Fn::Cidr': ['10.0.0.0/16', 1, 8] } } }), /does not support the intrinsic function Fn::Cidr$/],
    ['an unknown reference', customTemplate({ A: { Value: { Ref: 'Missing' } } }), /Unresolved resource dependencies \[Missing\]/],
    ['a circle', customTemplate({ A: { Value: { Ref: 'B' } }, B: { Value: { 'Fn::Sub': '${A}' } } }), /Circular dependency between resources: \[A, B\]/],
    ['no resources', { Resources: {} }, /At least one Resources member must be defined/],
    ['a parameter without value', { ...customTemplate({ A: {} }), Parameters: { P: { Type: 'String' } } }, /Parameters: \[P\] must have values/],
    ['a custom resource without a token', { Resources: { A: { Type: 'Custom::Thing' } } }, /Missing required property ServiceToken in resource A/],
    ['a role without the capability', { Resources: { A: { Type: 'AWS::IAM::Role' } } }, /Requires capabilities : \[CAPABILITY_IAM\]/],
    [
      'too many resources', customTemplate(Object.fromEntries(Array.from({ length: 501 }, (_, index) => [`R${index}`, {}]))),
      /Number of resources, 501, is greater than maximum allowed, 500/,
    ],
    ['a transform', { ...customTemplate({ A: {} }), Transform: 'AWS::LanguageExtensions' }, /does not process transforms/],
  ])('fails with its cause: %s', async (_name, template, message) => {
    const creation = world.call('CreateChangeSet', { StackName: 'Test', ChangeSetName: 'set', ChangeSetType: 'CREATE', TemplateBody: JSON.stringify(template) });
    await expect(creation).rejects.toThrow(message);
    await expect(world.stack()).rejects.toThrow('Stack with id Test does not exist');
  });

  test('Rules may contain functions that are not supported elsewhere', async () => {
    expect(await world.create({ ...customTemplate({ A: {} }), Rules: { R: { Assertions: [{ Assert: { 'Fn::Contains': [['1'], '1'] } }] } } })).toBe('CREATE_COMPLETE');
  });
});

test('an SSM-typed parameter keeps its key, and is resolved again in each operation (E16)', async () => {
  let value = 'ami-1';
  world.answers.GetParameter = ({ Name: name }) => ({ Parameter: { Name: name, Value: value } });
  const template = customTemplate({ A: { Image: { Ref: 'Image' } } }, {
    Parameters: { Image: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/images/latest' } },
  });
  await world.create(template);
  value = 'ami-2';
  await world.update(template);
  expect(world.events.map(({ ResourceProperties: { Image: image } }) => image)).toEqual(['ami-1', 'ami-2']);
  expect((await world.stack()).Parameters).toEqual([{ ParameterKey: 'Image', ParameterValue: '/images/latest', ResolvedValue: 'ami-2' }]);
});

describe('values of other stacks', () => {
  const producer = (value: string) => customTemplate({ A: { Value: value } }, { Outputs: { Shared: { Value: value, Export: { Name: 'shared' } } } });
  const consumer = customTemplate({ C: { Value: { 'Fn::ImportValue': 'shared' }, Output: { 'Fn::GetStackOutput': { StackName: 'Test', OutputName: 'Shared' } } } });
  const other = (template: unknown, operation = 'CreateStack') => (
    world.call(operation, { StackName: 'Consumer', TemplateBody: JSON.stringify(template) }).then(() => world.settled('Consumer'))
  );

  test('are read by Fn::ImportValue and Fn::GetStackOutput', async () => {
    await world.create(producer('1'));
    expect(await other(consumer)).toBe('CREATE_COMPLETE');
    expect(world.events.at(-1)!.ResourceProperties).toMatchObject({ Value: '1', Output: '1' });
    expect((await world.call('ListExports', {})).Exports).toMatchObject([{ Name: 'shared', Value: '1' }]);
    expect((await world.call('ListImports', { ExportName: 'shared' })).Imports).toEqual(['Consumer']);
  });

  test('include no change or deletion of an export in use', async () => {
    await world.create(producer('1'));
    await other(consumer);
    expect(await world.update(producer('2'))).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect((await world.stackEvents()).map(({ ResourceStatusReason: reason }) => reason)).toContain('Cannot update export shared as it is in use by Consumer.');
    expect(await world.delete()).toBe('DELETE_FAILED');
    await other(customTemplate({ C: { Value: '1' } }), 'UpdateStack');
    expect(await world.delete()).toBe('DELETE_COMPLETE');
  });

  test('fail for an import without an export', async () => {
    expect(await other(consumer)).toBe('ROLLBACK_COMPLETE');
  });

  test('include one owner for each export', async () => {
    await world.create(producer('1'));
    expect(await other(producer('1'))).toBe('ROLLBACK_COMPLETE');
  });
});
