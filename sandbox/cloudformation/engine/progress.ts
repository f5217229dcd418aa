import type { World } from '../../core/world';

interface ProgressEvent {
  readonly logicalId: string;
  readonly resourceType: string;
  readonly status: string;
  readonly statusReason?: string;
}

/** Prints a line for an event of a stack: what begins, ends and fails is a notice, the rest is a detail. */
export function report(world: World, stackName: string, { logicalId, resourceType, status, statusReason }: ProgressEvent): void {
  const isStack = resourceType === 'AWS::CloudFormation::Stack' && logicalId === stackName;
  const reason = statusReason === undefined || statusReason === 'User Initiated' ? '' : `: ${statusReason}`;
  const line = `Stack ${stackName}: ${isStack ? '' : `${logicalId} (${resourceType}) `}${status}${reason}`;
  const isNotice = isStack ? !/^REVIEW_|_CLEANUP_/.test(status) : status.endsWith('_FAILED') && !/ cancelled$/.test(reason);
  if (isNotice) world.notice?.(line);
  else world.detail?.(line);
}
