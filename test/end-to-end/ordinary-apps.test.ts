import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import featureFlags from 'aws-cdk-lib/recommended-feature-flags.json';
import { startSandbox, type Sandbox } from '../../sandbox';

const ROOT = resolve(__dirname, '../..');

const HEADER = `
const cdk = require(${JSON.stringify(resolve(ROOT, 'node_modules/aws-cdk-lib'))});
const {
  aws_ec2: ec2, aws_ecs: ecs, aws_elasticloadbalancingv2: elbv2, aws_events: events, aws_events_targets: targets, aws_kms: kms,
  aws_lambda: lambda, aws_logs: logs, aws_route53: route53, aws_s3: s3, aws_sns: sns, aws_sqs: sqs, custom_resources: cr,
} = cdk;
const app = new cdk.App();
const stack = new cdk.Stack(app, 'Ordinary', {
  env: { account: process.env.CDK_DEFAULT_ACCOUNT, region: process.env.CDK_DEFAULT_REGION },
  tags: { trial: process.env.TRIAL },
});
const code = lambda.Code.fromInline;
const runtime = lambda.Runtime.NODEJS_22_X;
`;

/** One app for each kind of thing that people's apps hold. */
const APPS: Readonly<Record<string, string>> = {
  'an environment and a Vpc': 'new ec2.Vpc(stack, "Vpc"); new s3.Bucket(stack, "Bucket");',
  'the default Vpc, a hosted zone and an image, looked up': `
    const vpc = ec2.Vpc.fromLookup(stack, 'Vpc', { isDefault: true });
    const zone = route53.HostedZone.fromLookup(stack, 'Zone', { domainName: 'example.com' });
    new route53.ARecord(stack, 'Record', { zone, target: route53.RecordTarget.fromIpAddresses('10.0.0.1') });
    new ec2.Instance(stack, 'Instance', {
      vpc, instanceType: new ec2.InstanceType('t3.micro'), machineImage: ec2.MachineImage.lookup({ name: 'any' }),
    });`,
  'autoDeleteObjects, AwsCustomResource and LogRetention': `
    new s3.Bucket(stack, 'Bucket', { removalPolicy: cdk.RemovalPolicy.DESTROY, autoDeleteObjects: true });
    const call = { service: 'SSM', action: 'getParameter', parameters: { Name: 'a' }, physicalResourceId: cr.PhysicalResourceId.of('a') };
    const own = new cr.AwsCustomResource(stack, 'Own', {
      onUpdate: call, policy: cr.AwsCustomResourcePolicy.fromSdkCalls({ resources: ['*'] }), resourceType: 'Custom::OfTheUser',
    });
    new cdk.CfnOutput(stack, 'Value', { value: own.getResponseField('Parameter.Value') });
    new logs.LogRetention(stack, 'Retention', { logGroupName: '/aws/any', retention: 1 });`,
  'the Provider framework': `
    const onEventHandler = new lambda.Function(stack, 'OnEvent', {
      runtime, handler: 'index.handler', code: code(\`exports.handler = async (event) => ({ PhysicalResourceId: 'thing', Data: { Type: event.RequestType } });\`),
    });
    const isCompleteHandler = new lambda.Function(stack, 'IsComplete', {
      runtime, handler: 'index.handler', code: code('let polls = 0; exports.handler = async () => ({ IsComplete: ++polls > 1, Data: { Polled: "yes" } });'),
    });
    const provider = new cr.Provider(stack, 'Provider', { onEventHandler, isCompleteHandler });
    const resource = new cdk.CustomResource(stack, 'Resource', { serviceToken: provider.serviceToken, properties: { Trial: process.env.TRIAL } });
    new cdk.CfnOutput(stack, 'Value', { value: resource.getAttString('Type') + ' ' + resource.getAttString('Polled') });`,
  'a custom resource that answers by https to a host without a port': `
    const handler = new lambda.Function(stack, 'Handler', { runtime, handler: 'index.handler', code: code(\`
      const https = require('https');
      exports.handler = (event, context, done) => {
        const { hostname, pathname, search } = new URL(event.ResponseURL);
        const body = JSON.stringify({
          Status: 'SUCCESS', PhysicalResourceId: 'thing', StackId: event.StackId, RequestId: event.RequestId,
          LogicalResourceId: event.LogicalResourceId, Data: { Value: 'answered' },
        });
        const request = https.request({
          hostname, port: 443, path: pathname + search, method: 'PUT', headers: { 'content-type': '', 'content-length': body.length },
        }, () => done(null));
        request.on('error', done);
        request.end(body);
      };\`) });
    const resource = new cdk.CustomResource(stack, 'Resource', { serviceToken: handler.functionArn, properties: { Trial: process.env.TRIAL } });
    new cdk.CfnOutput(stack, 'Value', { value: resource.getAttString('Value') });`,
  'a nested stack': `
    const nested = new cdk.NestedStack(stack, 'Nested');
    const topic = new sns.Topic(nested, 'Topic', { displayName: process.env.TRIAL });
    new cdk.CfnOutput(stack, 'Value', { value: topic.topicArn });`,
  'an image asset and rules with other targets': `
    const task = new ecs.FargateTaskDefinition(stack, 'Task');
    task.addContainer('app', { image: ecs.ContainerImage.fromAsset(__dirname + '/image') });
    new events.Rule(stack, 'Rule', { eventPattern: { source: ['own'] }, targets: [new targets.SqsQueue(new sqs.Queue(stack, 'Queue'))] });
    const eventBus = new events.EventBus(stack, 'Bus');
    new events.Rule(stack, 'OnBus', { eventBus, eventPattern: { source: ['own'] }, targets: [new targets.SnsTopic(new sns.Topic(stack, 'Topic'))] });`,
};

let sandbox: Sandbox;
let notices: string[];
let folder: string;

beforeEach(async () => {
  notices = [];
  sandbox = await startSandbox({ onNotice: (line) => notices.push(line) });
  folder = mkdtempSync(join(tmpdir(), 'ordinary-app-'));
  mkdirSync(join(folder, 'image'));
  writeFileSync(join(folder, 'image', 'Dockerfile'), 'FROM scratch\n');
  // with all feature flags, as cdk init writes it
  const context = { ...featureFlags, 'cli-telemetry': false };
  writeFileSync(join(folder, 'cdk.json'), JSON.stringify({ app: 'node app.js', notices: false, versionReporting: false, context }));
});

afterEach(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the real CLI as a process of its own. */
function cdk(trial: string, ...command: string[]): Promise<string> {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AWS|CDK)_/.test(name)));
  return new Promise((done, failed) => {
    const child = spawn(resolve(ROOT, 'node_modules/.bin/cdk'), [...command, '--ci', '--no-color'], {
      cwd: folder, env: { ...own, ...sandbox.environment, CDK_VALIDATION: 'false', TRIAL: trial }, stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { output += chunk.toString(); });
    child.on('error', failed);
    child.on('close', (exitCode) => done(`exit code ${exitCode}\n${output}`));
  });
}

test.each(Object.keys(APPS))('an app with %s deploys, is updated and is destroyed', async (name) => {
  writeFileSync(join(folder, 'app.js'), `${HEADER}${APPS[name]}`);
  expect(await cdk('1', 'deploy', '--require-approval', 'never')).toMatch(/^exit code 0\n/);
  expect(await cdk('2', 'deploy', '--require-approval', 'never')).toMatch(/^exit code 0\n/);
  const { Stacks: [stack] } = await sandbox.call('cloudformation', 'DescribeStacks', { StackName: 'Ordinary' });
  expect(stack.StackStatus).toBe('UPDATE_COMPLETE');
  if (name === 'the Provider framework') expect(stack.Outputs).toMatchObject([{ OutputValue: 'Update yes' }]);
  if (name.includes('by https')) expect(stack.Outputs).toMatchObject([{ OutputValue: 'answered' }]);
  if (name.startsWith('autoDeleteObjects')) expect(notices.join('\n')).toMatch(/Custom::S3AutoDeleteObjects\) does nothing in the sandbox/);
  expect(await cdk('2', 'destroy', '--force')).toMatch(/^exit code 0\n/);
  const { Stacks: left } = await sandbox.call('cloudformation', 'DescribeStacks', {});
  expect(left).toEqual([]);
});

describe('lookups of resources of another stack', () => {
  const LOOK_UPS = `
    const loadBalancer = elbv2.ApplicationLoadBalancer.fromLookup(stack, 'Found', { loadBalancerTags: { trial: 'one' } });
    const listener = elbv2.ApplicationListener.fromLookup(stack, 'FoundListener', { loadBalancerTags: { trial: 'one' }, listenerPort: 80 });
    const key = kms.Key.fromLookup(stack, 'FoundKey', { aliasName: 'alias/own' });
    new sns.Topic(stack, 'Topic');
    new cdk.CfnOutput(stack, 'Values', { value: [loadBalancer.loadBalancerArn, listener.listenerArn, key.keyId].join(' ') });`;

  test('find a load balancer, its listener and a key', async () => {
    writeFileSync(join(folder, 'app.js'), HEADER.replace("'Ordinary'", "'Base'") + `
      const vpc = new ec2.Vpc(stack, 'Vpc', { natGateways: 0 });
      const loadBalancer = new elbv2.ApplicationLoadBalancer(stack, 'LoadBalancer', { vpc });
      cdk.Tags.of(loadBalancer).add('trial', 'one');
      loadBalancer.addListener('Listener', { port: 80, defaultAction: elbv2.ListenerAction.fixedResponse(200) });
      new elbv2.NetworkLoadBalancer(stack, 'Other', { vpc });
      new kms.Key(stack, 'Key', { alias: 'own' });`);
    expect(await cdk('1', 'deploy', '--require-approval', 'never')).toMatch(/^exit code 0\n/);
    writeFileSync(join(folder, 'app.js'), HEADER + LOOK_UPS);
    expect(await cdk('1', 'deploy', '--require-approval', 'never')).toMatch(/^exit code 0\n/);
    const { Stacks: [stack] } = await sandbox.call('cloudformation', 'DescribeStacks', { StackName: 'Ordinary' });
    const ids = await Promise.all(['LoadBalancer', 'Listener', 'Key'].map(async (kind) => {
      const { StackResources: resources } = await sandbox.call('cloudformation', 'DescribeStackResources', { StackName: 'Base' });
      return (resources as { LogicalResourceId: string; ResourceType: string; PhysicalResourceId: string }[])
        .find(({ LogicalResourceId, ResourceType }) => ResourceType.endsWith(`::${kind}`) && !LogicalResourceId.startsWith('Other'))!.PhysicalResourceId;
    }));
    expect(stack.Outputs).toMatchObject([{ OutputValue: ids.join(' ') }]);
  });

  test('report a missing resource', async () => {
    writeFileSync(join(folder, 'app.js'), HEADER + LOOK_UPS);
    const output = await cdk('1', 'synth', '--quiet');
    expect(output).toMatch(/No load balancers found matching/);
    expect(output).toMatch(/No associated load balancers found/);
    expect(output).toMatch(/Could not find any key with alias named alias\/own/);
  });
});

test('cdk drift reports changes and deletions outside CloudFormation', async () => {
  writeFileSync(join(folder, 'app.js'), `${HEADER}
    new lambda.Function(stack, 'Changed', { runtime, handler: 'index.handler', code: code('exports.handler = async () => 1;'), memorySize: 128 });
    new cdk.aws_ssm.StringParameter(stack, 'Deleted', { parameterName: 'deleted', stringValue: '1' });
    new cdk.aws_ssm.StringParameter(stack, 'Kept', { parameterName: 'kept', stringValue: '1' });
    new sns.Topic(stack, 'NotChecked');`);
  expect(await cdk('1', 'deploy', '--require-approval', 'never')).toMatch(/^exit code 0\n/);
  expect(await cdk('1', 'drift')).toMatch(/No drift detected/);
  const { StackResources: resources } = await sandbox.call('cloudformation', 'DescribeStackResources', { StackName: 'Ordinary' });
  const { PhysicalResourceId: FunctionName } = resources.find(({ ResourceType }: { ResourceType: string }) => ResourceType === 'AWS::Lambda::Function');
  await sandbox.call('lambda', 'UpdateFunctionConfiguration', { FunctionName, MemorySize: 256 });
  await sandbox.call('ssm', 'DeleteParameter', { Name: 'deleted' });
  const output = await cdk('1', 'drift');
  expect(output).toMatch(/2 resources have drifted/);
  expect(output).toMatch(/\[-\] AWS::SSM::Parameter.*Deleted/);
  expect(output).toMatch(/AWS::Lambda::Function.*Changed[^]*\/MemorySize[^]*128[^]*256/);
});
