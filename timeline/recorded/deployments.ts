import type { RecordedDeploymentChange } from '../recording';

const TERMINAL = ['SUCCESSFUL', 'STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED'];

/** One deployment of ECS, from its changes of status. Times are epoch milliseconds. */
export interface RecordedDeployment {
  readonly arn: string;
  readonly kind: RecordedDeploymentChange['kind'];
  readonly targetRevisionArn?: string;
  readonly changes: readonly RecordedDeploymentChange[];
  readonly from: number;
  /** Undefined while it is under way. */
  readonly to?: number;
  readonly status: string;
  /** When ECS began to roll it back. */
  readonly rollbackAt?: number;
  readonly rollbackReason?: string;
  /** Whether it takes a daemon back: a rollback of ECS, or of the stack. */
  readonly reverts: boolean;
}

/** The deployments of a daemon that began in a period, oldest first. */
export function deploymentsIn(
  changes: readonly RecordedDeploymentChange[],
  { from, before, revertedAt }: { readonly from: number; readonly before: number; readonly revertedAt?: number },
): RecordedDeployment[] {
  const byArn = new Map<string, RecordedDeploymentChange[]>();
  for (const change of changes) {
    const known = byArn.get(change.deploymentArn);
    if (known) known.push(change);
    else byArn.set(change.deploymentArn, [change]);
  }
  return [...byArn.values()].map((ofOne) => deployment(ofOne, revertedAt)).filter((one) => one.from >= from && one.from < before);
}

function deployment(changes: readonly RecordedDeploymentChange[], revertedAt: number | undefined): RecordedDeployment {
  const first = changes[0]!;
  const last = changes.at(-1)!;
  const from = Date.parse(first.time);
  const isBack = changes.some(({ status }) => status.startsWith('ROLLBACK_'));
  // a deployment that a newer one replaces is stopped too, but does not roll back
  const rollback = isBack ? changes.find(({ status }) => status === 'STOP_REQUESTED' || status.startsWith('ROLLBACK_')) : undefined;
  return {
    arn: first.deploymentArn,
    kind: first.kind,
    targetRevisionArn: first.targetRevisionArn,
    changes, from,
    ...(TERMINAL.includes(last.status) && { to: Date.parse(last.time) }),
    status: last.status,
    ...(rollback && { rollbackAt: Date.parse(rollback.time) }),
    ...(rollback?.statusReason !== undefined && { rollbackReason: rollback.statusReason }),
    reverts: first.kind === 'rollback' || (revertedAt !== undefined && from >= revertedAt),
  };
}
