import type { DaemonProperties } from '../../lambda/contract';
import type { ResourceRequest } from '../world/custom-resources';
import { contentOfProperties, isSameContent } from '../world/fleet-content';
import type { DaemonTruth } from './truth';
import { daemonArnIn } from '../world/world';

export const STACK_KEY = 'cdk-ecs-managed-daemons:stack-id';
export const LOGICAL_ID_KEY = 'cdk-ecs-managed-daemons:logical-id';

export const nameOf = ({ event, isRollback }: ResourceRequest): string =>
  `${event.RequestType} of ${event.LogicalResourceId}${isRollback ? ' in the rollback' : ''} (${event.RequestId.slice(0, 6)})`;

export const arnOf = ({ ClusterArn, DaemonName }: DaemonProperties): string => daemonArnIn(ClusterArn, DaemonName);

export const isAboutDaemon = ({ event }: ResourceRequest): boolean => event.ResourceType === 'Custom::ECSManagedDaemon';

/** Returns the kind of a request for a resource other than a daemon. */
export const kindOf = ({ event }: ResourceRequest): string => event.ResourceType.replace('Custom::ECSManagedDaemon', '');

/** Whether the request changes nothing that instances run. */
export const changesNothing = ({ previous, desired }: ResourceRequest): boolean => previous !== undefined
  && previous.RolloutToken === desired.RolloutToken && isSameContent(contentOfProperties(previous), contentOfProperties(desired))
  && previous.DaemonName === desired.DaemonName;

export const isOwn = ({ tags }: DaemonTruth, stackId: string, logicalId: string): boolean =>
  tags[STACK_KEY] === stackId && tags[LOGICAL_ID_KEY] === logicalId;
