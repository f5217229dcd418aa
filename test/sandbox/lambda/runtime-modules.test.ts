import { zipSync } from 'fflate';
import type { Input } from '../../../sandbox/core/aws-service';
import { createRole, startLambdaRig, type LambdaRig } from './lambda-rig';

let rig: LambdaRig;

beforeAll(async () => rig = await startLambdaRig());
afterAll(() => rig.close());

let count = 0;

/** Creates a function and invokes it once. */
async function run(code: string | Uint8Array): Promise<Input> {
  const name = `function-${++count}`;
  const Role = await createRole(rig.sandbox, `${name}-role`, []);
  await rig.sandbox.call('lambda', 'CreateFunction', {
    FunctionName: name, Role, Runtime: 'nodejs22.x', Handler: 'index.handler', MemorySize: 512, Timeout: 60, Code: { ZipFile: code },
  });
  const { Payload } = await rig.sandbox.call('lambda', 'Invoke', { FunctionName: name });
  return JSON.parse(Buffer.from(Payload).toString());
}

const archive = (name: string, source: string): Uint8Array => zipSync({ [name]: Buffer.from(source) });

describe('cfn-response', () => {
  const TEMPLATE = {
    Resources: {
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: { AssumeRolePolicyDocument: {
          Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
        } },
      },
      Function: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Runtime: 'nodejs22.x', Handler: 'index.handler', Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
          Code: { ZipFile: `
            const response = require('cfn-response');
            exports.handler = (event, context) => {
              response.send(event, context, response.SUCCESS, { Value: 'answered' }, 'id-of-thing');
            };` },
        },
      },
      Thing: { Type: 'Custom::Thing', Properties: { ServiceToken: { 'Fn::GetAtt': ['Function', 'Arn'] } } },
    },
    Outputs: { Value: { Value: { 'Fn::Sub': '${Thing} ${Thing.Value}' } } },
  };

  test('sends the answer of inline code to a custom resource', async () => {
    const { StackId } = await rig.sandbox.call('cloudformation', 'CreateStack', {
      StackName: 'Inline', TemplateBody: JSON.stringify(TEMPLATE), Capabilities: ['CAPABILITY_IAM'],
    });
    const { Stacks: [stack] } = await rig.sandbox.call('cloudformation', 'DescribeStacks', { StackName: StackId });
    expect(stack).toMatchObject({ StackStatus: 'CREATE_COMPLETE', Outputs: [{ OutputValue: 'id-of-thing answered' }] });
  });

  test('the request log of a stack with a custom resource can be sent to another process', () => {
    const invocations = rig.sandbox.requests.filter(({ operation, caller }) => operation === 'Invoke' && caller === 'cloudformation');
    expect(invocations).not.toEqual([]);
    expect(structuredClone(invocations)).toEqual(invocations);
  });

  test('is missing for the code of an archive', async () => {
    expect(await run(archive('index.js', 'require("cfn-response")'))).toMatchObject({
      errorType: 'Runtime.ImportModuleError', errorMessage: "Error: Cannot find module 'cfn-response'",
    });
  });
});

describe('the AWS SDK of the project', () => {
  test.each([
    ['CommonJS', 'index.js', 'const { STSClient } = require("@aws-sdk/client-sts"); exports.handler = async () => typeof STSClient;'],
    ['an ES module', 'index.mjs', 'import { STSClient } from "@aws-sdk/client-sts"; export const handler = async () => typeof STSClient;'],
  ])('is found by code that is %s', async (_kind, name, source) => {
    expect(await run(archive(name, source))).toBe('function');
  });

  test.each([
    ['index.js', 'require("@aws-sdk/client-nothing/part")'],
    ['index.mjs', 'import "@aws-sdk/client-nothing"'],
  ])('is missing for %s, with advice', async (name, source) => {
    const { errorType, errorMessage } = await run(archive(name, source));
    expect(errorType).toBe('Runtime.ImportModuleError');
    expect(errorMessage).toMatch(/The sandbox takes it from your project's node_modules: npm install --save-dev @aws-sdk\/client-nothing$/);
  });

  test('includes no other module of the project', async () => {
    expect(await run('require("fflate")')).toMatchObject({ errorMessage: "Error: Cannot find module 'fflate'" });
  });
});

describe('a handler that returns nothing', () => {
  test('is waited for until no work is left', async () => {
    expect(await run('exports.handler = () => { setTimeout(() => console.log("done"), 50); };')).toBeNull();
    expect(await run('exports.handler = (event, context) => { setTimeout(() => context.done(null, "late"), 50); };')).toBe('late');
    expect(await run('exports.handler = (event, context) => { context.fail("why"); };')).toMatchObject({ errorMessage: 'why' });
  });
});
