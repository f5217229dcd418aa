import { AwsError } from '../../sandbox/core/aws-error';
import type { CallFault, CallSite, Faults } from '../world/faults';
import { Simulation } from '../run/simulation';
import { CLUSTER_ARN, daemonArn, providerArn } from '../world/world';
import { Bookkeeper, type Account } from './account';
import type { Act, SharedScenario, WriteFaults } from './shared-scenario';
import { QUIET_SECONDS } from './quiet';

const MOST_HOURS = 48;

/** Runs a scenario with the modules of the Lambda, on the simulation's models of CloudFormation and of the durable engine. */
export async function playOnSimulation({ scenario, acts, writeFaults }: SharedScenario): Promise<Account[]> {
  const simulation = new Simulation(scenario, { faults: new FaultsOfWrites(writeFaults) });
  const bookkeeper = new Bookkeeper(simulation.world.ecs);
  simulation.prepare();
  await simulation.world.clock.run(simulation.world.clock.now() + QUIET_SECONDS * 1000);
  const accounts: Account[] = [];
  for (const act of acts) {
    const firstRequest = simulation.requests.all.length;
    await perform(simulation, bookkeeper, act);
    for (const { event, answers } of simulation.requests.all.slice(firstRequest)) {
      bookkeeper.answered(event.LogicalResourceId, event.RequestType, answers[0]?.body);
    }
    accounts.push(bookkeeper.account(act.kind === 'step' ? simulation.stacks[act.stack]!.status : ''));
  }
  return accounts;
}

async function perform(simulation: Simulation, bookkeeper: Bookkeeper, act: Act): Promise<void> {
  const { clock } = simulation.world;
  if (act.kind === 'step') {
    const stack = simulation.stacks[act.stack]!;
    const stopListening = midway(simulation, bookkeeper, act);
    let isOver = false;
    const end = simulation.take(act.step, stack).then(() => { isOver = true; });
    await clock.run(clock.now() + MOST_HOURS * 3_600_000, () => isOver);
    await end;
    stopListening();
  } else {
    existingDaemonLike(simulation, act);
  }
  await clock.run(clock.now() + QUIET_SECONDS * 1000);
}

function midway({ world, stacks, scenario }: Simulation, bookkeeper: Bookkeeper, act: Act & { kind: 'step' }): () => void {
  if (!act.midway) return () => undefined;
  const { kind, afterSeconds } = act.midway;
  const stop = world.ecs.onDeploymentStatus(({ status, daemonArn: arn }) => {
    if (status !== 'IN_PROGRESS') return;
    stop();
    world.clock.wake(afterSeconds, () => {
      if (!bookkeeper.isAtWorkOn(arn)) return;
      if (kind === 'cancel') return void (stacks[act.stack]!.status === 'UPDATE_IN_PROGRESS' && stacks[act.stack]!.cancel());
      world.setAlarm(scenario.alarms[0]!, 'ALARM');
      world.clock.after(QUIET_SECONDS / 2, () => world.setAlarm(scenario.alarms[0]!, 'OK'));
    });
  });
  return stop;
}

function existingDaemonLike(simulation: Simulation, { kind, daemonName, provider }: Exclude<Act, { kind: 'step' }>): void {
  const { world } = simulation;
  const settings = { capacityProviderArns: [providerArn(provider)], daemonTaskDefinitionArn: simulation.taskDefinition('by-hand', 'good:1') };
  try {
    if (kind === 'manual update') world.call('UpdateDaemon', { daemonArn: daemonArn(daemonName), ...settings });
    else if (kind === 'manual delete') world.call('DeleteDaemon', { daemonArn: daemonArn(daemonName) });
    else world.call('CreateDaemon', { clusterArn: CLUSTER_ARN, daemonName, ...settings });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error; // the daemon does not exist, or exists already
  }
}

/** Faults by the number of the write. */
class FaultsOfWrites implements Faults {
  private writes = 0;

  constructor(private readonly plan: WriteFaults) {}

  public choose({ service, isWrite }: CallSite): CallFault | undefined {
    return service === 'ecs' && isWrite ? this.plan.get(++this.writes) : undefined;
  }
}
