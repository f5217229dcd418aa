import type { Fleet } from './fleet';
import type { Instance } from './instance';

/**
 * Gives a service so many tasks on a fleet: free places first, then new instances, ceil(tasks / tasks per instance) of them.
 * A task on an instance that is being replaced counts once, where it goes.
 */
export function placeServiceTasks(fleet: Fleet, serviceArn: string, desired: number): void {
  const counted = [...fleet.instances].filter((instance) => !instance.replacedBy);
  const placed = counted.reduce((sum, instance) => sum + tasksOf(instance, serviceArn), 0);
  if (placed < desired) add(fleet, serviceArn, desired - placed);
  else if (placed > desired) remove(fleet, serviceArn, placed - desired, desired === 0);
  fleet.changed();
}

function add(fleet: Fleet, serviceArn: string, count: number): void {
  const perInstance = fleet.context.applicationTasksPerInstance;
  let left = count;
  for (const instance of fleet.instances) {
    if (left === 0) return;
    if (!['LAUNCHING', 'REGISTERING', 'ACTIVE'].includes(instance.state)) continue;
    const room = Math.min(left, perInstance - instance.applicationTasks.length - instance.plannedTasks.length);
    if (room <= 0) continue;
    const tasks = Array.from({ length: room }, () => serviceArn);
    if (instance.state === 'ACTIVE') fleet.startApplicationTasks(instance, tasks);
    else instance.plannedTasks.push(...tasks);
    left -= room;
  }
  if (left === 0) return;
  const launched: Instance[] = [];
  for (; left > 0; left -= perInstance) {
    launched.push(fleet.addInstance({ plannedTasks: Array.from({ length: Math.min(left, perInstance) }, () => serviceArn) }));
  }
  fleet.launch.start(launched, fleet.context.timing.launchForService, () => undefined);
}

/** The last instances lose their tasks first. A service that ends also stops its tasks on instances that are being replaced. */
function remove(fleet: Fleet, serviceArn: string, count: number, all: boolean): void {
  let left = count;
  for (const instance of [...fleet.instances].reverse()) {
    if (!all && (left <= 0 || instance.replacedBy)) continue;
    let planned = 0;
    instance.plannedTasks = instance.plannedTasks.filter((service) => service !== serviceArn || (!all && planned >= left) || !++planned);
    left -= planned;
    let running = 0;
    fleet.stopApplicationTasks(instance, (service) => service === serviceArn && (all || running < left) && ++running > 0);
    left -= running;
    if (planned > 0 && instance.applicationTasks.length === 0 && instance.plannedTasks.length === 0) instance.idle = true;
    if (running > 0 && instance.state === 'ACTIVE') fleet.rest(instance);
  }
}

const tasksOf = (instance: Instance, serviceArn: string): number =>
  instance.plannedTasks.filter((service) => service === serviceArn).length
  + instance.applicationTasks.filter((task) => task.serviceArn === serviceArn).length;

/** The tasks of a service that run and those that wait for an instance. */
export function countServiceTasks(fleets: Iterable<Fleet>, serviceArn: string): { running: number; pending: number } {
  let running = 0;
  let pending = 0;
  for (const fleet of fleets) {
    for (const instance of fleet.instances) {
      running += instance.applicationTasks.filter((task) => task.serviceArn === serviceArn).length;
      if (!instance.replaces || instance.state === 'REGISTERING') {
        pending += instance.plannedTasks.filter((service) => service === serviceArn).length;
      }
    }
  }
  return { running, pending };
}
