import { describePoint, distinct, type Disturbance, disturbed, type Point, pointsIn } from './interruption-points';
import type { SandboxOptions } from '../../sandbox';
import { InterruptionRig, type Outcome } from './interruption-rig';
import { synthesize, type SynthesizedApp } from '../../simulation/app/synthesized-app';

export const CHANGES = ['create', 'update', 'update that ECS rolls back', 'delete'] as const;
export type Change = typeof CHANGES[number];

/** What a disturbance has come to at every point of the rollouts of a change. */
export interface Findings {
  readonly undisturbed: Outcome;
  /** Every point; those that differ only by the number of earlier polls are tried once. */
  readonly points: readonly Point[];
  /** The points after which the outcome was another one. */
  readonly deviations: readonly Deviation[];
}

export interface Deviation {
  readonly point: string;
  readonly outcome: Outcome | string;
}

/** The image that makes the alarm fire. */
const BAD_TAG = '3';
/** The alarm fires so long after the deployment has begun: in the middle of it. */
const ALARM_AFTER_SECONDS = 10;

/** Runs each change once undisturbed, and then once more for each point at which its rollouts can be disturbed. */
export async function survey(readLag: number, disturb: Disturbance): Promise<Record<Change, Findings>> {
  const site = new Site(readLag);
  try {
    return await surveyOn(site, disturb);
  } finally {
    await site.close();
  }
}

async function surveyOn(site: Site, disturb: Disturbance): Promise<Record<Change, Findings>> {
  const findings = {} as Record<Change, Findings & { deviations: Deviation[] }>;
  for (const change of CHANGES) {
    const { result, points } = await pointsIn(await site.readyFor(change), () => site.make(change));
    findings[change] = { undisturbed: result, points, deviations: [] };
  }
  const plan = CHANGES.flatMap((change) => distinct(findings[change].points).map((point, index) => ({ change, point, index })));
  // a create and a delete lead to where the other begins
  const pairs = plan.filter(({ change }) => change === 'create' || change === 'delete').sort((a, b) => a.index - b.index);
  const others = plan.filter(({ change }) => change !== 'create' && change !== 'delete');
  for (const { change, point } of [...pairs, ...others]) {
    const rig = await site.readyFor(change);
    const { result, happened } = await disturbed(rig, point, disturb, () => site.make(change));
    const outcome = happened ? result : 'the rollout never came to that point';
    if (happened && isSame(result, findings[change].undisturbed)) continue;
    findings[change].deviations.push({ point: describePoint(point), outcome });
    await site.startAfresh();
  }
  return findings;
}

const isSame = (a: Outcome, b: Outcome): boolean => JSON.stringify(a) === JSON.stringify(b);

/** A rig, and what the stack in it is at. */
export class Site {
  private readonly apps = new Map<string, SynthesizedApp>(['1', '2', BAD_TAG].map((tag) => [tag, synthesize(tag)]));
  private rig?: InterruptionRig;
  /** The tag of the image that the daemon runs. */
  private tag?: string;

  constructor(private readonly readLag: number, private readonly options: SandboxOptions = {}) {}

  /** Sees to it that there is a daemon, or none, as the change needs it. */
  public async readyFor(change: Change): Promise<InterruptionRig> {
    this.rig ??= await InterruptionRig.start(this.apps.get('1')!, this.readLag, this.options);
    if ((change === 'create') !== (this.tag === undefined)) await this.make(change === 'create' ? 'delete' : 'create');
    return this.rig;
  }

  /** Performs the change, and returns its result, with "before" or "after" instead of the tag of an image. */
  public async make(change: Change): Promise<Outcome> {
    const { rig, tag: before } = this;
    const after = change === 'delete' ? undefined : change === 'update that ECS rolls back' ? BAD_TAG : before === '1' ? '2' : '1';
    const stopAlarming = after === BAD_TAG ? alarming(rig!) : () => Promise.resolve();
    const outcome = await rig!.change(after === undefined ? undefined : this.template(after));
    await stopAlarming();
    if (after !== BAD_TAG) this.tag = after;
    const daemon = after !== undefined && outcome.daemon.endsWith(`:${after}`) ? 'runs the new image'
      : before !== undefined && outcome.daemon.endsWith(`:${before}`) ? 'runs the old image' : outcome.daemon;
    return { ...outcome, daemon };
  }

  public async startAfresh(): Promise<void> {
    await this.close();
    this.rig = undefined;
    this.tag = undefined;
  }

  public async close(): Promise<void> {
    await this.rig?.close();
  }

  private template(tag: string): string {
    return this.apps.get(tag)!.template;
  }
}

/** Lets the alarm fire in the middle of the next deployment. */
function alarming(rig: InterruptionRig): () => Promise<void> {
  const stopListening = rig.sandbox.ecs.onDeploymentStatus(({ status }) => {
    if (status === 'IN_PROGRESS') rig.sandbox.clock.after(ALARM_AFTER_SECONDS, () => void rig.setAlarm('ALARM'));
  });
  return async () => {
    stopListening();
    await rig.setAlarm('OK');
  };
}
