import type { Input, Operation } from '../../core/aws-service';
import { arnOf } from '../../core/world';
import type { Clusters } from './clusters';
import type { EcsContext } from '../context';
import type { DaemonControlPlane, DaemonSnapshot } from '../daemon/daemon-control-plane';
import { clientException, daemonNotFound, invalidParameter } from '../errors';
import { pageOf } from '../paging';
import { describeRevision } from '../task-definitions/daemon-revision';

/** The reads. `DescribeDaemon` and the lists lag behind writes (R41, A28). */
export class DaemonReads {
  public readonly operations: Readonly<Record<string, Operation>> = {
    DescribeDaemon: (input) => this.describeDaemon(input),
    ListDaemons: (input) => this.listDaemons(input),
    ListDaemonDeployments: (input) => this.listDeployments(input),
    DescribeDaemonDeployments: (input) => this.describeDeployments(input),
    DescribeDaemonRevisions: (input) => this.describeRevisions(input),
  };

  constructor(
    private readonly context: EcsContext,
    private readonly controlPlane: DaemonControlPlane,
    private readonly clusters: Clusters,
  ) {}

  private describeDaemon(input: Input): Input {
    const daemonArn = String(input.daemonArn ?? '');
    if (daemonArn === '') throw invalidParameter('daemonArn can not be blank.');
    const snapshot = this.snapshot(daemonArn);
    if (snapshot?.description) return { daemon: snapshot.description };
    if (snapshot) {
      switch (this.context.assumptions.afterDelete) { // AWS does not document what reads return after a deletion (A16)
        case 'client-exception':
          throw clientException(`Daemon not found: ${daemonArn}`);
        case 'inactive-shell':
          return { daemon: { daemonArn, clusterArn: clusterArnOf(daemonArn), status: 'INACTIVE', currentRevisions: [] } };
        case 'daemon-not-found':
      }
    }
    throw daemonNotFound(daemonArn);
  }

  private listDaemons(input: Input): Input {
    const cluster = this.clusters.require(input.clusterArn);
    const providers: string[] = input.capacityProviderArns ?? [];
    const prefix = arnOf(this.context.world, 'ecs', `daemon/${cluster.name}/`);
    const summaries = [...this.controlPlane.views.keys()].filter((arn) => arn.startsWith(prefix)).map((arn) => {
      const snapshot = this.snapshot(arn);
      const matches = providers.length === 0 || snapshot?.capacityProviderArns.some((provider) => providers.includes(provider));
      return matches ? snapshot?.summary : undefined;
    });
    const { page, nextToken } = pageOf(summaries, input, 100);
    return { daemonSummariesList: page, nextToken };
  }

  /** Never returns DaemonNotFound (R19), and lists 20 a page by default (R14). */
  private listDeployments(input: Input): Input {
    if (!input.daemonArn) throw invalidParameter('daemonArn can not be blank.');
    const { before, after } = (input.createdAt ?? {}) as Input;
    const matching = (this.snapshot(String(input.daemonArn))?.deployments ?? [])
      .filter((deployment) => !this.controlPlane.deployments.get(String(deployment.daemonDeploymentArn))?.isForgotten)
      .filter((deployment) => !input.status?.length || input.status.includes(deployment.status))
      .filter((deployment) => before === undefined || deployment.createdAt < toDate(before))
      .filter((deployment) => after === undefined || deployment.createdAt > toDate(after));
    const byArn = new Map(matching.map((deployment) => [deployment.daemonDeploymentArn, deployment]));
    const all = this.controlPlane.deploymentsOf.get(String(input.daemonArn)) ?? [];
    const { page, nextToken } = pageOf(all.map(({ arn }) => byArn.get(arn)), input, 20, 'grows-at-start');
    return { daemonDeployments: page, nextToken };
  }

  private describeDeployments(input: Input): Input {
    const arns = atMostTwenty(input.daemonDeploymentArns, 'daemonDeploymentArns');
    const seen = arns.map((arn) => {
      const deployment = this.controlPlane.deployments.get(arn);
      const isVisible = deployment && this.isVisible(deployment.createdAt) && !deployment.isForgotten;
      return { arn, description: isVisible ? this.controlPlane.describe(deployment) : undefined };
    });
    return {
      daemonDeployments: seen.flatMap(({ description }) => description ?? []),
      // an unknown ARN is no error (R13)
      failures: seen.filter(({ description }) => !description).map(({ arn }) => ({ arn, reason: 'MISSING' })),
    };
  }

  private describeRevisions(input: Input): Input {
    const arns = atMostTwenty(input.daemonRevisionArns, 'daemonRevisionArns');
    const found = arns.map((arn) => this.controlPlane.revisions.get(arn))
      .filter((revision) => revision !== undefined).filter((revision) => this.isVisible(revision.createdAt));
    const known = new Set(found.map((revision) => revision.arn));
    return {
      daemonRevisions: found.map(describeRevision),
      failures: arns.filter((arn) => !known.has(arn)).map((arn) => ({ arn, reason: 'MISSING' })),
    };
  }

  private snapshot(daemonArn: string): DaemonSnapshot | undefined {
    return this.controlPlane.views.get(daemonArn)?.read(this.context.world.clock.now());
  }

  /** A new ARN is MISSING for a moment (A15). */
  private isVisible(createdAt: number): boolean {
    return this.context.world.clock.now() >= createdAt + this.context.assumptions.arnVisibilityDelay * 1000 * this.controlPlane.readAge();
  }
}

function atMostTwenty(arns: unknown, field: string): string[] {
  if (!Array.isArray(arns) || arns.length === 0) throw invalidParameter(`${field} can not be empty.`);
  if (arns.length > 20) throw invalidParameter(`${field} must have at most 20 entries.`);
  return arns.map(String);
}

/** Over the wire times are epoch seconds. */
const toDate = (time: unknown): Date => (time instanceof Date ? time : new Date(typeof time === 'number' ? time * 1000 : String(time)));

const clusterArnOf = (daemonArn: string): string => daemonArn.replace(/:daemon\/([^/]+)\/.*$/, ':cluster/$1');
