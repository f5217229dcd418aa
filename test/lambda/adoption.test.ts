import type { Event } from '../../lambda/rollout/aws/stack-api';
import { FakeDaemonApi, scripted } from './fake-daemon-api';
import { seenAs, withDaemon, writesOf } from './fixtures';
import {
  createRequest, DAEMON_ARN, deleteRequest, OWNER_TAGS, properties, settings, STACK_ID, taskDefinition, updateRequest,
} from './requests';
import { simulate } from './simulate';

const STACK = 'cdk-ecs-managed-daemons:stack-id';
const LOGICAL_ID = 'cdk-ecs-managed-daemons:logical-id';
const RECORD = 'cdk-ecs-managed-daemons:adoption';
const WAS = 'cdk-ecs-managed-daemons:was:';
const OTHER_STACK = 'arn:aws:cloudformation:us-east-1:123456789012:stack/others/1';
const AdoptExisting = true;
const [PROVIDER] = properties().CapacityProviderArns as [string];

const NOBODY = { team: 'theirs', cost: 'center' };
const OTHER_LOGICAL_ID = { ...NOBODY, [STACK]: STACK_ID, [LOGICAL_ID]: 'Former' };
const OTHERS = { ...NOBODY, [STACK]: OTHER_STACK, [LOGICAL_ID]: 'Agent' };

/** What the events of the stack tell of one of its resources. */
const event = (api: FakeDaemonApi, LogicalResourceId: string, ResourceStatus: Event['ResourceStatus'], changes: object = {}): Event => ({
  LogicalResourceId, ResourceStatus, ResourceType: 'Custom::ECSManagedDaemon', Timestamp: new Date(api.now),
  ResourceProperties: JSON.stringify(properties(changes)),
});

const tagsOf = (api: FakeDaemonApi): Record<string, string> => api.daemons.get(DAEMON_ARN)![0]!.tags.at(-1)!.tags;

describe('a Create that adopts', () => {
  test('tags a daemon that is as desired, records its former state, and drains nothing', async () => {
    const api = withDaemon({}, NOBODY);
    const run = await simulate(api, createRequest({ AdoptExisting, Tags: [{ key: 'team', value: 'ours' }, { key: 'new', value: 'one' }] }));
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: DAEMON_ARN, Data: { Outcome: 'UNCHANGED' } });
    expect(writesOf(api)).toEqual(['tag']);
    expect(run.seconds).toBeLessThan(30);
    expect(tagsOf(api)).toEqual({
      ...OWNER_TAGS, cost: 'center', team: 'ours', new: 'one', [`${WAS}team`]: 'theirs', [RECORD]: 'this-operation',
    });
    expect(run.lines).toContain('APPLYING: adopts the daemon agent, which belongs to nobody that its tags name');
  });

  test.each<[string, object, string]>([
    ['task definition', taskDefinition(2), 'task definition is agent:1 instead of agent:2'],
    ['capacity providers', { CapacityProviderArns: [PROVIDER, `${PROVIDER}-2`] }, 'capacity providers is managed instead of managed, managed-2'],
    ['other fleet settings', { Critical: false, PropagateTags: 'DAEMON' }, 'tag propagation is NONE instead of DAEMON; critical is true instead of false'],
  ])('refuses a daemon with another %s, and names the difference', async (_, changes, difference) => {
    const api = withDaemon({}, NOBODY);
    const run = await simulate(api, createRequest({ AdoptExisting, ...changes }));
    expect(run.answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: DAEMON_ARN });
    expect(run.answer.Reason).toContain(`PREFLIGHT: the daemon agent cannot be adopted, because ${difference}; it was left alone; `
      + 'let the template have its settings, and change them in the next deployment');
    expect(writesOf(api)).toEqual([]);
    expect(tagsOf(api)).toEqual(NOBODY);
  });

  test('adopts a daemon that differs only in rollout settings, which take effect with its next deployment', async () => {
    const api = withDaemon({ DrainPercent: 10, BakeTimeInMinutes: 3, AlarmNames: ['theirs'] }, NOBODY);
    const run = await simulate(api, createRequest({ AdoptExisting, DrainPercent: 50 }));
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } });
    expect(writesOf(api)).toEqual(['tag']);
  });

  test('waits for the consistency window before it refuses a daemon whose settings ECS does not return (A28)', async () => {
    const api = withDaemon({}, NOBODY);
    api.describeRevisions = async () => ({});
    const run = await simulate(api, createRequest({ AdoptExisting }));
    expect(run.answer.Reason).toContain('cannot be adopted, because ECS does not return what instances run; it was left alone');
    expect(run.seconds).toBeGreaterThanOrEqual(130);
    expect(writesOf(api)).toEqual([]);
  });

  test('adopts a daemon whose first deployment waits for instances, if that deployment has the settings of the template (A10)', async () => {
    const api = withDaemon({}, NOBODY);
    api.deployByHand(DAEMON_ARN, settings(), scripted([0, 'PENDING', 0]));
    api.instances = 0;
    api.now += 3_600_000;
    const run = await simulate(api, createRequest({ AdoptExisting }));
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } });
  });

  test.each<[string, Record<string, string>]>([['another stack', OTHERS], ['another resource of this stack', OTHER_LOGICAL_ID]])(
    'a daemon of %s answers only when its owner must see it, since a deletion may follow at once (A28)', async (_, tags) => {
      const api = withDaemon({}, tags);
      api.readLagSeconds = 120;
      const run = await simulate(api, createRequest({ AdoptExisting }));
      expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } });
      expect(writesOf(api)).toEqual(['tag']);
      expect(run.seconds).toBeGreaterThanOrEqual(260); // its tags are read for as long as the lag, and then written
      expect(tagsOf(api)).toMatchObject({ ...OWNER_TAGS, [WAS + STACK]: tags[STACK], [WAS + LOGICAL_ID]: tags[LOGICAL_ID] });
    });

  test('records the tags that an owned daemon has at the end of the consistency window, not before (A28)', async () => {
    const api = withDaemon({}, OTHERS);
    api.readLagSeconds = 120;
    const given = { ...OTHERS, [LOGICAL_ID]: 'Later' };
    await api.tag(DAEMON_ARN, given);
    const run = await simulate(api, createRequest({ AdoptExisting }));
    expect(run.answer).toMatchObject({ Status: 'SUCCESS' });
    expect(tagsOf(api)[WAS + LOGICAL_ID]).toBe('Later');
  });

  test('adopts a daemon although the first reads show an adoption that was rolled back a moment ago (A28)', async () => {
    const api = withDaemon({}, { ...NOBODY, ...OWNER_TAGS, [RECORD]: 'an-earlier-operation' });
    api.readLagSeconds = 100;
    await api.tag(DAEMON_ARN, OTHERS);
    await api.untag(DAEMON_ARN, [RECORD]);
    const run = await simulate(api, createRequest({ AdoptExisting }));
    expect(run.answer).toMatchObject({ Status: 'SUCCESS' });
    expect(tagsOf(api)).toMatchObject({ ...OWNER_TAGS, [RECORD]: 'this-operation', [WAS + STACK]: OTHER_STACK });
  });

  test('fails at once if an unowned daemon differs, without the wait before a success', async () => {
    const run = await simulate(withDaemon({}, NOBODY), createRequest({ AdoptExisting, ...taskDefinition(2) }));
    expect(run.answer.Status).toBe('FAILED');
    expect(run.seconds).toBeLessThanOrEqual(10);
  });

  test('answers before its deadline, although its former owner may not read it by then', async () => {
    const run = await simulate(withDaemon({}, OTHERS), createRequest({ AdoptExisting, TimeoutInMinutes: 4 }));
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } });
    expect(run.seconds).toBeLessThanOrEqual(180);
  });

  test('fails without a rollout if another caller changes the daemon before its former owner must read the adoption', async () => {
    const api = withDaemon({}, OTHERS);
    api.readLagSeconds = 0;
    let done = false;
    const run = await simulate(api, createRequest({ AdoptExisting }), { meanwhile: (_, { logLines }) => {
      const waits = logLines.includes('APPLYING: waits until reads of the former owner must return the adoption');
      if (waits && !done) done = Boolean(api.deployByHand(DAEMON_ARN, settings(taskDefinition(7)), scripted([0, 'SUCCESSFUL', 12])));
    } });
    expect(run.answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: DAEMON_ARN });
    expect(run.answer.Reason).toContain('the daemon agent was changed during its adoption: task definition is agent:7 instead of agent:1');
    expect(writesOf(api)).toEqual(['tag']);
  });

  test('waits for a deployment that reads do not show yet (A15)', async () => {
    const api = withDaemon({}, NOBODY);
    const begin = api.now;
    seenAs(api, () => api.now < begin + 60_000 ? undefined : {});
    const run = await simulate(api, createRequest({ AdoptExisting }));
    expect(run.answer.Status).toBe('SUCCESS');
    expect(run.seconds).toBeGreaterThanOrEqual(60);
  });

  test('waits for no deployment if the daemon names none', async () => {
    const api = withDaemon({}, NOBODY);
    const describeDaemon = api.describeDaemon.bind(api);
    api.describeDaemon = async (arn) => ({ ...await describeDaemon(arn), latestArn: '' });
    const run = await simulate(api, createRequest({ AdoptExisting }));
    expect(run.seconds).toBeLessThan(60);
  });

  test('creates the daemon if it does not exist', async () => {
    const api = new FakeDaemonApi();
    const run = await simulate(api, createRequest({ AdoptExisting }));
    expect(run.answer.Status).toBe('SUCCESS');
    expect(writesOf(api)).toEqual(['createDaemon']);
  });

  test('checks no alarms, since it starts no deployment', async () => {
    const api = withDaemon({}, NOBODY);
    api.addAlarm('errors', 'ALARM', 'too many');
    const run = await simulate(api, createRequest({ AdoptExisting, AlarmNames: ['errors'] }));
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } });
    expect(api.calls.map(({ name }) => name)).not.toContain('describeAlarms');
  });

  test('waits for a deployment of the former owner to end', async () => {
    const api = withDaemon({}, NOBODY);
    api.deployByHand(DAEMON_ARN, { ...api.daemons.get(DAEMON_ARN)![0]!.deployments[0]!.settings, critical: false });
    api.now += 10_000;
    const run = await simulate(api, createRequest({ AdoptExisting, Critical: false }));
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED', DeploymentArn: 'deployment-2' } });
    expect(writesOf(api)).toEqual(['tag']);
    expect(run.lines[0]).toBe('WAITING_TURN: waits for the deployment deployment-2 of the daemon agent, which is to be adopted, to end');
  });

  describe('from another resource of its stack', () => {
    const adoptWhile = async (DaemonName: string) => {
      const api = withDaemon({}, OTHER_LOGICAL_ID);
      api.deployByHand(DAEMON_ARN, settings({ Critical: false }));
      const events = [
        event(api, 'Agent', 'UPDATE_IN_PROGRESS'),
        event(api, 'Former', 'UPDATE_COMPLETE', { DaemonName }), event(api, 'Former', 'UPDATE_IN_PROGRESS', { DaemonName }),
      ];
      const resourceEvents = () => events;
      const run = await simulate(api, createRequest({ AdoptExisting, Critical: false }), { resourceEvents });
      return { ...run, writes: writesOf(api) };
    };

    test('fails at once if that resource requests the daemon in the same deployment', async () => {
      const { answer, writes, seconds } = await adoptWhile('agent');
      expect(answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: DAEMON_ARN });
      expect(answer.Reason).toContain('PREFLIGHT: the daemon agent is not adopted, because the resource Former of this stack requests it in the same deployment; '
        + 'it was left alone');
      expect(writes).toEqual([]);
      expect(seconds).toBeLessThan(60);
    });

    test('adopts the daemon if that resource gets another name', async () => {
      const { answer, writes } = await adoptWhile('renamed');
      expect(answer.Status).toBe('SUCCESS');
      expect(writes[0]).toBe('tag');
    });
  });

  test.each([[48, 'SUCCESS'], [49, 'FAILED']])('with %d tags on the daemon, of 50 that are allowed, ends as %s', async (count, status) => {
    const tags = Object.fromEntries(Array.from({ length: count - 1 }, (_, index) => [`tag${index}`, 'x']));
    const api = withDaemon({}, { ...tags, 'aws:cloudformation:stack-name': 'does not count' });
    const run = await simulate(api, createRequest({ AdoptExisting }));
    expect(run.answer.Status).toBe(status);
    if (status === 'FAILED') {
      expect(run.answer.Reason).toContain('the daemon agent cannot be adopted, because it would have 51 tags, with those that keep what is replaced, and ECS allows 50');
      expect(writesOf(api)).toEqual([]);
    }
  });

  test.each([[100, 'SUCCESS'], [101, 'FAILED']])('with a tag to replace of which the key has %d characters ends as %s', async (length, status) => {
    const key = 'k'.repeat(length);
    const api = withDaemon({}, { [key]: 'theirs' });
    const run = await simulate(api, createRequest({ AdoptExisting, Tags: [{ key, value: 'ours' }] }));
    expect(run.answer.Status).toBe(status);
    if (status === 'FAILED') expect(run.answer.Reason).toContain(`the key of its tag ${key} is too long to keep what is replaced`);
  });

  test.each([0, 5, 120].flatMap((lag) => (['before', 'after'] as const).map((moment) => [moment, lag] as const)))(
    'cut off %s the tags were written, with a read lag of %d s, adopts once', async (moment, readLagSeconds) => {
      const api = withDaemon({}, NOBODY);
      api.readLagSeconds = readLagSeconds;
      const run = await simulate(api, createRequest({ AdoptExisting }), {
        cut: (command, attempt) => command === 'adopt-daemon' && attempt === 1 ? moment : undefined,
      });
      expect(run.answer.Status).toBe('SUCCESS');
      expect(writesOf(api)).toEqual(['tag']);
      expect(tagsOf(api)[RECORD]).toBe('this-operation');
    });

  test('fails if another stack has adopted the daemon at the same time', async () => {
    const api = withDaemon({}, NOBODY);
    const run = await simulate(api, createRequest({ AdoptExisting }), {
      meanwhile: (_, { adoption }) => {
        if (adoption && tagsOf(api)[STACK] === STACK_ID) void api.tag(DAEMON_ARN, { [STACK]: OTHER_STACK });
      },
    });
    expect(run.answer.Status).toBe('FAILED');
    expect(run.answer.Reason).toContain('belongs to the resource Agent of the stack others; it was left alone');
    expect(writesOf(api)).not.toContain('updateDaemon');
  });

  test('tolerates denied writes of tags while permissions become effective', async () => {
    const api = withDaemon({}, NOBODY);
    const begin = api.now;
    api.refuse = (call) => call === 'tag' && api.now < begin + 100_000 ? { kind: 'denied', name: 'AccessDeniedException', message: 'no' } : undefined;
    const run = await simulate(api, createRequest({ AdoptExisting }));
    expect(run.answer.Status).toBe('SUCCESS');
    expect(run.seconds).toBeGreaterThanOrEqual(100);
  });

  test('continues where an earlier attempt has stopped, and keeps its record', async () => {
    const api = withDaemon({}, { ...OWNER_TAGS, [RECORD]: 'this-operation' });
    const run = await simulate(api, createRequest({ AdoptExisting }));
    expect(run.answer.Status).toBe('SUCCESS');
    expect(writesOf(api)).toEqual([]);
    expect(tagsOf(api)[RECORD]).toBe('this-operation');
  });

  test('does not mistake the tags of an adoption that was just rolled back for those of an earlier attempt (A28)', async () => {
    const api = withDaemon({}, OTHERS);
    const begin = api.now;
    const listTags = api.listTags.bind(api);
    api.listTags = async (arn) => api.now < begin + 120_000 ? { ...OWNER_TAGS, [RECORD]: 'earlier-operation' } : listTags(arn);
    const run = await simulate(api, createRequest({ ...taskDefinition(2) }));
    expect(run.answer.Status).toBe('FAILED');
    expect(writesOf(api)).toEqual([]);
  });

  test('waits as long after an earlier attempt as after the first one, which may be recent (A28)', async () => {
    const api = withDaemon({}, { ...OWNER_TAGS, [RECORD]: 'this-operation' });
    const run = await simulate(api, createRequest({ AdoptExisting }));
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } });
    expect(run.seconds).toBeGreaterThanOrEqual(130);
  });

  test('removes the record of an earlier adoption by the former owner from the tags', async () => {
    const api = withDaemon({}, { ...OTHERS, [RECORD]: 'their-operation', [`${WAS}stage`]: 'old' });
    await simulate(api, createRequest({ AdoptExisting }));
    expect(tagsOf(api)).not.toHaveProperty([`${WAS}stage`]);
    expect(tagsOf(api)[RECORD]).toBe('this-operation');
  });

  test('adopts after a change of name too, in an Update', async () => {
    const api = withDaemon({}, NOBODY);
    const former = DAEMON_ARN.replace('/agent', '/former');
    const run = await simulate(api, updateRequest({ DaemonName: 'former' }, { AdoptExisting }, former));
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: DAEMON_ARN });
    expect(writesOf(api)).toEqual(['tag']);
  });

  describe('after a change of name, in an Update that fails, answers with', () => {
    const former = DAEMON_ARN.replace('/agent', '/former');
    const update = (more = {}) => updateRequest({ DaemonName: 'former' }, { AdoptExisting, ...more }, former);

    test('the new id once the daemon was adopted', async () => {
      const api = withDaemon({}, NOBODY);
      const run = await simulate(api, update(), { meanwhile: (_, { adoption }) => {
        if (adoption && api.daemons.get(DAEMON_ARN)![0]!.deployments.length === 1) {
          api.deployByHand(DAEMON_ARN, settings(taskDefinition(7)), scripted([0, 'SUCCESSFUL', 12]));
        }
      } });
      expect(run.answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: DAEMON_ARN });
    });

    test('the requested id if the daemon differs', async () => {
      const run = await simulate(withDaemon({}, NOBODY), update(taskDefinition(2)));
      expect(run.answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: former });
    });

    test('the requested id if it cannot be adopted', async () => {
      const tags = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`tag${index}`, 'x']));
      const run = await simulate(withDaemon({}, tags), update());
      expect(run.answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: former });
    });

    test('the requested id if another resource of the stack requests the daemon', async () => {
      const api = withDaemon({}, OTHER_LOGICAL_ID);
      const run = await simulate(api, update(), { resourceEvents: () => [event(api, 'Former', 'UPDATE_IN_PROGRESS')] });
      expect(run.answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: former });
      expect(run.answer.Reason).toContain('because the resource Former of this stack requests it in the same deployment');
    });

    test('the requested id if its tags may not be written', async () => {
      const api = withDaemon({}, NOBODY);
      api.refuse = (call) => call === 'tag' ? { kind: 'denied', name: 'AccessDeniedException', message: 'no' } : undefined;
      const run = await simulate(api, update());
      expect(run.answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: former });
    });
  });

  test('does not happen while the stack rolls back', async () => {
    const api = withDaemon({}, NOBODY);
    const former = DAEMON_ARN.replace('/agent', '/former');
    const run = await simulate(api, updateRequest({ DaemonName: 'former' }, { AdoptExisting }, former), { rollingBack: true });
    expect(run.answer.Data).toMatchObject({ Outcome: 'DEGRADED' });
    expect(writesOf(api)).toEqual([]);
  });
});

describe('the record of an adoption', () => {
  const adopted = { ...OWNER_TAGS, [`${WAS}team`]: 'theirs', [RECORD]: 'an-operation-long-ago' };

  test('is removed by the first Update after the operation completes, without a drain', async () => {
    const api = withDaemon({}, adopted);
    const run = await simulate(api, updateRequest({ AdoptExisting }, {}));
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } });
    expect(writesOf(api)).toEqual(['untag']);
    expect(tagsOf(api)).toEqual(OWNER_TAGS);
  });

  test('stays until the operation completes, since the stack may still roll back', async () => {
    const api = withDaemon({}, { ...adopted, [RECORD]: 'this-operation' });
    await simulate(api, updateRequest({ AdoptExisting }, {}));
    expect(writesOf(api)).toEqual([]);
  });

  test('is removed from a daemon that another stack has released', async () => {
    const api = withDaemon({}, { ...OWNER_TAGS, [`${WAS}cdk-ecs-managed-daemons:stack-id`]: OWNER_TAGS['cdk-ecs-managed-daemons:stack-id']! });
    await simulate(api, updateRequest({}, { DrainPercent: 30 }));
    expect(writesOf(api)).toEqual(['untag']);
    expect(tagsOf(api)).toEqual(OWNER_TAGS);
  });

  test('does not hinder a rollout', async () => {
    const api = withDaemon({}, adopted);
    const run = await simulate(api, updateRequest({ AdoptExisting }, { AdoptExisting, ...taskDefinition(2) }));
    expect(run.answer.Status).toBe('SUCCESS');
    expect(writesOf(api)).toEqual(['untag', 'updateDaemon']);
    expect(tagsOf(api)).toEqual(OWNER_TAGS);
  });

  test('does not prevent a later deletion', async () => {
    const api = withDaemon({}, adopted);
    const run = await simulate(api, deleteRequest(DAEMON_ARN, { AdoptExisting }));
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
    expect(api.exists(DAEMON_ARN)).toBe(false);
  });
});

test('the deletion of the resource that a daemon was adopted from leaves it alone', async () => {
  const api = withDaemon({}, OTHER_LOGICAL_ID);
  await simulate(api, createRequest({ AdoptExisting }));
  const run = await simulate(api, { ...deleteRequest(), LogicalResourceId: 'Former' });
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } });
  expect(run.answer.Reason).toContain('belongs to the resource Agent of the stack demo; it was left alone');
  expect(writesOf(api)).toEqual(['tag']);
});
