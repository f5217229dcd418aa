import { aws_cloudwatch as cloudwatch, CfnResource, Duration, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { addNativeTwin } from './native-twin';
import { StackWithDaemon } from './stack-with-daemon';

let stack: StackWithDaemon;

beforeEach(() => {
  stack = new StackWithDaemon();
});

/** The id of a version ends in a hash of what it publishes. */
const withoutVersionHash = (template: object): object =>
  JSON.parse(JSON.stringify(template).replace(/(RolloutCurrentVersion[0-9A-F]{8})[0-9a-f]{32}/g, '$1'));
const bytesOf = (scope: Stack, id: string): number =>
  Buffer.byteLength(JSON.stringify({ [id]: Template.fromStack(scope).toJSON().Resources[id] }, undefined, 1));

test('the template of a daemon has not changed unnoticed', () => {
  stack.addDaemon('Daemon', {
    alarms: [cloudwatch.Alarm.fromAlarmName(stack, 'Alarm', 'agent-silent')],
    bakeTime: Duration.minutes(3),
    tags: { team: 'platform' },
  });

  expect(withoutVersionHash(Template.fromStack(stack).toJSON())).toMatchSnapshot();
});

test('a daemon takes at most 1.3 times the bytes of its native twin with every setting, tag and order', () => {
  const daemon = stack.addDaemon('Daemon', { alarms: [cloudwatch.Alarm.fromAlarmName(stack, 'Alarm', 'agent-silent')], tags: { team: 'platform' } });
  const twin = addNativeTwin(stack, daemon);
  twin.addResourceDependency(stack.instances.node.defaultChild as CfnResource);
  const idOf = (resource: CfnResource): string => stack.getLogicalId(resource);

  expect(bytesOf(stack, idOf(daemon.node.defaultChild as CfnResource))).toBeLessThanOrEqual(1.3 * bytesOf(stack, idOf(twin)));
});
