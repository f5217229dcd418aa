import { Duration } from 'aws-cdk-lib';
import { DeploymentBench } from './deployment';
import { logLines } from './reasons';

let bench: DeploymentBench;
afterEach(() => bench.close());

/** Does something to the rollout when the so-manieth deployment from now on has begun, as an operator would. */
function atDeployment(number: number, act: () => Promise<void>): void {
  let left = number;
  const stopListening = bench.sandbox.ecs.onDeploymentStatus(({ status }) => {
    if (status !== 'IN_PROGRESS' || --left > 0) return;
    stopListening();
    void act();
  });
}

async function runningRollout(): Promise<string> {
  const { Functions } = await bench.sandbox.call('lambda', 'ListFunctions', {});
  const { FunctionName } = Functions.find((made: { FunctionName: string }) => made.FunctionName.includes('Rollout'));
  const { DurableExecutions } = await bench.sandbox.call('lambda', 'ListDurableExecutionsByFunction', { FunctionName, Statuses: ['RUNNING'] });
  return DurableExecutions[0].DurableExecutionArn;
}

async function stopRollout(): Promise<void> {
  await bench.sandbox.call('lambda', 'StopDurableExecution', {
    DurableExecutionArn: await runningRollout(), Error: { ErrorType: 'Operator', ErrorMessage: 'wrong image' },
  });
}

test('a rollout that a person pauses is stopped by the rollback of the stack, which restores the fleet', async () => {
  bench = await DeploymentBench.start();
  await bench.deploy({ imageTag: '1' });
  let paused = '';
  atDeployment(1, async () => {
    paused = await runningRollout();
    await bench.sandbox.call('lambda', 'PauseDurableExecution', { DurableExecutionArn: paused });
  });
  const updated = await bench.deploy({ imageTag: '2' });
  expect(updated.stackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await bench.sandbox.call('lambda', 'GetDurableExecution', { DurableExecutionArn: paused })).toMatchObject({ Status: 'STOPPED' });
  expect(await bench.runningImageTags()).toEqual(['1']);
});

test('a gate names the rollout that a person has paused, and since when, and succeeds once it is resumed', async () => {
  bench = await DeploymentBench.start({ timing: { drainApplicationTasks: 1000 } });
  const daemon = { drainPercent: 25, timeout: Duration.hours(4) };
  await bench.deploy({ imageTag: '1', daemon });
  let paused = '';
  let pausedAt = '';
  atDeployment(1, async () => {
    paused = await runningRollout();
    await bench.sandbox.clock.sleep(3600); // its answer was due after 55 minutes: the first gate waits
    pausedAt = new Date(bench.sandbox.clock.now()).toISOString().slice(0, 16);
    await bench.sandbox.call('lambda', 'PauseDurableExecution', { DurableExecutionArn: paused });
    await bench.sandbox.clock.sleep(3600);
    await bench.sandbox.call('lambda', 'ResumeDurableExecution', { DurableExecutionArn: paused });
  });
  const updated = await bench.deploy({ imageTag: '2', daemon });
  expect(updated).toMatchObject({ stackStatus: 'UPDATE_COMPLETE', reasons: [] });
  const waits = updated.answers.map(({ Reason }) => Reason).filter((reason) => reason.includes(`waits for the rollout ${paused}`));
  expect(waits).toEqual([expect.stringMatching(`, which is PAUSED since ${pausedAt}.*: resume it, or stop it; passes the wait on to gate 2 of`)]);
  expect(await bench.runningImageTags()).toEqual(['2']);
});

describe('a rollout that a person stops', () => {
  test('fails the stack at once, and the rollback restores the fleet', async () => {
    bench = await DeploymentBench.start();
    await bench.deploy({ imageTag: '1' });
    atDeployment(1, stopRollout);
    const updated = await bench.deploy({ imageTag: '2' });
    expect(updated.stackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(updated.reasons.join()).toContain("the rollout's execution ended as STOPPED without an answer: wrong image");
    expect(await bench.runningImageTags()).toEqual(['1']);
  });

  test('in the rollback of the stack ends as DEGRADED, without UPDATE_ROLLBACK_FAILED (FM11)', async () => {
    bench = await DeploymentBench.start();
    await bench.deploy({ imageTag: '1' });
    atDeployment(2, stopRollout);
    const updated = await bench.deploy({ imageTag: '2', daemon: { drainPercent: 25, timeout: Duration.minutes(12) } });
    expect(updated.stackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(updated.answers).toMatchObject([
      { Status: 'FAILED', Reason: expect.stringMatching(/^DEPLOYING: TIMED_OUT after 12 minutes/) },
      {
        Status: 'SUCCESS',
        Reason: "DEGRADED: the stack's rollback was not completed: the rollout's execution ended as STOPPED without an answer: wrong image",
      },
    ]);
    expect(logLines(bench)).toContainEqual(expect.stringContaining(updated.answers[1]!.Reason));
  });
});
