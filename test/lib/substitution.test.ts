import { App, Aws, CfnResource, Fn, NestedStack, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { substitution } from '../../lib/naming/fn-sub';

const app = new App();
const stack = new Stack(app, 'Stack');
const bucket = new CfnResource(stack, 'Bucket', { type: 'Test::Bucket' });

test.each<[string, string, unknown]>([
  ['a reference', `a ${bucket.ref} b`, { 'Fn::Sub': 'a ${Bucket} b' }],
  ['an attribute', `${bucket.getAtt('Arn').toString()}/*`, { 'Fn::Sub': '${Bucket.Arn}/*' }],
  ['what CloudFormation knows', `arn:${Aws.PARTITION}:s3`, { 'Fn::Sub': 'arn:${AWS::Partition}:s3' }],
  ['a text that looks like a reference', `\${Bucket} is not ${bucket.ref}`, { 'Fn::Sub': '${!Bucket} is not ${Bucket}' }],
])('%s is substituted in place', (_, text, expected) => {
  expect(stack.resolve(substitution(text))).toEqual(expected);
});

test.each<[string, string]>([
  ['a text without references', 'arn:aws:s3'],
  ['a reference alone', bucket.ref],
  ['what another stack exports', `${Fn.importValue('Name')}/*`],
  ['a text that is joined by something', Fn.join('-', ['a', bucket.ref])],
])('%s is left unchanged', (_, text) => {
  expect(stack.resolve(substitution(text))).toEqual(stack.resolve(text));
});

test('a value of the parent of a nested stack is substituted by its parameter', () => {
  const nested = new NestedStack(stack, 'Nested');
  new CfnResource(nested, 'User', { type: 'Test::User', properties: { Text: substitution(`${bucket.ref}/*`) } });

  Template.fromStack(nested).hasResourceProperties('Test::User', { Text: { 'Fn::Sub': '${referencetoStackBucket168445DCRef}/*' } });
});
