import { DEFAULT_ASSUMPTIONS } from '../../sandbox/ecs';
import { Random } from '../world/random';
import { QUICK, type DaemonPlan, type Scenario, type Step } from './scenario';

const agent = (image: string): DaemonPlan =>
  ({ logicalId: 'Agent', name: 'agent', image, providers: ['one'], settings: { DrainPercent: 100, AlarmNames: ['errors'] } });

const deploy = (image: string): Step => ({ kind: 'deploy', pause: 400, daemons: [agent(image)] });

/** Returns a scenario of one daemon, without anything that a seed would add. */
export function singleDaemonScenario(...steps: Step[]): Scenario {
  const random = new Random(1);
  return {
    assumptions: DEFAULT_ASSUMPTIONS,
    timing: QUICK,
    fleets: { one: 2 },
    alarms: ['errors'],
    alarmKinds: {},
    existing: [],
    stacks: [{ name: 'app', options: { failedUpdateId: 'adopt', replacementRollback: 'update' }, steps }],
    disturbances: [],
    faultProbability: 0,
    callFaults: [],
    deliveryFaultProbability: 0,
    deliveryFaults: [],
    listLag: 0,
    clockAhead: 0,
    scenarioHours: 80,
    random: {
      world: random.fork(), network: random.fork(), faults: random.fork(), cloudFormation: random.fork(), delivery: random.fork(),
      later: random.fork(),
    },
  };
}

/** Short enough that faults can be tried at every call. */
export const SCENARIOS: readonly (readonly [name: string, create: () => Scenario])[] = [
  ['a create and an update', () => singleDaemonScenario(deploy('good:1'), deploy('good:2'))],
  ['an update that ECS and the stack roll back', () => singleDaemonScenario(deploy('good:1'), deploy('bad:2'))],
  ['an update that is cancelled', () => singleDaemonScenario(deploy('good:1'), { ...deploy('good:2'), cancelAfter: 30 } as Step)],
  ['a create that fails and is deleted', () => singleDaemonScenario(deploy('bad:1'))],
  ['a deletion', () => singleDaemonScenario(deploy('good:1'), { kind: 'delete', pause: 400 })],
];
