import type { RevisionCounts } from '../../lambda/rollout/observation';
import { FakeDaemonApi, scripted, steady } from './fake-daemon-api';
import { seenAs, withDaemon, writesOf } from './fixtures';
import { createRequest, DAEMON_ARN, OWNER_TAGS, settings, taskDefinition, updateRequest } from './requests';
import { simulate } from './simulate';

const atOnce = scripted([0, 'IN_PROGRESS', 3], [300, 'SUCCESSFUL', 12]);
const endless = scripted([0, 'IN_PROGRESS', 3]);
const update = updateRequest({}, taskDefinition(2));

function deploying(course = atOnce): FakeDaemonApi {
  const api = withDaemon();
  api.course = course;
  return api;
}

interface Told {
  readonly latestArn?: string;
  readonly revisions?: RevisionCounts[];
}

/** What a daemon tells of itself from a second of the rollout on, otherwise than it is. */
function naming(api: FakeDaemonApi, from: number, told: Told): void {
  const begin = api.now;
  const describeDaemon = api.describeDaemon.bind(api);
  api.describeDaemon = async (arn) => {
    const age = (api.now - begin) / 1000;
    return { ...await describeDaemon(arn), ...age >= from && told };
  };
}

const counts = (revisionArn: string, running: number, withoutDaemon = 0): RevisionCounts =>
  ({ revisionArn, running, withoutDaemon, draining: 0, capacityProviderArns: settings().capacityProviderArns });

describe('a daemon that is gone when its deployment is over', () => {
  const vanishing = (api: FakeDaemonApi, from: number): FakeDaemonApi => {
    const begin = api.now;
    api.refuse = (call) => call === 'describeDaemon' && api.now >= begin + from * 1000
      ? { kind: 'not-found', name: 'DaemonNotFoundException', message: 'no daemon' } : undefined;
    return api;
  };

  test('was deleted by another caller, if it existed before', async () => {
    const run = await simulate(vanishing(deploying(), 10), update);
    expect(run.answer.Reason).toBe('DEPLOYING: the daemon was deleted during its rollout; deployment deployment-2; log /aws/lambda/rollouts');
    expect(run.outcome).toBe('FAILED');
    expect(run.seconds).toBeLessThanOrEqual(330);
  });

  test('may be new, until the end of the consistency window', async () => {
    const api = vanishing(new FakeDaemonApi(), 0);
    api.course = scripted([0, 'IN_PROGRESS', 3], [30, 'SUCCESSFUL', 12]);
    const run = await simulate(api, createRequest());
    expect(run.answer.Reason).toContain('the daemon was deleted during its rollout');
    expect(run.seconds).toBeGreaterThanOrEqual(130);
    expect(run.seconds).toBeLessThanOrEqual(150);
  });
});

describe('a SUCCESSFUL deployment', () => {
  test('succeeds for a daemon that names no deployment, or still the one before', async () => {
    for (const latestArn of ['', 'deployment-1']) {
      const api = deploying();
      naming(api, 290, { latestArn });
      expect((await simulate(api, update)).answer.Data).toMatchObject({ Outcome: 'SUCCEEDED', DeploymentArn: 'deployment-2' });
    }
  });

  test.each([
    ['run', [counts('revision-1', 2), counts('revision-2', 10)]],
    ['belong to, though they lack the daemon,', [counts('revision-1', 0, 2), counts('revision-2', 10)]],
  ])('fails if instances still %s another revision after the consistency window', async (_how, revisions) => {
    const api = deploying();
    naming(api, 290, { revisions });
    const run = await simulate(api, update);
    expect(run.answer.Reason).toBe('DEPLOYING: the deployment is SUCCESSFUL, but instances still run revision-1; deployment deployment-2; log /aws/lambda/rollouts');
    expect(run.seconds).toBeGreaterThanOrEqual(430);
    expect(run.seconds).toBeLessThanOrEqual(460);
  });

  test('does not fail for a revision that no instance runs, and reports its own instances', async () => {
    const api = deploying();
    naming(api, 290, { revisions: [counts('revision-1', 0), counts('revision-2', 11, 1)] });
    const run = await simulate(api, update);
    expect(run.answer.Reason).toBe('SUCCEEDED: the daemon agent is rolled out to 11 instances; 1 instances are without the daemon');
    expect(run.seconds).toBeLessThanOrEqual(330);
  });

  test('fails if its revision is not the desired one', async () => {
    const api = deploying();
    const describeRevisions = api.describeRevisions.bind(api);
    api.describeRevisions = async (arns) => {
      const found = await describeRevisions(arns);
      const own = found['revision-2'];
      return { ...found, ...own && { 'revision-2': { ...own, critical: false, enableExecuteCommand: true } } };
    };
    const run = await simulate(api, update);
    expect(run.answer.Reason).toBe('DEPLOYING: the deployment is SUCCESSFUL, but its revision is not the one desired: execute command is true instead of false; '
      + 'critical is false instead of true; deployment deployment-2; log /aws/lambda/rollouts');
  });
});

describe('a daemon that another resource has adopted during its rollout', () => {
  const THEIRS = { ...OWNER_TAGS, 'cdk-ecs-managed-daemons:logical-id': 'Theirs' };
  const taken = (api: FakeDaemonApi, to = Infinity) => ({
    meanwhile: (seconds: number) => void api.tag(DAEMON_ARN, seconds >= 100 && seconds < to ? THEIRS : OWNER_TAGS),
  });
  const sentence = 'SUPERSEDED: the daemon agent was rolled out, but has been adopted meanwhile and belongs to the resource Theirs of the stack demo'
    + '; deployment deployment-2; log /aws/lambda/rollouts';

  test('is superseded, which is confirmed after the consistency window (A28)', async () => {
    const api = deploying();
    const run = await simulate(api, update, taken(api));
    expect(run.answer.Reason).toBe(`DEPLOYING: ${sentence}`);
    expect(run.outcome).toBe('SUPERSEDED');
    expect(run.seconds).toBeGreaterThanOrEqual(430);
    expect(run.seconds).toBeLessThanOrEqual(460);
  });

  test('succeeds if it was released by then', async () => {
    const api = deploying();
    const run = await simulate(api, update, taken(api, 350));
    expect(run.answer.Reason).toBe('SUCCEEDED: the daemon agent is rolled out to 12 instances');
    expect(run.seconds).toBeGreaterThanOrEqual(350);
    expect(run.seconds).toBeLessThanOrEqual(370);
  });

  test('is superseded too if the deployment has expired (A15)', async () => {
    const api = deploying();
    seenAs(api, ({ arn, status }) => (arn === 'deployment-2' && status === 'SUCCESSFUL' ? undefined : {}));
    const run = await simulate(api, update, taken(api));
    expect(run.answer.Reason).toBe(`DEPLOYING: ${sentence}`);
    expect(run.seconds).toBeGreaterThanOrEqual(430);
    expect(run.seconds).toBeLessThanOrEqual(600);
  });
});

describe('another deployment of the daemon that does not show', () => {
  const takenOver = (api: FakeDaemonApi) => (seconds: number): void => {
    if (seconds > 200 && api.exists(DAEMON_ARN) && api.updates.length === 1) {
      api.updates.push(settings());
      api.deployByHand(DAEMON_ARN, settings(taskDefinition(7)), endless);
    }
  };

  test.each([
    ['for a minute, is told by what it rolls out', 60, 'another deployment, deployment-3 of agent:7, has taken over the daemon agent after 3 of 12 instances'],
    ['at all, is told without it once no read can hide it', Infinity, 'another deployment, deployment-3, has taken over the daemon agent after 3 of 12 instances'],
  ])('%s', async (_how, hiddenSeconds, sentence) => {
    const api = deploying(endless);
    const begin = api.now;
    seenAs(api, ({ arn, createdAt }) => arn === 'deployment-3' && api.now < createdAt + hiddenSeconds * 1000 ? undefined : {});
    const run = await simulate(api, update, { meanwhile: takenOver(api) });
    expect(run.outcome).toBe('SUPERSEDED');
    expect(run.answer.Reason).toContain(sentence);
    expect(api.now - begin).toBeLessThanOrEqual(400_000);
    if (hiddenSeconds === Infinity) expect(api.now - begin).toBeGreaterThanOrEqual(330_000);
  });

  test('is reported without its revision if that does not show either', async () => {
    const api = deploying(endless);
    const describeRevisions = api.describeRevisions.bind(api);
    api.describeRevisions = async (arns) => describeRevisions(arns.filter((arn) => arn !== 'revision-3'));
    const run = await simulate(api, update, { meanwhile: takenOver(api) });
    expect(run.answer.Reason).toContain('another deployment, deployment-3, has taken over the daemon agent');
  });

  test('is reported too if ours has expired', async () => {
    for (const [hidden, sentence] of [[['deployment-2'], 'deployment-3 of agent:7, has'], [['deployment-2', 'deployment-3'], 'deployment-3, has']] as const) {
      const api = deploying(endless);
      const begin = api.now;
      seenAs(api, ({ arn }) => api.now > begin + 180_000 && (hidden as readonly string[]).includes(arn) ? undefined : {});
      const run = await simulate(api, update, { meanwhile: takenOver(api) });
      expect(run.answer.Reason).toContain(`another deployment, ${sentence} taken over the daemon agent`);
    }
  });

  test('ends a rollout that only followed a deployment in the same way', async () => {
    const api = withDaemon();
    api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), endless);
    api.now += 10_000;
    let done = false;
    const run = await simulate(api, update, { meanwhile: (seconds) => {
      if (seconds > 200 && !done) done = Boolean(api.deployByHand(DAEMON_ARN, settings(taskDefinition(7)), endless));
    } });
    expect(run.outcome).toBe('SUPERSEDED');
    expect(writesOf(api)).toEqual([]);
  });
});

describe('a rollback by ECS to the desired revision (A2)', () => {
  const rollingBackTo = (end: string): FakeDaemonApi => {
    const api = withDaemon();
    api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), scripted([0, 'IN_PROGRESS', 3], [400, 'ROLLBACK_IN_PROGRESS', 2], [700, end, 0]));
    api.now += 450_000;
    return api;
  };

  test('succeeds, and is reported as a rollback', async () => {
    const run = await simulate(rollingBackTo('ROLLBACK_SUCCESSFUL'), updateRequest(taskDefinition(2), {}), { rollingBack: true });
    expect(run.answer.Reason).toBe('SUCCEEDED: ECS has rolled the daemon agent back to the desired settings');
    expect(run.lines[0]).toBe("ROLLING_BACK: follows ECS's rollback by the deployment deployment-2");
  });

  test('fails the rollout if it fails', async () => {
    const run = await simulate(rollingBackTo('ROLLBACK_FAILED'), updateRequest(taskDefinition(2), {}), { rollingBack: true });
    expect(run.answer.Data).toMatchObject({ Outcome: 'DEGRADED' });
    expect(run.answer.Reason).toContain('ECS could not roll the daemon agent back, so that it may run several revisions');
  });
});

test.each([
  ['ROLLBACK_SUCCESSFUL', 'ECS rolled the daemon agent back'],
  ['ROLLBACK_FAILED', 'ECS could not roll the daemon agent back'],
])('a deployment that is STOPPED, and then %s, ends with the second status (A29)', async (status, sentence) => {
  const run = await simulate(deploying(scripted([0, 'IN_PROGRESS', 3], [400, 'STOPPED', 3], [440, status, 0])), update);
  expect(run.answer.Reason).toContain(sentence);
  expect(run.seconds).toBeLessThanOrEqual(480);
});

describe('an expired deployment (A15)', () => {
  const forgotten = (api: FakeDaemonApi, from: number, to = Infinity): FakeDaemonApi => {
    const begin = api.now;
    seenAs(api, ({ arn }) => arn === 'deployment-2' && api.now > begin + from * 1000 && api.now < begin + to * 1000 ? undefined : {});
    return api;
  };
  const told = (lines: readonly string[]) => lines.filter((line) => line.includes('ECS no longer returns the deployment; reads the daemon instead'));

  test('is logged once', async () => {
    const { lines } = await simulate(forgotten(deploying(steady(12)), 400), update);
    expect(told(lines)).toEqual(['DEPLOYING: ECS no longer returns the deployment; reads the daemon instead']);
  });

  test('does not count as expired while reads may not show it yet', async () => {
    const run = await simulate(forgotten(deploying(), -1, 120), update);
    expect(told(run.lines)).toEqual([]);
    expect(run.answer.Data).toMatchObject({ Outcome: 'SUCCEEDED' });
  });

  test('is not judged by the daemon if the next read returns it', async () => {
    const api = forgotten(deploying(), 300, 325);
    naming(api, 0, { revisions: [counts('revision-1', 0), counts('revision-2', 12)] });
    const run = await simulate(api, update);
    expect(run.answer.Reason).toBe('SUCCEEDED: the daemon agent is rolled out to 12 instances');
  });

  test('has succeeded if all instances run the desired revision', async () => {
    const api = forgotten(deploying(), 200);
    naming(api, 0, { revisions: [counts('revision-1', 0), counts('revision-2', 12)] });
    const run = await simulate(api, update);
    expect(run.answer.Reason).toBe('SUCCEEDED: ECS no longer returns the deployment, and the daemon agent has the desired settings');
    expect(run.answer.Data).toMatchObject({ RevisionArn: 'revision-2' });
  });

  test.each([
    ['another task definition', [counts('revision-1', 12)], 'task definition is agent:1 instead of agent:2; critical is true instead of false'],
  ])('has failed after ten minutes if instances run %s', async (_what, revisions, sentence) => {
    const api = forgotten(deploying(), 200);
    naming(api, 0, { revisions });
    const run = await simulate(api, updateRequest({}, { ...taskDefinition(2), Critical: false }));
    expect(run.answer.Reason).toBe('DEPLOYING: ECS no longer returns the deployment, and the daemon agent does not have the desired settings: '
      + `${sentence}; deployment deployment-2; log /aws/lambda/rollouts`);
    expect(run.seconds).toBeGreaterThanOrEqual(800);
    expect(run.seconds).toBeLessThanOrEqual(940);
  });

  test('is polled more slowly', async () => {
    const api = forgotten(deploying(scripted([0, 'IN_PROGRESS', 3], [2000, 'SUCCESSFUL', 12])), 200);
    const run = await simulate(api, update);
    expect(run.answer.Data).toMatchObject({ Outcome: 'SUCCEEDED' });
    expect(run.seconds).toBeGreaterThanOrEqual(2000);
    expect(run.seconds).toBeLessThanOrEqual(2110);
    const begin = api.now - run.seconds * 1000;
    const polls = api.calls.filter(({ name, at }) => name === 'describeDaemon' && at > begin + 300_000).length;
    expect(polls).toBeGreaterThanOrEqual(15);
    expect(polls).toBeLessThanOrEqual(25);
  });
});

test.each([
  ['a rollback of what was STOPPED', 'STOPPED', [0, 10, 30, 50, 70, 90, 110, 118]],
  ['the counts of what is SUCCESSFUL', 'SUCCESSFUL', [0, 4, 8, 18, 28, 38, 48, 58, 68, 78, 88, 98, 108, 118, 128, 138]],
])('polls after the end of a deployment become less frequent: %s', async (_what, status, expected) => {
  const api = deploying(scripted([0, 'IN_PROGRESS', 3], [30, status, 3]));
  const looks: number[] = [];
  const run = await simulate(api, update, { meanwhile: (seconds, { stage }) => { if (stage.name === 'verify') looks.push(seconds); } });
  expect(looks.map((look) => look - looks[0]!)).toEqual(expected);
  expect(run.answer.Status).toBe('FAILED');
});
