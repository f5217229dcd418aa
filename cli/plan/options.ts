import { InputError } from './input-error';
import { checkLimits, type PlanLimits } from './limits';

/** What has a cloud assembly: an `App` or a `Stage` of the CDK. */
export interface Synthesizable {
  synth(): { readonly directory: string };
}

export interface PlanOptions {
  /** The app that is deployed now: the folder of its cloud assembly, or an app. @default - nothing is deployed, everything is new */
  readonly from?: string | Synthesizable;
  /** The ids or names of the stacks to plan; `*` stands for any characters. @default - all */
  readonly stacks?: readonly string[];
  /** How many instances capacity providers have. @default - those that services of the app need; else the number is not known */
  readonly fleets?: readonly PlanFleet[];
  /** How many application tasks fit on an instance that a service needs, 1 to 1000. @default 2 */
  readonly applicationTasksPerInstance?: number;
  /** What goes wrong in the deployment. @default - nothing */
  readonly failures?: PlanFailures;
  /** What the plan must not exceed. @default - no limits */
  readonly limits?: PlanLimits;
}

/** How many instances a capacity provider has. */
export interface PlanFleet {
  /** The cluster's name; of one without a name, its logical id or the id of its construct. */
  readonly cluster: string;
  /** The capacity provider's name; of one without a name, its logical id or the id of its construct. */
  readonly capacityProvider: string;
  /** 1 to 10,000. */
  readonly instances: number;
}

/** A number of instances that was read from the account. */
export interface ReadFleet extends PlanFleet {
  readonly isRead: true;
  /** Instances that drain now: the number is not exact then. */
  readonly draining: number;
}

/** What goes wrong during the planned deployment, as with the options of the `sandbox` command. */
export interface PlanFailures {
  /** Alarms that go into ALARM so many minutes after a rollout that they protect has begun to replace instances. */
  readonly alarms?: readonly PlanAlarm[];
  /** Images of which daemon tasks do not start; `*` stands for any characters and `?` for one. */
  readonly failingImages?: readonly string[];
  /** The names of capacity providers whose first instance does not drain. */
  readonly hangingDrains?: readonly string[];
}

export interface PlanAlarm {
  /** The alarm's name; `*` stands for any characters and `?` for one. */
  readonly alarm: string;
  /** 0 to 1440. */
  readonly minutes: number;
}

const MOST_INSTANCES = 10_000;
const MOST_MINUTES = 1440;
const MOST_TASKS = 1000;

/** Rejects values that mean nothing before anything is deployed. */
export function checkOptions({ fleets = [], failures = {}, limits = {}, applicationTasksPerInstance: tasks = 1 }: PlanOptions): void {
  checkLimits(limits);
  const { alarms = [], failingImages = [] } = failures;
  const labels = fleets.map(({ cluster, capacityProvider }) => `${cluster}/${capacityProvider}`);
  const twice = labels.find((label, index) => labels.indexOf(label) !== index);
  if (twice !== undefined) throw new InputError(`A fleet must be stated once, got twice: ${twice}.`);
  fleets.forEach(({ instances }, index) => check(`The fleet ${labels[index]!}`, 'instances', instances, 1, MOST_INSTANCES));
  alarms.forEach(({ alarm, minutes }) => check(`The alarm ${alarm}`, 'minutes', minutes, 0, MOST_MINUTES));
  check('An instance', 'application tasks', tasks, 1, MOST_TASKS);
  if (failingImages.includes('')) throw new InputError('A failing image must be an image or a pattern such as *:broken, got: "".');
}

function check(what: string, unit: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new InputError(`${what} must have ${least} to ${most} ${unit}, as a whole number, got: ${value}.`);
}
