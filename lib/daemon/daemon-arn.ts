import { Stack, Token, type ArnComponents, type aws_ecs as ecs, type ResourceEnvironment } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** The ARN of a daemon of a cluster (R18), as a text: it is known before the daemon is made. */
export function arnOfDaemon(scope: Construct, cluster: ecs.IClusterRef, daemonName: string): string {
  return Stack.of(scope).formatArn({
    service: 'ecs', resource: 'daemon', resourceName: `${cluster.clusterRef.clusterName}/${daemonName}`, ...knownPlace(cluster.env),
  });
}

function knownPlace({ account, region }: ResourceEnvironment): Partial<ArnComponents> {
  return Token.isUnresolved(account) || Token.isUnresolved(region) ? {} : { account, region };
}
