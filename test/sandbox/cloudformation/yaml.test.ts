import * as yaml from 'yaml';
import { parseTemplate } from '../../../sandbox/cloudformation/template/template-parser';
import { FakeWorld } from './fake-world';

const TEMPLATE = `
AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Stage: { Type: String, Default: test }
Mappings:
  Names: { test: { Name: tested } }
Conditions:
  IsTest: !Equals [!Ref Stage, test]
  Either: !Or [!Condition IsTest, !Not [!Condition IsTest]]
Resources:
  First:
    Type: Custom::Thing
    Properties: { ServiceToken: 'arn:aws:lambda:us-east-1:123456789012:function:handler' }
  Second:
    Type: Custom::Thing
    Condition: Either
    Properties:
      ServiceToken: arn:aws:lambda:us-east-1:123456789012:function:handler
      Ref: !Ref First
      Attribute: !GetAtt First.Nested.Value
      Sub: !Sub
        - "\${Stage} \${Own}"
        - Own: !Select [1, !Split [",", "a,b"]]
      Short: !Sub "\${First}"
      Mapped: !FindInMap [Names, !Ref Stage, Name]
      Chosen: !If [IsTest, !Join ["-", [a, b]], !Ref AWS::NoValue]
      Encoded:
        Fn::Base64: !Sub |
          text
      Version: 2012-10-17
      Number: 5
      Boolean: yes
Outputs:
  Value: { Value: !GetAtt [First, Value] }
`;

test('a template in YAML with short forms of functions deploys', async () => {
  const world = new FakeWorld();
  world.handler = ({ LogicalResourceId }) => ({ PhysicalResourceId: `id-of-${LogicalResourceId}`, Data: { 'Nested.Value': 'nested', Value: 'value' } });
  expect(await world.create({}, { TemplateBody: TEMPLATE })).toBe('CREATE_COMPLETE');
  expect(world.events.find(({ LogicalResourceId: id }) => id === 'Second')!.ResourceProperties).toMatchObject({
    Ref: 'id-of-First', Attribute: 'nested', Sub: 'test b', Short: 'id-of-First', Mapped: 'tested', Chosen: 'a-b', Encoded: 'dGV4dAo=',
    Version: '2012-10-17', Number: '5', Boolean: 'true',
  });
});

test.each([
  ['Resources:\n  A: [', /^Template format error: .*at line 2, column/s],
  ['Resources:\n  A: 1\n  A: 2', /^Template format error: Map keys must be unique/],
  ['A: &anchor {}\nResources: *anchor', /^Template format error: aliases are not supported$/],
  ['{ "Resources": ', /^Template format error: .*JSON/],
  ['Resources: { A: { Type: "Custom::A", Properties: { ServiceToken: a, Value: !Own b } } }', /does not support the intrinsic function Fn::Own$/],
])('the template %j is rejected with its position', (text, message) => {
  expect(() => parseTemplate(text)).toThrow(message);
});

/** What a value is nested in, so many times. */
const nestings: [string, (depth: number) => string][] = [
  ['sequences in brackets', (depth) => `A: ${'['.repeat(depth)}${']'.repeat(depth)}`],
  ['mappings in braces', (depth) => `A: ${'{a: '.repeat(depth)}${'}'.repeat(depth)}`],
  ['brackets that are not closed', (depth) => `A: ${'['.repeat(depth)}`],
  ['dashes', (depth) => `A:\n  ${'- '.repeat(depth)}x`],
  ['question marks', (depth) => `${'? '.repeat(depth)}x`],
];

test.each(nestings)('a template in YAML that is nested 100,000 levels deep in %s is rejected without being parsed', (_, nested) => {
  const parse = jest.spyOn(yaml, 'parseDocument');
  expect(() => parseTemplate(nested(100_000))).toThrow('Template format error: the template is nested deeper than 500 levels.');
  expect(parse).not.toHaveBeenCalled();
});

test('a template in YAML that is nested a little too deep by its indentation is rejected', () => {
  const lines = Array.from({ length: 502 }, (_, depth) => `${' '.repeat(depth)}a:`);
  expect(() => parseTemplate(lines.join('\n'))).toThrow('nested deeper than 500 levels');
});
