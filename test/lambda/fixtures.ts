import type { DaemonProperties } from '../../lambda/contract';
import type { ObservedDeployment } from '../../lambda/rollout/observation';
import { FakeDaemonApi, steady } from './fake-daemon-api';
import { DAEMON_ARN, OWNER_TAGS, settings } from './requests';

type Changes = Partial<DaemonProperties>;

/** An ECS on which a daemon of ours has been at rest for a day. */
export function withDaemon(changes: Changes = {}, tags: Record<string, string> = OWNER_TAGS): FakeDaemonApi {
  const api = new FakeDaemonApi();
  addDaemon(api, DAEMON_ARN, changes, tags);
  return api;
}

export function addDaemon(api: FakeDaemonApi, arn: string, changes: Changes = {}, tags: Record<string, string> = OWNER_TAGS): void {
  const { now } = api;
  api.now -= 86_400_000;
  api.put(arn, settings(changes), tags, steady(api.instances));
  api.now = now;
}

/** Changes what a deployment looks like when it is read. */
export function seenAs(api: FakeDaemonApi, change: (deployment: ObservedDeployment) => Partial<ObservedDeployment> | undefined): void {
  const describeDeployments = api.describeDeployments.bind(api);
  api.describeDeployments = async (arns) => (await describeDeployments(arns)).flatMap((deployment) => {
    const changed = change(deployment);
    return changed ? [{ ...deployment, ...changed }] : [];
  });
}

const WRITES = ['createDaemon', 'updateDaemon', 'deleteDaemon', 'tag', 'untag'];

export const writesOf = (api: FakeDaemonApi): string[] => api.calls.map(({ name }) => name).filter((name) => WRITES.includes(name));

export const readsOf = (api: FakeDaemonApi): string[] => api.calls.map(({ name }) => name).filter((name) => !WRITES.includes(name));
