import { steady } from './fake-daemon-api';
import { withDaemon, writesOf } from './fixtures';
import { createRequest, DAEMON_ARN, deleteRequest, OWNER_TAGS, settings, STACK_ID, taskDefinition, updateRequest } from './requests';
import { simulate } from './simulate';

test('the same logical id of another stack is not ours', async () => {
  const other = { ...OWNER_TAGS, 'cdk-ecs-managed-daemons:stack-id': STACK_ID.replace('/demo/', '/other/') };
  for (const request of [createRequest(taskDefinition(2)), updateRequest({}, taskDefinition(2)), deleteRequest()]) {
    const api = withDaemon({}, other);
    const run = await simulate(api, request);
    expect(run.answer.Reason).toContain('belongs to the resource Agent of the stack other; it was left alone');
    expect(writesOf(api)).toEqual([]);
  }
});

test('a deployment that begins between the look and the write is seen before the write', async () => {
  const api = withDaemon();
  api.readLagSeconds = 0;
  let looks = 0;
  api.refuse = (call) => {
    if (call === 'describeDaemon' && ++looks === 2) api.deployByHand(DAEMON_ARN, settings(taskDefinition(9)), steady(12));
    return undefined;
  };
  const begin = api.now;
  const run = await simulate(api, updateRequest({}, { ...taskDefinition(2), DrainPercent: 50 }));
  expect(run.lines).toContain('APPLYING: the daemon has changed meanwhile; looks again before writing');
  expect(run.answer.Status).toBe('SUCCESS');
  expect(api.calls.find(({ name }) => name === 'updateDaemon')!.at).toBeGreaterThan(begin + 1_000_000);
});

test('a daemon that another stack adopts between the look and the write is not written to', async () => {
  const api = withDaemon();
  const adopter = { ...OWNER_TAGS, 'cdk-ecs-managed-daemons:stack-id': STACK_ID.replace('/demo/', '/other/') };
  let looks = 0;
  const listTags = api.listTags.bind(api);
  api.listTags = async (arn) => ++looks > 1 ? adopter : listTags(arn);
  const run = await simulate(api, updateRequest({}, taskDefinition(2)));
  expect(run.answer.Reason).toContain('belongs to the resource Agent of the stack other; it was left alone');
  expect(writesOf(api)).toEqual([]);
});

test('an update that was never sent is not looked for', async () => {
  const api = withDaemon();
  let looks = 0;
  api.refuse = (call) => call === 'describeDaemon' && ++looks === 2 ? { kind: 'transient', name: 'ServerException', message: 'oops' } : undefined;
  const run = await simulate(api, updateRequest({}, taskDefinition(2)));
  expect(run.answer.Status).toBe('SUCCESS');
  expect(api.calls.map(({ name }) => name)).not.toContain('listDeployments');
});

test('A16: what is left of a deleted daemon is none', async () => {
  const api = withDaemon({}, { owner: 'somebody' });
  const describeDaemon = api.describeDaemon.bind(api);
  api.describeDaemon = async (arn) => ({ ...await describeDaemon(arn), status: 'INACTIVE' });
  const run = await simulate(api, deleteRequest());
  expect(run.answer.Reason).toBe('UNCHANGED: there is no daemon agent');
});
