import { Duration } from 'aws-cdk-lib';
import { DeploymentBench } from './deployment';
import { logLines } from './reasons';

let bench: DeploymentBench;
afterEach(() => bench.close());

/** Stops the execution that runs when the so-manieth deployment from now on has begun, as an operator would. */
function stopAtDeployment(number: number): void {
  let left = number;
  const stopListening = bench.sandbox.ecs.onDeploymentStatus(({ status }) => {
    if (status !== 'IN_PROGRESS' || --left > 0) return;
    stopListening();
    void stopRollout();
  });
}

async function stopRollout(): Promise<void> {
  const { Functions } = await bench.sandbox.call('lambda', 'ListFunctions', {});
  const { FunctionName } = Functions.find((made: { FunctionName: string }) => made.FunctionName.includes('Rollout'));
  const { DurableExecutions } = await bench.sandbox.call('lambda', 'ListDurableExecutionsByFunction', { FunctionName, Statuses: ['RUNNING'] });
  await bench.sandbox.call('lambda', 'StopDurableExecution', {
    DurableExecutionArn: DurableExecutions[0].DurableExecutionArn, Error: { ErrorType: 'Operator', ErrorMessage: 'wrong image' },
  });
}

describe('a rollout that a person stops', () => {
  test('fails the stack at once, and the fleet goes back', async () => {
    bench = await DeploymentBench.start();
    await bench.deploy({ imageTag: '1' });
    stopAtDeployment(1);
    const updated = await bench.deploy({ imageTag: '2' });
    expect(updated.stackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(updated.reasons.join()).toContain("the rollout's execution ended as STOPPED without an answer: wrong image");
    expect(await bench.runningImageTags()).toEqual(['1']);
  });

  test('FM11: in the rollback of the stack leaves no UPDATE_ROLLBACK_FAILED behind, and is loud', async () => {
    bench = await DeploymentBench.start();
    await bench.deploy({ imageTag: '1' });
    stopAtDeployment(2);
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
