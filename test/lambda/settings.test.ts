import fc from 'fast-check';
import type { ObservedDaemon, ObservedDeployment, RevisionCounts } from '../../lambda/rollout/observation';
import {
  actualFleet, desiredFleet, differences, fleetAfter, isSameFleet,
} from '../../lambda/rollout/facts/fleet-settings';
import { properties, settings, taskDefinition } from './requests';

const [PROVIDER] = properties().CapacityProviderArns as [string];

const counts = (revisionArn: string, running: number, withoutDaemon = 0, capacityProviderArns = [PROVIDER]): RevisionCounts =>
  ({ revisionArn, capacityProviderArns, running, withoutDaemon, draining: 0 });

const daemon = (revisions: RevisionCounts[], latest?: Partial<ObservedDeployment>): ObservedDaemon => ({
  arn: 'daemon',
  status: 'ACTIVE',
  createdAt: 0,
  latestArn: 'deployment',
  revisions,
  latest: latest as ObservedDeployment | undefined,
  settings: { old: settings(), new: settings(taskDefinition(2)), same: settings(), optional: settings({ Critical: false }) },
});

const OLD = desiredFleet(properties());
const NEW = desiredFleet(properties(taskDefinition(2)));
const OPTIONAL = desiredFleet(properties({ Critical: false }));

test.each([
  ['one revision', daemon([counts('old', 3)]), OLD],
  ['instances that lack the daemon belong to it too (R36)',
    daemon([counts('old', 1, 2), counts('same', 0, 1)], { status: 'SUCCESSFUL', target: counts('old', 1, 2) }), OLD],
  ['the same, and ECS does not tell whether the deployment of a critical daemon has succeeded (A15)', daemon([counts('old', 1, 2)]), 'mixed'],
  ['a critical daemon that no instance runs (R28)', daemon([counts('old', 0, 3)]), 'mixed'],
  ['one that is not critical, and that no instance runs (R36)',
    daemon([counts('optional', 0, 3)], { status: 'SUCCESSFUL', target: counts('optional', 0, 3) }), OPTIONAL],
  ['the same, and ECS does not tell whether its deployment has succeeded (A15)', daemon([counts('optional', 0, 3)]), 'mixed'],
  ['one that is not critical, and that some instances lack, whatever its deployment was (A15)', daemon([counts('optional', 1, 2)]), OPTIONAL],
  ['instances that the last deployment has not reached (A7)', daemon([counts('optional', 0, 1)], { status: 'SUCCESSFUL', target: counts('old', 0) }), 'mixed'],
  ['the same, but of another revision with the same settings', daemon([counts('same', 3)], { status: 'SUCCESSFUL', target: counts('old', 0) }), OLD],
  ['a revision without instances does not count', daemon([counts('old', 3), counts('new', 0)]), OLD],
  ['two revisions (R23)', daemon([counts('old', 3), counts('new', 1)]), 'mixed'],
  ['two revisions with the same settings', daemon([counts('old', 3), counts('same', 1)]), OLD],
  ['a revision that is not visible (R41)', daemon([counts('other', 3)]), 'invisible'],
  ['no instances: what the last deployment has brought about', daemon([counts('old', 0)], { status: 'SUCCESSFUL', target: counts('new', 0) }), NEW],
  ['no instances, and it failed: what is current', daemon([counts('old', 0)], { status: 'STOPPED', target: counts('new', 0) }), OLD],
  ['no instances, and a first deployment that failed: not what that was to bring (R28)',
    daemon([counts('old', 0)], { status: 'STOPPED', target: counts('old', 0) }), 'mixed'],
  ['a deletion that failed (A16)', daemon([counts('old', 3)], { status: 'STOPPED', target: undefined }), 'mixed'],
  ['a first deployment that failed, and whose rollback has nowhere to go (A4)',
    daemon([counts('old', 3)], { status: 'ROLLBACK_FAILED', target: counts('old', 3), rollbackTargetArn: '' }), 'mixed'],
  ['a first deployment that stopped half-way (A4)', daemon([counts('old', 2, 1)], { status: 'STOPPED', target: counts('old', 2, 1) }), 'mixed'],
  ['a rollback that failed half-way', daemon([counts('old', 2, 1)], { status: 'ROLLBACK_FAILED', target: counts('new', 0) }), 'mixed'],
  ['a stop half-way, of two revisions with the same settings',
    daemon([counts('old', 2), counts('same', 0, 1)], { status: 'STOPPED', target: counts('new', 0) }), 'mixed'],
  ['a stop after which all instances run the daemon',
    daemon([counts('old', 3)], { status: 'STOPPED', target: counts('new', 0), rollbackTargetArn: '' }), OLD],
  ['the same, and what it was to bring is still a revision of the daemon (A4)',
    daemon([counts('old', 3), counts('new', 0)], { status: 'STOPPED', target: counts('new', 0) }), 'mixed'],
  ['a stop after which all instances run what it was to bring', daemon([counts('old', 3)], { status: 'STOPPED', target: counts('old', 3) }), OLD],
  ['a rollback that failed after all instances had gone back',
    daemon([counts('old', 3)], { status: 'ROLLBACK_FAILED', target: counts('new', 0), rollbackTargetArn: 'old' }), OLD],
  ['no instances, and a stop of one of two revisions with the same settings',
    daemon([counts('same', 0), counts('old', 0)], { status: 'STOPPED', target: counts('old', 0) }), 'mixed'],
  ['no instances, and a deletion that failed (A16)', daemon([counts('old', 0)], { status: 'STOPPED', target: undefined }), 'mixed'],
  ['nothing at all', daemon([]), 'invisible'],
])('the actual settings are read: %s', (_case, observed, expected) => {
  const actual = actualFleet(observed);
  if (typeof expected === 'string') expect(actual).toBe(expected);
  else expect(differences(actual as typeof OLD, expected)).toEqual([]);
});

const endedAs = (status: string, target: RevisionCounts, sources: RevisionCounts[] = [], rollbackTargetArn = 'old'): ObservedDeployment => ({
  arn: 'deployment', status, statusReason: '', createdAt: 0, target, sources, failureCount: 0, failureThreshold: 3,
  circuitBreakerStatus: '', alarmsStatus: '', triggeredAlarmNames: [], rollbackReason: '', rollbackTargetArn, rollbackCapacityProviderArns: [PROVIDER],
  configuration: { drainPercent: 25, bakeTimeInMinutes: 0, alarmNames: [] },
});

test.each([
  ['SUCCESSFUL', NEW],
  ['ROLLBACK_SUCCESSFUL', OLD],
  ['ROLLBACK_FAILED', 'invisible'],
  ['STOPPED', 'invisible'],
])('right after %s the counts of the daemon are not used (A28)', (status, expected) => {
  const ended = endedAs(status, counts('new', 1));
  const actual = fleetAfter(daemon([counts('old', 2), counts('new', 1)], ended), ended);
  if (typeof expected === 'string') expect(actual).toBe(expected);
  else expect(differences(actual as typeof OLD, expected)).toEqual([]);
});

test.each(['SUCCESSFUL', 'ROLLBACK_SUCCESSFUL'])('right after %s the settings are unknown while its revision does not show (R41)', (status) => {
  const ended = endedAs(status, counts('unseen', 3), [], 'unseen');
  expect(fleetAfter(daemon([counts('old', 3)], ended), ended)).toBe('invisible');
});

test('providers that only the deployment or its rollback names are found (R15)', () => {
  const bare = counts('old', 3, 0, []);
  const byDeployment = actualFleet(daemon([bare], { status: 'SUCCESSFUL', target: counts('old', 3) }));
  const byRollback = actualFleet(daemon([bare], {
    status: 'ROLLBACK_SUCCESSFUL', target: counts('new', 0), rollbackTargetArn: 'old', rollbackCapacityProviderArns: [PROVIDER],
  }));
  for (const actual of [byDeployment, byRollback]) expect(actual).toMatchObject({ capacityProviderArns: [PROVIDER] });
});

test.each(['at once', 'later'])('a rollback includes the providers that it leaves; its target revision names its own, read %s (A27)', (moment) => {
  const added = `${PROVIDER}-2`;
  const ended = {
    status: 'ROLLBACK_SUCCESSFUL', target: counts('same', 0, 0, [PROVIDER, added]), sources: [counts('old', 3)],
    rollbackTargetArn: 'old', rollbackCapacityProviderArns: [PROVIDER, added],
  } as unknown as ObservedDeployment;
  const seen = daemon([counts('old', 3)], ended);
  const actual = moment === 'at once' ? fleetAfter(seen, ended) : actualFleet(seen);
  expect(differences(actual as typeof OLD, OLD)).toEqual([]);
});

test('providers are the same by name and by ARN (A5)', () => {
  expect(isSameFleet({ ...OLD, capacityProviderArns: ['managed'] }, OLD)).toBe(true);
  expect(isSameFleet({ ...OLD, capacityProviderArns: ['other'] }, OLD)).toBe(false);
});

test.each([
  [taskDefinition(2), 'task definition is agent:2 instead of agent:1'],
  [{ CapacityProviderArns: [PROVIDER, `${PROVIDER}-2`] }, 'capacity providers is managed, managed-2 instead of managed'],
  [{ PropagateTags: 'DAEMON' as const }, 'tag propagation is DAEMON instead of NONE'],
  [{ EnableECSManagedTags: false }, 'ECS managed tags is false instead of true'],
  [{ EnableExecuteCommand: true }, 'execute command is true instead of false'],
  [{ Critical: false }, 'critical is false instead of true'],
])('a change of a fleet setting is a difference: %j', (change, sentence) => {
  expect(differences(desiredFleet(properties(change)), OLD)).toEqual([sentence]);
});

test('capacity providers that ECS does not return are unknown, and not a difference (A38)', () => {
  expect(differences({ ...OLD, capacityProviderArns: [] }, OLD)).toEqual([]);
});

test.each([
  { DrainPercent: 1 }, { BakeTimeInMinutes: 9 }, { AlarmNames: ['a'] }, { TimeoutInMinutes: 9 }, { RolloutToken: 'a' }, { Tags: [] },
  { PreflightAlarmInAlarm: 'WAIT' as const }, { PreflightAlarmWithoutData: 'FAIL' as const },
])(
  'not a fleet setting: %j', (change) => {
    expect(isSameFleet(desiredFleet(properties(change)), OLD)).toBe(true);
  });

const anyProviders = fc.uniqueArray(fc.string(), { minLength: 1 });

test('the order of providers is ignored', () => {
  fc.assert(fc.property(anyProviders, (arns) => {
    const [forth, back] = [arns, [...arns].reverse()].map((CapacityProviderArns) => desiredFleet(properties({ CapacityProviderArns })));
    expect(isSameFleet(forth!, back!)).toBe(true);
  }));
});
