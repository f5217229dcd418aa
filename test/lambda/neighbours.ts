import { FakeDaemonApi, steady, type Course } from './fake-daemon-api';
import { addDaemon, withDaemon } from './fixtures';
import { DAEMON_ARN, settings, taskDefinition, updateRequest } from './requests';

export const daemonArn = (name: string): string => DAEMON_ARN.replace('/agent', `/${name}`);
const provider = (name: string): string => `arn:aws:ecs:us-east-1:123456789012:capacity-provider/${name}`;
export const on = (...names: string[]) => ({ CapacityProviderArns: names.map(provider) });
export const foreign = { owner: 'somebody' };
/** A deployment that leaves a rollout at 100 % the time to come after it. */
export const quick = { DrainPercent: 100 };
export const update = () => updateRequest(quick, { ...quick, ...taskDefinition(2) });

/** An ECS with our daemon and one of somebody else's, whose deployment has begun 10 s ago. */
export function withBusyNeighbour(course: Course = steady(12), changes = {}): FakeDaemonApi {
  const api = withDaemon(quick);
  addBusy(api, changes, course);
  return api;
}

export const writtenAfter = (api: FakeDaemonApi, write: string, begin: number): number =>
  (api.calls.find(({ name }) => name === write)!.at - begin) / 1000;

/** What a daemon tells of itself, otherwise than it is. */
export function naming(
  api: FakeDaemonApi, arn: string, told: { readonly latestArn?: string; readonly status?: string }, until = Infinity,
): void {
  const describeDaemon = api.describeDaemon.bind(api);
  api.describeDaemon = async (asked) => ({ ...await describeDaemon(asked), ...asked === arn && api.now < until && told });
}

export function addBusy(api: FakeDaemonApi, changes: object, course: Course = steady(12)): void {
  addDaemon(api, daemonArn('other'), changes, foreign);
  api.deployByHand(daemonArn('other'), settings({ ...taskDefinition(9), ...changes }), course);
  api.now += 10_000;
}
