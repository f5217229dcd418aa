import { ApiFault } from '../../lambda/rollout/aws/fault';
import { FakeDaemonApi, scripted } from './fake-daemon-api';
import { addDaemon, withDaemon, writesOf } from './fixtures';
import { createRequest, DAEMON_ARN, deleteRequest, OWNER_TAGS, settings, taskDefinition, updateRequest } from './requests';
import { simulate } from './simulate';

const GENERATED_ID = 'demo-Agent-1ABCDEF';

test('a delete removes the daemon and waits until two reads confirm that it is gone (A16)', async () => {
  const api = withDaemon();
  const run = await simulate(api, deleteRequest());
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: DAEMON_ARN, Data: { Outcome: 'SUCCEEDED', DeploymentArn: 'deployment-1' } });
  expect(writesOf(api)).toEqual(['deleteDaemon']);
  expect(run.seconds).toBeGreaterThanOrEqual(600);
  expect(run.seconds).toBeLessThanOrEqual(630);
});

test('a delete leaves a daemon of another owner alone, whatever the id is', async () => {
  const api = withDaemon({}, { owner: 'somebody' });
  const run = await simulate(api, deleteRequest());
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } });
  expect(writesOf(api)).toEqual([]);
});

test('a delete uses the properties, not an id that CloudFormation has invented (E9)', async () => {
  const api = withDaemon();
  const run = await simulate(api, deleteRequest(GENERATED_ID));
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: GENERATED_ID });
  expect(writesOf(api)).toEqual(['deleteDaemon']);
});

test('a delete of a daemon that does not exist succeeds after the consistency window (A28)', async () => {
  const run = await simulate(new FakeDaemonApi(), deleteRequest());
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } });
  expect(run.seconds).toBeGreaterThanOrEqual(160); // and what an older rollout has sent last has come
  expect(run.seconds).toBeLessThanOrEqual(190);
});

test.each([
  ['cut short', GENERATED_ID], ['failed at once', DAEMON_ARN],
])('a create that %s is deleted completely at any read lag (E9)', async (_how, id) => {
  for (const readLagSeconds of [0, 5, 120]) {
    const api = new FakeDaemonApi();
    api.readLagSeconds = readLagSeconds;
    await api.createDaemon({ ...settings(), clusterArn: (createRequest().ResourceProperties as { ClusterArn: string }).ClusterArn,
      daemonName: 'agent', tags: OWNER_TAGS, clientToken: 'token' });
    const run = await simulate(api, deleteRequest(id));
    expect(run.answer.Status).toBe('SUCCESS');
    expect(api.exists(DAEMON_ARN)).toBe(false);
  }
});

test.each([
  ['missing', undefined], ["somebody else's", { owner: 'somebody' }],
])('a delete waits for the last write of a create that was stopped late, while the daemon is %s (FM9)', async (_seen, tags) => {
  const api = tags ? withDaemon({}, tags) : new FakeDaemonApi();
  api.readLagSeconds = 120;
  const begin = api.now;
  let landed = false;
  const run = await simulate(api, deleteRequest(GENERATED_ID), { olderRunsForSeconds: 200, meanwhile: () => {
    if (landed || api.now < begin + 225_000) return; // 25 s after it was stopped
    landed = true;
    if (tags) void api.tag(DAEMON_ARN, OWNER_TAGS);
    else api.put(DAEMON_ARN, settings(), OWNER_TAGS);
  } });
  expect(landed).toBe(true);
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
  expect(api.exists(DAEMON_ARN)).toBe(false);
});

test('a delete waits for a deletion in progress (R38, FM14)', async () => {
  const api = withDaemon();
  await api.deleteDaemon(DAEMON_ARN);
  api.now -= 1000;
  const run = await simulate(api, deleteRequest());
  expect(run.answer.Status).toBe('SUCCESS');
  expect(api.exists(DAEMON_ARN)).toBe(false);
});

/** A daemon whose deletion ECS refuses for ten minutes (A3). */
function withDeployment(): FakeDaemonApi {
  const api = withDaemon();
  const begin = api.now;
  api.refuse = (call) => call === 'deleteDaemon' && api.now < begin + 600_000
    ? { kind: 'refused', name: 'ClientException', message: 'The daemon has a deployment in progress.' } : undefined;
  return api;
}

test('a delete that ECS rejects during a deployment is sent again (A3, FM14)', async () => {
  const api = withDeployment();
  const run = await simulate(api, deleteRequest());
  expect(run.answer.Status).toBe('SUCCESS');
  expect(api.exists(DAEMON_ARN)).toBe(false);
});

test('a daemon that another stack adopts after the first read and before the first deletion is left alone (R39)', async () => {
  const api = withDaemon();
  api.refuse = (call) => {
    if (call !== 'deleteDaemon' || api.now >= begin + 20_000) return undefined;
    api.daemons.get(DAEMON_ARN)![0]!.tags.push({ from: api.now, tags: { owner: 'somebody' } });
    return { kind: 'throttled', name: 'ThrottlingException', message: 'Rate exceeded' };
  };
  const begin = api.now;
  const run = await simulate(api, deleteRequest());
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } });
  expect(run.answer.Reason).toContain('it was left alone');
  expect(api.exists(DAEMON_ARN)).toBe(true);
});

test('a daemon that another stack adopts while ECS rejects its deletion is left alone (A3)', async () => {
  const api = withDeployment();
  api.daemons.get(DAEMON_ARN)![0]!.tags.push({ from: api.now + 300_000, tags: { owner: 'somebody' } });
  const run = await simulate(api, deleteRequest());
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } });
  expect(run.answer.Reason).toContain('it was left alone');
  expect(api.exists(DAEMON_ARN)).toBe(true);
});

test('a delete ignores the end of an earlier daemon of the same name (A28)', async () => {
  const api = withDaemon();
  const describeDaemon = api.describeDaemon.bind(api);
  const old = { ...await describeDaemon(DAEMON_ARN), status: 'DELETE_IN_PROGRESS', createdAt: api.now - 86_400_000 };
  api.daemons.clear();
  api.put(DAEMON_ARN, settings(), OWNER_TAGS);
  api.now += 10_000;
  const begin = api.now;
  api.describeDaemon = async (arn) => {
    if (api.now < begin + 10_000) return old;
    if (api.now < begin + 120_000) throw new ApiFault({ kind: 'not-found', name: 'DaemonNotFoundException', message: 'no such daemon' });
    return describeDaemon(arn);
  };
  const run = await simulate(api, deleteRequest(GENERATED_ID));
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
  expect(writesOf(api)).toEqual(['deleteDaemon']);
});

test('a daemon of another owner that has got the name in the meantime is left alone (R39)', async () => {
  const api = withDaemon();
  let retaken = false;
  const run = await simulate(api, deleteRequest(), {
    meanwhile: () => {
      if (retaken || api.exists(DAEMON_ARN)) return;
      retaken = true;
      addDaemon(api, DAEMON_ARN, {}, { owner: 'somebody' });
    },
  });
  expect(retaken).toBe(true);
  expect(run.answer.Status).toBe('SUCCESS');
  expect(writesOf(api)).toEqual(['deleteDaemon']);
  expect(api.exists(DAEMON_ARN)).toBe(true);
});

describe('tags that are still those of our daemon (A28)', () => {
  /** Somebody makes a daemon of that name at some second, and its tags show only later. */
  const namesake = (api: FakeDaemonApi, second: number, lagSeconds: number) => {
    const listTags = api.listTags.bind(api);
    let shown = 0;
    api.listTags = async (arn) => api.now < shown ? OWNER_TAGS : listTags(arn);
    return (seconds: number): void => {
      if (shown > 0 || seconds < second) return;
      shown = api.now + lagSeconds * 1000;
      api.daemons.delete(DAEMON_ARN);
      api.put(DAEMON_ARN, settings(), { owner: 'somebody' });
      api.now += 10_000;
    };
  };

  test('do not cause the deletion of a daemon of its name that another caller has created since', async () => {
    const api = withDaemon();
    const run = await simulate(api, deleteRequest(), { meanwhile: namesake(api, 300, 120) });
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
    expect(writesOf(api)).toEqual(['deleteDaemon']);
    expect(api.exists(DAEMON_ARN)).toBe(true);
  });

  test('do not count for a daemon that is created after the start of the deletion, until they must be its own', async () => {
    const api = new FakeDaemonApi();
    const run = await simulate(api, deleteRequest(), { meanwhile: namesake(api, 60, 120) });
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } });
    expect(writesOf(api)).toEqual([]);
    expect(api.exists(DAEMON_ARN)).toBe(true);
  });

  test('do not prevent the deletion of a daemon of ours that reads show only after the one before it', async () => {
    const api = withDaemon();
    const describeDaemon = api.describeDaemon.bind(api);
    const begin = api.now;
    // the first reads show a daemon of ours that was deleted a moment before this one was made
    api.describeDaemon = async (arn) => {
      const daemon = await describeDaemon(arn);
      return api.now < begin + 20_000 ? { ...daemon, createdAt: daemon.createdAt - 60_000 } : daemon;
    };
    const run = await simulate(api, deleteRequest());
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
    expect(api.exists(DAEMON_ARN)).toBe(false);
  });

  test('count in the end for a daemon that a late Create of ours has created', async () => {
    const api = new FakeDaemonApi();
    let isMade = false;
    const run = await simulate(api, deleteRequest(), { meanwhile: (seconds) => {
      if (isMade || seconds < 20) return;
      isMade = true;
      api.put(DAEMON_ARN, settings(), OWNER_TAGS);
    } });
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
    expect(writesOf(api)).toEqual(['deleteDaemon']);
  });
});

test('a deletion that ECS rolls back is requested twice, then fails (A16)', async () => {
  const api = withDaemon();
  const deleteDaemon = api.deleteDaemon.bind(api);
  let requests = 0;
  api.deleteDaemon = (arn) => { requests++; return deleteDaemon(arn); };
  const run = await simulate(api, deleteRequest(), { meanwhile: () => {
    const daemon = api.daemons.get(DAEMON_ARN)![0]!;
    if (daemon.deletedAt !== undefined && api.now - daemon.deletedAt > 200_000) daemon.deletedAt = undefined;
  } });
  expect(run.answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: DAEMON_ARN });
  expect(run.answer.Reason).toContain('rolled the deletion of the daemon agent back twice');
  expect(requests).toBe(2);
});

test.each(['before', 'after'] as const)('a delete that is interrupted %s its request took effect succeeds', async (moment) => {
  const api = withDaemon();
  api.readLagSeconds = 120;
  const run = await simulate(api, deleteRequest(), { cut: (_command, attempt) => attempt === 1 ? moment : undefined });
  expect(run.answer.Status).toBe('SUCCESS');
  expect(api.exists(DAEMON_ARN)).toBe(false);
});

test.each([1, 2])('a lost request does not count as one that ECS rolls back: of three, request %d is lost (A16)', async (lost) => {
  const api = withDaemon();
  const deleteDaemon = api.deleteDaemon.bind(api);
  let arrived = 0;
  api.deleteDaemon = (arn) => { arrived++; return deleteDaemon(arn); };
  const run = await simulate(api, deleteRequest(), {
    cut: (_command, attempt) => attempt === lost ? 'before' : undefined,
    meanwhile: () => {
      const daemon = api.daemons.get(DAEMON_ARN)![0]!;
      if (arrived === 1 && daemon.deletedAt !== undefined && api.now - daemon.deletedAt > 60_000) daemon.deletedAt = undefined;
    },
  });
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
  expect(run.lines).toContain('DRAINING: the interrupted request has had no effect; requests the deletion again');
  expect(arrived).toBe(2);
});

test.each([
  ['was rolled back', undefined, ['deleteDaemon']],
  ['was lost', 'before' as const, []],
])('a daemon that another stack has adopted when its deletion %s is left alone', async (_what, cut, writes) => {
  const api = withDaemon();
  const daemon = api.daemons.get(DAEMON_ARN)![0]!;
  daemon.tags.push({ from: api.now + 60_000, tags: { owner: 'somebody' } });
  const run = await simulate(api, deleteRequest(), {
    cut: () => cut,
    meanwhile: (seconds) => { if (seconds > 120) daemon.deletedAt = undefined; },
  });
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } });
  expect(run.answer.Reason).toContain('it was left alone');
  expect(writesOf(api)).toEqual(writes);
});

test('a deletion that ECS rejects without a visible deployment is sent again once one must show, and has started nothing (A3)', async () => {
  const api = withDaemon();
  let refusals = 0;
  api.refuse = (call) => call !== 'deleteDaemon' ? undefined
    : { kind: 'refused', name: 'InvalidParameterException', message: `The daemon has a deployment in progress (${++refusals}).` };
  const run = await simulate(api, deleteRequest(), { cut: (_command, attempt) => attempt <= 2 ? 'before' : undefined });
  expect(run.answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: DAEMON_ARN });
  expect(run.answer.Reason).toMatch(/TIMED_OUT after 55 minutes; ECS refused the deletion: .*; nothing was started/);
  expect(refusals).toBeGreaterThan(15);
  expect(refusals).toBeLessThan(26);
});

test('a read that is older than the deletion, after one that has shown it, causes no second request (A28)', async () => {
  const api = withDaemon();
  const describeDaemon = api.describeDaemon.bind(api);
  const before = await describeDaemon(DAEMON_ARN);
  let deletingAt: number | undefined;
  let reads = 0;
  api.describeDaemon = async (arn) => {
    const daemon = await describeDaemon(arn);
    if (daemon.status === 'DELETE_IN_PROGRESS') deletingAt ??= api.now;
    const isStale = deletingAt !== undefined && api.now < deletingAt + 100_000 && ++reads % 2 === 0;
    return isStale ? before : daemon;
  };
  const run = await simulate(api, deleteRequest());
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
  expect(writesOf(api)).toEqual(['deleteDaemon']);
});

test('a daemon created a moment ago is not gone because two reads are older than its creation (A28)', async () => {
  const api = new FakeDaemonApi();
  api.readLagSeconds = 0;
  api.put(DAEMON_ARN, settings(), OWNER_TAGS);
  const describeDaemon = api.describeDaemon.bind(api);
  const begin = api.now;
  api.describeDaemon = async (arn) => {
    const isStale = writesOf(api).length > 0 && api.now < begin + 60_000;
    if (isStale) throw new ApiFault({ kind: 'not-found', name: 'DaemonNotFoundException', message: 'Daemon not found' });
    return describeDaemon(arn);
  };
  const run = await simulate(api, deleteRequest());
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
  expect(api.exists(DAEMON_ARN)).toBe(false);
  expect(writesOf(api)).toEqual(['deleteDaemon']);
});

test('a delete leaves the daemons of other owners', async () => {
  const api = withDaemon();
  const other = DAEMON_ARN.replace('/agent', '/other');
  addDaemon(api, other);
  await simulate(api, deleteRequest());
  expect(api.exists(other)).toBe(true);
});

test('a delete succeeds if the cluster is gone', async () => {
  const api = withDaemon();
  api.refuse = (call) => call === 'describeDaemon' ? { kind: 'not-ready', name: 'ClusterNotFoundException', message: 'Cluster not found.' } : undefined;
  const run = await simulate(api, deleteRequest());
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } });
});

test('the tags of a daemon of an interrupted create may show late (E9)', async () => {
  const api = withDaemon();
  const listTags = api.listTags.bind(api);
  const shown = api.now + 60_000;
  api.listTags = async (arn) => api.now < shown ? {} : listTags(arn);
  const run = await simulate(api, deleteRequest(GENERATED_ID));
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
  expect(api.exists(DAEMON_ARN)).toBe(false);
});

test.each(['not-found', 'not-active', 'deleting'] as const)('a request that ECS rejects as %s finds a deletion in progress, and waits for it', async (kind) => {
  const api = withDaemon();
  api.refuse = (call) => {
    if (call !== 'deleteDaemon') return undefined;
    api.daemons.get(DAEMON_ARN)![0]!.deletedAt ??= api.now;
    return { kind, name: 'ClientException', message: 'no' };
  };
  const run = await simulate(api, deleteRequest());
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
  expect(run.lines.join()).not.toContain('refuses');
  expect(api.calls.filter(({ name }) => name === 'deleteDaemon')).toHaveLength(1);
});

test.each([
  ['throttled', 'DRAINING: ECS refuses for now, tried again: not now'],
  ['not-ready', 'DRAINING: ECS refuses for now, tried again: not now'],
  ['refused', 'DRAINING: ECS refuses for now: not now'],
] as const)('a request that ECS rejects as %s is sent again', async (kind, line) => {
  const api = withDaemon();
  const begin = api.now;
  api.refuse = (call) => call === 'deleteDaemon' && api.now < begin + 200_000 ? { kind, name: 'ClientException', message: 'not now' } : undefined;
  const run = await simulate(api, deleteRequest());
  expect(run.answer.Status).toBe('SUCCESS');
  expect(run.lines).toContain(line);
});

test.each([[100, 'SUCCESS'], [150, 'FAILED']])('a delete with AccessDenied for %d s ends as %s', async (seconds, status) => {
  const api = withDaemon();
  const begin = api.now;
  api.refuse = (call) => call === 'deleteDaemon' && api.now < begin + seconds * 1000
    ? { kind: 'denied', name: 'AccessDeniedException', message: 'not authorized' } : undefined;
  const run = await simulate(api, deleteRequest());
  expect(run.answer.Status).toBe(status);
  expect(run.lines).toContain('DRAINING: not allowed yet, tried again: not authorized');
  if (status === 'FAILED') expect(run.answer.Reason).toBe('DRAINING: AccessDeniedException: not authorized; log /aws/lambda/rollouts');
});

test.each([
  [0, []],
  [1, ['DRAINING: 1 instance still runs the daemon agent']],
  [2, ['DRAINING: 2 instances still run the daemon agent']],
])('a delete logs how many instances still run the daemon: %d', async (running, told) => {
  const api = withDaemon();
  const describeDaemon = api.describeDaemon.bind(api);
  api.describeDaemon = async (arn) => {
    const described = await describeDaemon(arn);
    return { ...described, revisions: described.revisions.map((revision) => ({ ...revision, running })) };
  };
  const { lines } = await simulate(api, deleteRequest());
  expect(lines.filter((line) => line.includes('still'))).toEqual(told);
});

test('a long error of ECS does not fill the reason', async () => {
  const api = withDaemon();
  api.refuse = (call) => call === 'deleteDaemon' ? { kind: 'refused', name: 'ClientException', message: 'x'.repeat(500) } : undefined;
  const run = await simulate(api, deleteRequest());
  expect(run.answer.Reason).toContain(`ECS refused the deletion: ${'x'.repeat(200)}; nothing was started`);
});

describe('the daemon that a failed change of name has left', () => {
  const NEW_ARN = DAEMON_ARN.replace('/agent', '/agent-2');
  const back = () => updateRequest({ DaemonName: 'agent-2', ...taskDefinition(2) }, {}, DAEMON_ARN);
  const rollingBack = { rollingBack: true };
  const toldOf = (lines: readonly string[]) => lines.filter((line) => line.includes('agent-2'));

  test('is deleted, and its end is logged', async () => {
    const api = withDaemon();
    addDaemon(api, NEW_ARN);
    const { lines } = await simulate(api, back(), rollingBack);
    expect(toldOf(lines)).toEqual([
      'DRAINING: deletes the daemon agent-2', 'DRAINING: 12 instances still run the daemon agent-2',
      'DRAINING: the daemon agent-2 that the failed update had created is deleted',
    ]);
  });

  test('is ignored if it was never created', async () => {
    const { lines } = await simulate(withDaemon(), back(), rollingBack);
    expect(toldOf(lines)).toEqual(['DRAINING: there is no daemon agent-2; reads again, since a new one may not be visible yet']);
  });

  test('is left alone if another owner has it', async () => {
    const api = withDaemon();
    addDaemon(api, NEW_ARN, {}, { owner: 'somebody' });
    const { lines } = await simulate(api, back(), rollingBack);
    expect(toldOf(lines)).toEqual(['DRAINING: the daemon agent-2 belongs to nobody that its tags name; it was left alone']);
  });

  test('is deleted even if the current daemon was deleted manually and is created again', async () => {
    const api = new FakeDaemonApi();
    addDaemon(api, NEW_ARN);
    const run = await simulate(api, back(), rollingBack);
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
    expect(writesOf(api)).toEqual(['deleteDaemon', 'createDaemon']);
  });

  test('is reported as deleted by a rollback that then fails', async () => {
    const api = withDaemon();
    api.readLagSeconds = 0;
    addDaemon(api, NEW_ARN);
    let begun = false;
    const run = await simulate(api, back(), { ...rollingBack, meanwhile: () => {
      if (begun || api.exists(NEW_ARN)) return;
      begun = true;
      api.deployByHand(DAEMON_ARN, settings(taskDefinition(9)), scripted([0, 'IN_PROGRESS', 3]));
    } });
    expect(run.answer.Reason).toContain('only the daemon agent-2 was deleted');
  });
});
