import type { AlarmRehearsal, Sandbox } from '../../sandbox';
import type { PlanFailures } from './options';

/** Lets the failures happen from now on; `alarms` is the list that the sandbox reads at each rollout. */
export function rehearse(
  { ecs }: Sandbox, failures: PlanFailures, alarms: AlarmRehearsal[], isNamed: (provider: string, given: string) => boolean,
): void {
  alarms.push(...failures.alarms ?? []);
  for (const image of failures.failingImages ?? []) ecs.failStarts({ image });
  for (const given of failures.hangingDrains ?? []) {
    let isHanging = false;
    const hang = ({ capacityProvider, instanceId }: { capacityProvider: string; instanceId: string }): void => {
      if (isHanging || !isNamed(capacityProvider, given)) return;
      isHanging = true;
      ecs.hangDrain(instanceId);
    };
    const present = new Map(ecs.instanceEvents.map((event) => [event.instanceId, event]));
    for (const event of ecs.instanceEvents) if (event.event === 'INSTANCE_TERMINATED') present.delete(event.instanceId);
    for (const event of present.values()) hang(event);
    ecs.onInstanceEvent(hang);
  }
}
