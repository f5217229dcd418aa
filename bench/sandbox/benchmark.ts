/**
 * `npm run bench:sandbox`: the CPU that the sandbox's ECS takes for an update of a whole fleet at 25 %, from the call to the end of the
 * deployment, looked at every 20 s of virtual time as a rollout does.
 */
import { EcsByItself, SEED } from '../../test/sandbox/ecs/ecs-by-itself';

const BUDGET_SECONDS = 1;
const FLEETS = [250, 500, 1000, 2000];
const ROUNDS = 5;
const LOOK_SECONDS = 20;

async function untilSuccessful(world: EcsByItself, instances: number, deploymentArn: string): Promise<void> {
  for (let looks = 0; looks < 1000; looks++) {
    await world.clock.advance(LOOK_SECONDS);
    const { daemonDeployments } = world.call('DescribeDaemonDeployments', { daemonDeploymentArns: [deploymentArn] });
    const [deployment] = daemonDeployments;
    if (deployment?.status !== 'SUCCESSFUL') continue;
    if (deployment.targetDaemonRevision.totalRunningInstanceCount !== instances) throw new Error('not all instances have moved');
    return;
  }
  throw new Error('the deployment does not end');
}

async function cpuSeconds(instances: number): Promise<number> {
  const world = new EcsByItself({ throttle: 'off' });
  world.ecs.seedFleet({ ...SEED, instances });
  await untilSuccessful(world, instances, world.write('CreateDaemon', 'agent:1').deploymentArn);
  const before = process.cpuUsage();
  await untilSuccessful(world, instances, world.write('UpdateDaemon', 'agent:2', { deploymentConfiguration: { drainPercent: 25 } }).deploymentArn);
  const { user, system } = process.cpuUsage(before);
  world.clock.close();
  return (user + system) / 1e6;
}

async function main(): Promise<void> {
  console.log(process.version);
  for (const instances of FLEETS) await cpuSeconds(instances); // compiles
  const rounds: Record<number, number>[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const seconds: Record<number, number> = {};
    for (const instances of FLEETS) seconds[instances] = await cpuSeconds(instances);
    rounds.push(seconds);
  }
  // the least of the rounds: what else the machine does and the collection of garbage only add to it
  const seconds = (instances: number): number => Math.min(...rounds.map((round) => round[instances]!));
  for (const instances of FLEETS) {
    const each = (seconds(instances) / instances * 1000).toFixed(3);
    console.log(`${String(instances).padStart(5)} instances: ${seconds(instances).toFixed(3)} s of CPU, ${each} ms each`);
  }
  const budgeted = seconds(1000);
  // four times the instances in at most eight times the CPU: what grows with the square takes sixteen times
  const linear = seconds(2000) <= 8 * seconds(500);
  console.log(`1000 instances: ${budgeted.toFixed(3)} s (budget: at most ${BUDGET_SECONDS} s), ${linear ? 'linear' : 'not linear'} in instances`);
  process.exitCode = budgeted <= BUDGET_SECONDS && linear ? 0 : 1;
}

void main();
