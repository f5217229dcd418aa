import { CfnResource, type Stack } from 'aws-cdk-lib';
import type { ManagedDaemon } from 'cdk-ecs-managed-daemons';
import {
  ACCOUNT, daemonArn, FLEET, REGION, type AgentSettings,
} from '../../simulation/app/agent-app';
import { DeploymentBench, writes, type DeploymentResult } from './deployment';

let bench: DeploymentBench;
beforeEach(async () => { bench = await DeploymentBench.start(); });
afterEach(() => bench.close());

const FOREIGN_TASK_DEFINITION = `arn:aws:ecs:${REGION}:${ACCOUNT}:daemon-task-definition/foreign:1`;
const THEIRS = { team: 'theirs', cost: 'center' };
const OWNER = 'cdk-ecs-managed-daemons:stack-id';
const LOGICAL_ID = 'cdk-ecs-managed-daemons:logical-id';

const adopting: AgentSettings['daemon'] = { adoptExisting: true, tags: { team: 'ours', stage: 'test' } };
const different: AgentSettings = { imageTag: '1', daemon: adopting };
const equal: AgentSettings = { taskDefinitionArn: FOREIGN_TASK_DEFINITION, daemon: { ...adopting, passedRoles: [] } };

/** A manually created daemon, with tags and settings of its own. */
async function madeByHand(): Promise<void> {
  await bench.foreignDaemon('agent');
  await bench.sandbox.call('ecs', 'TagResource', {
    resourceArn: daemonArn('agent'), tags: Object.entries(THEIRS).map(([key, value]) => ({ key, value })),
  });
}

/** Another resource of the stack, which fails once the daemon is done. */
function failingSibling(stack: Stack, daemon: ManagedDaemon): void {
  const sibling = new CfnResource(stack, 'Sibling', {
    type: 'Custom::Sibling', properties: { ServiceToken: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:nowhere` },
  });
  sibling.node.addDependency(daemon);
}

/** As it is after a construct was moved or renamed. */
const underAnotherLogicalId = (_stack: Stack, daemon: ManagedDaemon): void =>
  (daemon.node.defaultChild as CfnResource).overrideLogicalId('Renamed');

function renamedAndFailing(stack: Stack, daemon: ManagedDaemon): void {
  underAnotherLogicalId(stack, daemon);
  failingSibling(stack, daemon);
}

const deletions = ({ requests }: DeploymentResult): unknown[] => requests.filter(({ operation }) => operation === 'DeleteDaemon');

describe('a manually created daemon', () => {
  test('that is as desired is adopted without a drain, and deleted with its stack later', async () => {
    await madeByHand();
    const created = await bench.deploy(equal);
    expect(created).toMatchObject({ error: undefined, stackStatus: 'CREATE_COMPLETE', instanceEvents: [] });
    expect(writes(created)).toEqual(['TagResource']);
    expect(await bench.tags()).toMatchObject({ cost: 'center', team: 'ours', stage: 'test', [OWNER]: expect.stringContaining(':stack/Agents/') });
    expect(await bench.runningImageTags()).toEqual(['foreign']);

    const destroyed = await bench.destroy(equal);
    expect(destroyed).toMatchObject({ error: undefined });
    expect(await bench.daemons()).toEqual([]);
  });

  test('that is not as desired fails the create, which lists the differences, and is not changed', async () => {
    await madeByHand();
    const created = await bench.deploy(different);
    expect(created).toMatchObject({ stackStatus: 'ROLLBACK_COMPLETE', instanceEvents: [] });
    expect(created.answers[0]!.Reason).toMatch(/the daemon agent cannot be adopted, because task definition is foreign:1 instead of \S+:1; it was left alone/);
    expect(writes(created)).toEqual([]);
    expect(await bench.tags()).toEqual(THEIRS);
  });

  test('loses the record of its adoption with the next update', async () => {
    await madeByHand();
    await bench.deploy(equal);
    const updated = await bench.deploy({ ...equal, daemon: { tags: adopting!.tags, passedRoles: [] } });
    expect(updated).toMatchObject({ error: undefined, stackStatus: 'UPDATE_COMPLETE', instanceEvents: [] });
    expect(writes(updated)).toEqual(['UntagResource']);
    expect(Object.keys(await bench.tags()).sort()).toEqual([LOGICAL_ID, OWNER, 'cost', 'stage', 'team']);
  });

  test('fails a create without adoptExisting, and is not changed', async () => {
    await madeByHand();
    const created = await bench.deploy({ imageTag: '1' });
    expect(created).toMatchObject({ stackStatus: 'ROLLBACK_COMPLETE', instanceEvents: [] });
    expect(created.answers[0]!.Reason).toContain('belongs to nobody that its tags name; it was left alone');
    expect(writes(created)).toEqual([]);
    expect(await bench.tags()).toEqual(THEIRS);
  });
});

describe('the release of a daemon after a rolled back adoption', () => {
  afterEach(async () => {
    expect(await bench.daemons()).toEqual(['agent']);
    expect(await bench.runningImageTags()).toEqual(['foreign']);
    expect(await bench.tags()).toEqual(THEIRS);
  });

  test('follows the failure of another resource of the stack', async () => {
    await madeByHand();
    const created = await bench.deploy({ ...equal, adapt: failingSibling });
    expect(created).toMatchObject({ stackStatus: 'ROLLBACK_COMPLETE', instanceEvents: [] });
    expect(created.answers.map(({ Status }) => Status)).toEqual(['SUCCESS', 'SUCCESS']);
    expect(created.answers[1]!.Reason).toBe('SUCCEEDED: the daemon agent is released to nobody that its tags name');
    expect(writes(created)).not.toContain('UpdateDaemon');
    expect(deletions(created)).toEqual([]);
  });

  test('follows the failure of another resource in an update that has added the daemon to the stack', async () => {
    const other = { capacityProvider: 'other' };
    await bench.close();
    bench = await DeploymentBench.start({ fleets: [FLEET, { ...FLEET, ...other }] });
    await madeByHand();
    const elsewhere: AgentSettings = { imageTag: '1', ...other, daemon: { daemonName: 'elsewhere' } };
    await bench.deploy(elsewhere);
    const updated = await bench.deploy({ ...equal, adapt: renamedAndFailing });
    expect(updated).toMatchObject({ stackStatus: 'UPDATE_ROLLBACK_COMPLETE' });
    expect(deletions(updated)).toEqual([]);
    await bench.sandbox.call('ecs', 'DeleteDaemon', { daemonArn: daemonArn('elsewhere') });
    await bench.sandbox.clock.sleep(3600);
  });
});

describe('a logical id that changes within the stack', () => {
  const named = async (): Promise<unknown> => (await bench.tags())[LOGICAL_ID];

  test('keeps the daemon without a drain and without a deletion', async () => {
    await bench.deploy({ imageTag: '1' });
    const before = await named();
    const updated = await bench.deploy({ imageTag: '1', daemon: { adoptExisting: true }, adapt: underAnotherLogicalId });
    expect(updated).toMatchObject({ error: undefined, stackStatus: 'UPDATE_COMPLETE', instanceEvents: [] });
    expect(writes(updated)).toEqual(['TagResource']);
    expect(await named()).toBe('Renamed');
    expect(before).not.toBe('Renamed');
    await bench.destroy({ imageTag: '1', daemon: { adoptExisting: true }, adapt: underAnotherLogicalId });
    expect(await bench.daemons()).toEqual([]);
  });

  test('leaves the daemon unchanged to the old one after a rollback', async () => {
    await bench.deploy({ imageTag: '1', daemon: { tags: THEIRS } });
    const before = await bench.tags();
    const updated = await bench.deploy({ ...different, adapt: renamedAndFailing });
    expect(updated).toMatchObject({ stackStatus: 'UPDATE_ROLLBACK_COMPLETE' });
    expect(deletions(updated)).toEqual([]);
    expect(await bench.tags()).toEqual(before);
    expect(await bench.runningImageTags()).toEqual(['1']);
    expect(await bench.deploy({ imageTag: '3', daemon: { tags: THEIRS } })).toMatchObject({ error: undefined, stackStatus: 'UPDATE_COMPLETE' });
  });
});
