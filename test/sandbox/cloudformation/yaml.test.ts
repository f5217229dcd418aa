import { parseTemplate } from '../../../sandbox/cloudformation/template-parser';
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
  ['Resources: { A: { Type: "Custom::A", Properties: { ServiceToken: a, Value: !Own b } } }', /does not know the intrinsic function Fn::Own$/],
])('the template %j is refused with its place', (text, message) => {
  expect(() => parseTemplate(text)).toThrow(message);
});

test('a template in YAML that is nested too deep is refused', () => {
  const value = '['.repeat(500) + ']'.repeat(500);
  expect(() => parseTemplate(`Resources: { A: { Type: Custom::A, Properties: { ServiceToken: a, Value: ${value} } } }`)).toThrow(/nested deeper than/);
});
