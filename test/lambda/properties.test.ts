import fc from 'fast-check';
import type { DaemonProperties } from '../../lambda/contract';
import { daemonArnOf, parseGateProperties, parseProperties, parseVerificationProperties } from '../../lambda/properties';
import { CLUSTER_ARN, DAEMON_ARN, properties, stringified } from './requests';

const anyProperties: fc.Arbitrary<DaemonProperties> = fc.record({
  ContractVersion: fc.constant('1' as const),
  ClusterArn: fc.constant(CLUSTER_ARN),
  DaemonName: fc.stringMatching(/^[A-Za-z0-9_-]{1,255}$/),
  DaemonTaskDefinitionArn: fc.string(),
  CapacityProviderArns: fc.array(fc.string()),
  DrainPercent: fc.integer({ min: 1, max: 100 }),
  BakeTimeInMinutes: fc.integer({ min: 0, max: 1440 }),
  AlarmNames: fc.array(fc.string()),
  PropagateTags: fc.constantFrom('DAEMON' as const, 'NONE' as const),
  EnableECSManagedTags: fc.boolean(),
  EnableExecuteCommand: fc.boolean(),
  Critical: fc.boolean(),
  Tags: fc.array(fc.record({ key: fc.string({ minLength: 1 }), value: fc.string() })),
  RolloutToken: fc.string(),
  TimeoutInMinutes: fc.integer({ min: 1, max: 2160 }),
  DeletionTimeoutInMinutes: fc.option(fc.integer({ min: 56, max: 2160 }), { nil: undefined }),
  PreflightAlarmInAlarm: fc.constantFrom('FAIL' as const, 'WAIT' as const, 'PROCEED' as const, undefined),
  PreflightAlarmWithoutData: fc.constantFrom('FAIL' as const, 'WAIT' as const, 'PROCEED' as const, undefined),
  AdoptExisting: fc.constantFrom(true, undefined),
});

test('properties that CloudFormation has turned into strings are parsed, and unknown keys are ignored (E18, FM20)', () => {
  fc.assert(fc.property(anyProperties, fc.dictionary(fc.string().map((key) => `Unknown${key}`), fc.jsonValue()), (given, unknown) => {
    expect(parseProperties({ ...unknown, ...stringified(given), ServiceToken: 'arn' })).toEqual(given);
  }));
});

test('properties of gates are parsed in the same way, with or without a rollout (E18)', () => {
  const gate = { ContractVersion: '1' as const, DaemonArn: DAEMON_ARN, RolloutArn: 'arn:rollout', GateNumber: 2, GateCount: 39 };
  expect(parseGateProperties({ ...stringified(gate), ServiceToken: 'arn', ServiceTimeout: '3600' })).toEqual(gate);
  expect(parseGateProperties({ DaemonArn: DAEMON_ARN })).toEqual({ ...gate, RolloutArn: '', GateNumber: 1, GateCount: 1 });
  expect(() => parseGateProperties({})).toThrow('the property DaemonArn is missing');
});

test.each(['', ' ', null, undefined])('%p is not a number', (value) => {
  const given = parseProperties({ ...properties(), DrainPercent: value, DeletionTimeoutInMinutes: value });
  expect(given).toMatchObject({ DrainPercent: 25 });
  expect(given.DeletionTimeoutInMinutes).toBeUndefined();
});

test('a tag may have no value', () => {
  expect(parseProperties({ ...properties(), Tags: [{ key: 'team' }] }).Tags).toEqual([{ key: 'team', value: '' }]);
});

test('scalars that are not strings are accepted', () => {
  expect(parseProperties({ ...properties() })).toEqual(properties());
});

test('missing keys get their defaults, critical included', () => {
  expect(parseProperties({ ClusterArn: CLUSTER_ARN, DaemonName: 'agent' })).toEqual({
    ...properties(),
    DaemonTaskDefinitionArn: '',
    CapacityProviderArns: [],
    EnableECSManagedTags: false,
  });
});

test.each([
  [{ ClusterArn: '' }, 'the property ClusterArn is missing'],
  [{ DaemonName: undefined }, 'the property DaemonName is missing'],
  [{ ContractVersion: '2' }, 'ContractVersion "2" is newer than this Lambda, which reads version 1'],
  [{ DrainPercent: 'many' }, 'the property DrainPercent must be a number, not "many"'],
  [{ Critical: 'perhaps' }, 'the property Critical must be true or false, not "perhaps"'],
  [{ PreflightAlarmInAlarm: 'HOPE' }, 'the property PreflightAlarmInAlarm must be FAIL, WAIT or PROCEED, not "HOPE"'],
  [{ AlarmNames: 'one' }, 'the property AlarmNames must be a list'],
  [{ Tags: 'one' }, 'the property Tags must be a list'],
  [{ Tags: [null] }, 'the property Tags must be a list of objects with key and value'],
  [{ Tags: ['team'] }, 'the property Tags must be a list of objects with key and value'],
  [{ RolloutToken: {} }, 'the property RolloutToken must be a text'],
])('%j cannot be read', (change, message) => {
  expect(() => parseProperties({ ...stringified(properties()), ...change })).toThrow(message);
});

test.each([
  ['a'.repeat(256), 'not 256 characters: "a'],
  ['a/b', 'not 3 characters: "a/b"'],
  ['', 'not 0 characters: ""'],
])('a name from a token that ECS does not accept has no ARN: %s', (DaemonName, message) => {
  expect(() => daemonArnOf({ ClusterArn: CLUSTER_ARN, DaemonName })).toThrow(message);
});

test('the ARN of the daemon comes from cluster and name (R18)', () => {
  expect(daemonArnOf(properties())).toBe(DAEMON_ARN);
  expect(daemonArnOf({ ClusterArn: 'arn:aws-cn:ecs:cn-north-1:1:cluster/a', DaemonName: 'b' })).toBe('arn:aws-cn:ecs:cn-north-1:1:daemon/a/b');
});

test.each(['fleet', `the ${CLUSTER_ARN}`, `${CLUSTER_ARN}/service`, CLUSTER_ARN.replace(':ecs:', ':eks:')])('%s is not the ARN of an ECS cluster', (ClusterArn) => {
  expect(() => daemonArnOf({ ClusterArn, DaemonName: 'b' })).toThrow(`ClusterArn "${ClusterArn}" is not the ARN of an ECS cluster`);
});

test('a verification covers any revision of the daemon, unless it names one', () => {
  expect(parseVerificationProperties({ ClusterArn: CLUSTER_ARN, DaemonName: 'agent' })).toEqual({
    ContractVersion: '1', ClusterArn: CLUSTER_ARN, DaemonName: 'agent', RevisionArn: '', Services: [],
  });
});
