import type { HttpAnswer, HttpRequest } from '../../sandbox/core/aws-service';
import { ConnectionLost } from '../../sandbox';
import type { InterruptionRig } from './interruption-rig';

type Call = Parameters<NonNullable<Parameters<InterruptionRig['sandbox']['intercept']>[0]['before']>>[0];

/** Seconds by which reads are late. `THOROUGH=1` also tries reads that are never and very late, in three times the time. */
export const READ_LAGS = process.env.THOROUGH ? [0, 5, 120] : [5];

/** Whether the call has had its effect when the process is killed. */
export type Moment = 'before' | 'after';

/** A place in the rollouts of a change: the nth time that their function makes this call. */
export interface Point {
  readonly call: string;
  readonly nth: number;
  readonly moment: Moment;
}

export const describePoint = ({ call, nth, moment }: Point): string => `${moment} ${call} #${nth}`;

/**
 * Watches every external call of the rollout function: of ECS, CloudWatch and CloudFormation, its checkpoints, the pages of its
 * state, and the PUT of the answer.
 *
 * Calls are identified by operation and number of occurrences, not by their place among all calls: the engine sends
 * the start of a step side by side with the step's own calls, and may put two checkpoints into one.
 */
export class CallWatch {
  private readonly made = new Map<string, number>();
  private readonly stops: (() => void)[] = [];

  constructor(private readonly rig: InterruptionRig, private readonly listener: {
    before?(call: string, nth: number): void;
    after?(call: string, nth: number): void;
  }) {
    const numbers = new Map<Call, [string, number][]>();
    this.stops.push(rig.sandbox.intercept({
      before: (call) => {
        if (!this.isOfRollout(call)) return;
        const numbered = namesOf(call).map((name) => [name, this.count(name)] as [string, number]);
        numbers.set(call, numbered);
        for (const [name, nth] of numbered) listener.before?.(name, nth);
      },
      after: (call) => {
        for (const [name, nth] of numbers.get(call) ?? []) listener.after?.(name, nth);
      },
    }));
    this.watchAnswer();
  }

  public end(): void {
    for (const stop of this.stops) stop();
  }

  /** The answer is not a call of an operation: it goes to CloudFormation's bucket. */
  private watchAnswer(): void {
    const { cloudFormation } = this.rig.sandbox;
    const receive = cloudFormation.receiveAnswer.bind(cloudFormation);
    cloudFormation.receiveAnswer = async (request: HttpRequest): Promise<HttpAnswer> => {
      if (!this.rig.isAnswerOfDaemon(request.body)) return receive(request);
      const nth = this.count('answer');
      this.listener.before?.('answer', nth);
      const received = await receive(request);
      this.listener.after?.('answer', nth);
      return received;
    };
    this.stops.push(() => { cloudFormation.receiveAnswer = receive; });
  }

  private isOfRollout({ caller, service }: Call): boolean {
    // the runtime, not the function, ships log lines
    return service !== 'logs' && caller.kind === 'function' && caller.functionArn.includes(`:${this.rig.rolloutFunction}`);
  }

  private count(name: string): number {
    const nth = (this.made.get(name) ?? 0) + 1;
    this.made.set(name, nth);
    return nth;
  }
}

/** A checkpoint is named after each of the updates in it. */
function namesOf({ operation, input }: Call): string[] {
  if (operation !== 'CheckpointDurableExecution') return [operation];
  return (input.Updates as Record<string, string>[]).map(({ Name, Action }) => `checkpoint of ${Name} ${Action}`);
}

/** What happens at a point. */
export type Disturbance = (rig: InterruptionRig, point: Point) => void;

/** The process is killed, and with it the call that is under way. */
export const kill: Disturbance = (rig, point) => {
  rig.sandbox.lambda.crash(rig.rolloutFunction);
  loseConnection(rig, point);
};

/** The request or its reply is lost, and the process lives on. */
export const loseConnection: Disturbance = ({ lost, sandbox }, point) => {
  if (point.moment === 'before') lost.add(sandbox.requests.length - 1);
  throw new ConnectionLost(`the connection was lost ${describePoint(point)}`);
};

/** CloudFormation's event is delivered once more. */
export const deliverAgain: Disturbance = (rig) => void rig.deliver(rig.events.at(-1)!);

/** Runs an action with one interruption at a point; returns whether the point was reached. */
export async function disturbed<T>(
  rig: InterruptionRig, point: Point, disturb: Disturbance, action: () => Promise<T>,
): Promise<{ result: T; happened: boolean }> {
  let happened = false;
  const listen = (moment: Moment) => (call: string, nth: number): void => {
    if (happened || moment !== point.moment || call !== point.call || nth !== point.nth) return;
    happened = true;
    disturb(rig, point);
  };
  const watch = new CallWatch(rig, { before: listen('before'), after: listen('after') });
  try {
    return { result: await action(), happened };
  } finally {
    watch.end();
  }
}

/**
 * The calls that change more than the engine's own notes: writes to ECS, and the answer.
 *
 * A killed process leaves nothing behind but what its calls have done. To be killed while a call is answered, after that, and
 * before the next call has its effect is therefore one and the same. Every call is cut off `before`, which covers what comes
 * `after` the call ahead of it; of the calls that matter most, `after` is tried as well, and so is it of the last one.
 */
const isWrite = (call: string): boolean => !/^(Describe|List|Get|checkpoint)/.test(call);

/** Runs an action undisturbed, and lists the points at which its rollouts can be killed. */
export async function pointsIn<T>(rig: InterruptionRig, action: () => Promise<T>): Promise<{ result: T; points: Point[] }> {
  const points: Point[] = [];
  const watch = new CallWatch(rig, {
    before: (call, nth) => {
      points.push({ call, nth, moment: 'before' });
      if (isWrite(call)) points.push({ call, nth, moment: 'after' });
    },
  });
  try {
    const result = await action();
    return { result, points: [...points, { ...points.at(-1)!, moment: 'after' }] };
  } finally {
    watch.end();
  }
}

const END_OF_LOOK = /^checkpoint of watch (RETRY|SUCCEED)$/;

/**
 * Returns the points without repeated polls: of successive polls with the same calls, the first two and the
 * last. Between two such polls only time has passed, which an interruption changes by a second.
 */
export function distinct(points: readonly Point[]): Point[] {
  const looks: Point[][] = [[]];
  for (const point of points) {
    looks.at(-1)!.push(point);
    if (END_OF_LOOK.test(point.call)) looks.push([]);
  }
  const kinds = looks.map((look) => look.map(({ call, moment }) => `${moment} ${call}`).sort().join());
  const isRepeated = (index: number): boolean =>
    kinds[index] === kinds[index - 2] && kinds[index] === kinds[index - 1] && kinds[index] === kinds[index + 1];
  return looks.filter((_, index) => !isRepeated(index)).flat();
}
