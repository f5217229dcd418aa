import type { Input, Operation } from '../../core/aws-service';
import type { Clusters } from './clusters';
import type { Fleet } from '../fleet/fleet';
import type { Instance } from '../fleet/instance';
import { pageOf } from '../paging';

interface TaskOnInstance {
  readonly arn: string;
  readonly daemonName?: string;
  readonly serviceName?: string;
}

/** Instances and tasks as the API shows them. */
export class ContainerInstances {
  public readonly operations: Readonly<Record<string, Operation>> = {
    ListContainerInstances: (input) => this.list(input),
    DescribeContainerInstances: (input) => this.describe(input),
    ListTasks: (input) => this.listTasks(input),
  };

  constructor(private readonly clusters: Clusters, private readonly fleets: ReadonlyMap<string, Fleet>) {}

  private list(input: Input): Input {
    const arns = this.inCluster(input.cluster)
      .filter(({ instance }) => input.status === undefined || instance.state === input.status)
      .map(({ instance }) => instance.containerInstanceArn);
    const { page, nextToken } = pageOf(arns, input, 100);
    return { containerInstanceArns: page, nextToken };
  }

  private describe(input: Input): Input {
    const all = this.inCluster(input.cluster);
    const containerInstances: Input[] = [];
    const failures: Input[] = [];
    for (const reference of (input.containerInstances ?? []) as string[]) {
      const found = all.find(({ instance }) => [arnSuffix(instance), instance.containerInstanceArn].includes(reference));
      if (found) containerInstances.push(describeInstance(found.fleet, found.instance));
      else failures.push({ arn: reference, reason: 'MISSING' });
    }
    return { containerInstances, failures };
  }

  private listTasks(input: Input): Input {
    const service = input.serviceName === undefined ? undefined : String(input.serviceName).split('/').at(-1);
    const arns = this.inCluster(input.cluster)
      .filter(({ instance: { containerInstanceArn: arn } }) => arn.endsWith(String(input.containerInstance ?? '')))
      .flatMap(({ instance }) => tasksOn(instance))
      .filter((task) => input.daemonName === undefined || task.daemonName === input.daemonName)
      .filter((task) => service === undefined || task.serviceName === service)
      .map((task) => task.arn);
    const { page, nextToken } = pageOf(arns, input, 100);
    return { taskArns: page, nextToken };
  }

  private inCluster(reference: unknown): { fleet: Fleet; instance: Instance }[] {
    const { name } = this.clusters.require(reference);
    return [...this.fleets.values()].filter((fleet) => fleet.clusterName === name)
      .flatMap((fleet) => [...fleet.instances].filter((instance) => instance.state !== 'LAUNCHING').map((instance) => ({ fleet, instance })));
  }
}

const arnSuffix = (instance: Instance): string => instance.containerInstanceArn.split('/').at(-1)!;

function tasksOn(instance: Instance): TaskOnInstance[] {
  const daemons = [...instance.daemonTasks.values()].filter((task) => task.state === 'RUNNING')
    .map((task) => ({ arn: task.arn, daemonName: task.revision.daemonArn.split('/').at(-1)! }));
  const applications = instance.applicationTasks.map((task) => ({
    arn: task.arn,
    ...(task.serviceArn !== undefined && { serviceName: task.serviceArn.split('/').at(-1)! }),
  }));
  return [...daemons, ...applications];
}

function describeInstance(fleet: Fleet, instance: Instance): Input {
  const daemonTasks = [...instance.daemonTasks.values()];
  return {
    containerInstanceArn: instance.containerInstanceArn,
    ec2InstanceId: instance.id,
    capacityProviderName: fleet.capacityProviderName,
    status: instance.state,
    agentConnected: true,
    runningTasksCount: tasksOn(instance).length,
    pendingTasksCount: instance.plannedTasks.length + daemonTasks.filter((task) => task.state === 'PENDING').length,
    healthStatus: {
      overallStatus: daemonTasks.every((task) => task.state === 'RUNNING') ? 'OK' : 'IMPAIRED',
      details: daemonTasks.map((task) => ({ type: 'DAEMON', status: task.state === 'RUNNING' ? 'OK' : 'IMPAIRED' })),
    },
  };
}
