import { AwsError } from '../../sandbox/core/aws-error';
import type { Coverage } from '../world/coverage';
import type { Dispatcher } from '../world/dispatcher';
import { STOPPED_MANUALLY, type Oracle } from '../oracle/oracle';
import type { Disturbance, DisturbanceKind } from '../scenario/scenario';
import type { Trace } from '../world/trace';
import type { Truth } from '../oracle/truth';
import { CLUSTER_ARN, daemonArn, type SimulatedWorld } from '../world/world';

/** The parts of a simulation that a disturbance changes. */
export interface Disturbed {
  readonly coverage: Coverage;
  readonly world: SimulatedWorld;
  readonly oracle: Oracle;
  readonly truth: Truth;
  readonly dispatcher: Dispatcher;
  readonly stacks: readonly { readonly name: string }[];
  /** The ARNs of daemons that a person has created. */
  readonly createdManually: Set<string>;
  readonly trace: Trace;
  taskDefinition(family: string, image: string): string;
}

type Act = (simulation: Disturbed, choice: Disturbance['choice']) => string | undefined;

/** Manual writes and events of the fleet. Each returns a description, or undefined if it does not apply. */
const ACTS: Readonly<Record<DisturbanceKind, Act>> = {
  'manual-update': (simulation, choice) => {
    const daemon = pick(simulation, choice);
    if (!daemon) return undefined;
    simulation.oracle.foreignWrite(daemon.arn);
    simulation.world.call('UpdateDaemon', {
      daemonArn: daemon.arn, capacityProviderArns: daemon.capacityProviderArns,
      daemonTaskDefinitionArn: simulation.taskDefinition('by-hand', `good:${choice.integer(1, 3)}`),
    });
    return `updates ${daemon.arn} manually`;
  },
  'manual-delete': (simulation, choice) => {
    const daemon = pick(simulation, choice);
    if (!daemon) return undefined;
    simulation.oracle.foreignWrite(daemon.arn);
    simulation.world.call('DeleteDaemon', { daemonArn: daemon.arn });
    return `deletes ${daemon.arn} manually`;
  },
  'foreign-daemon': (simulation, choice) => {
    // sometimes with a name that a stack will use
    const daemonName = choice.chance(0.5) ? 'foreign' : `${choice.pick(simulation.stacks).name}-Daemon${choice.integer(1, 3)}`;
    const providers = [...simulation.world.ecs['fleets'].keys()];
    simulation.world.call('CreateDaemon', {
      clusterArn: CLUSTER_ARN, daemonName, capacityProviderArns: [choice.pick(providers)],
      daemonTaskDefinitionArn: simulation.taskDefinition('by-hand', 'good:1'),
    });
    simulation.createdManually.add(daemonArn(daemonName));
    return `creates the daemon ${daemonName}`;
  },
  'alarm-flap': ({ world }, choice) => {
    const name = alarm(world, choice);
    if (!name) return undefined;
    world.setAlarm(name, choice.pick(['ALARM', 'INSUFFICIENT_DATA']));
    world.clock.after(choice.between(1, 600), () => world.setAlarm(name, 'OK'));
    return `has the alarm ${name} flap`;
  },
  'alarm-stays-in-alarm': ({ world }, choice) => {
    const name = alarm(world, choice);
    if (name) world.setAlarm(name, 'ALARM');
    return name && `puts the alarm ${name} into ALARM for good`;
  },
  'stopped-execution': ({ dispatcher }, choice) => {
    const running = dispatcher.executions.filter(({ status }) => status === 'RUNNING');
    if (running.length === 0) return undefined;
    const execution = choice.pick(running);
    execution.stop({ type: STOPPED_MANUALLY, message: 'a person has stopped it' });
    return `stops the execution ${execution.name}`;
  },
  'paused-execution': ({ dispatcher, world }, choice) => {
    const running = dispatcher.executions.filter(({ status }) => status === 'RUNNING');
    if (running.length === 0) return undefined;
    const execution = choice.pick(running);
    execution.pause();
    world.clock.wake(choice.pick([choice.between(1, 300), choice.between(1, 6000)]), () => execution.resume());
    return `pauses the execution ${execution.name}`;
  },
  'hanging-drain': ({ world }, choice) => {
    const instances = [...world.ecs['fleets'].values()].flatMap((fleet) => [...fleet.instances]).filter(({ state }) => state === 'ACTIVE');
    if (instances.length === 0) return undefined;
    const { id } = choice.pick(instances);
    world.ecs.hangDrain(id);
    return `lets ${id} hang when it is drained`;
  },
  'stopped-task': (simulation, choice) => {
    const daemon = pick(simulation, choice);
    const instances = [...simulation.world.ecs['fleets'].values()].flatMap((fleet) => [...fleet.instances]);
    const running = instances.filter(({ state, daemonTasks }) => state === 'ACTIVE' && daemon && daemonTasks.get(daemon.arn)?.state === 'RUNNING');
    if (!daemon || running.length === 0) return undefined;
    simulation.world.ecs.stopDaemonTask(choice.pick(running).id, daemon.arn);
    return `stops a task of ${daemon.arn}`;
  },
  'code-upgrade': ({ dispatcher }) => `upgrades the function to version ${++dispatcher.version}`,
};

export function disturb(simulation: Disturbed, { kind, choice }: Disturbance): void {
  let did: string | undefined;
  try {
    did = ACTS[kind](simulation, choice);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return; // ECS rejects it
  }
  if (did === undefined) return;
  simulation.coverage.reached('fault', kind);
  simulation.trace.add('a person', () => did);
}

function pick({ truth }: Disturbed, choice: Disturbance['choice']): ReturnType<Disturbed['truth']['daemon']> {
  const daemons = truth.daemons().filter(({ isActive, capacityProviderArns }) => isActive && capacityProviderArns.length > 0);
  return daemons.length > 0 ? choice.pick(daemons) : undefined;
}

function alarm(world: Disturbed['world'], choice: Disturbance['choice']): string | undefined {
  return ['errors', 'latency'].filter((name) => world.cloudWatch.alarm(name)).at(choice.integer(0, 1));
}
