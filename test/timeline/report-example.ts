import type { Report } from '../../lambda/report';

const DAEMON = 'arn:aws:ecs:us-east-1:123456789012:daemon/apps/agent';
const REASON = 'DEPLOYING: ECS rolled the daemon agent back: alarm agent-errors went into ALARM ("three datapoints") after 2 of 4 instances ran the new revision';

/** The report of a rollout that ECS rolled back, as `aws lambda get-durable-execution` prints it. */
export const REPORT: Report = {
  outcome: 'ROLLED_BACK',
  reason: REASON,
  request: 'Update',
  resource: 'DaemonResource0A1B2C3D',
  startedAt: '2026-11-22T12:00:00.000Z',
  endedAt: '2026-11-22T12:16:01.000Z',
  answer: { Status: 'FAILED', Reason: REASON, PhysicalResourceId: DAEMON },
  answeredAt: '2026-11-22T12:16:01.000Z',
  rollout: {
    daemonArn: DAEMON,
    deploymentArn: 'arn:aws:ecs:us-east-1:123456789012:daemon-deployment/apps/agent/1',
    deploymentStatus: 'ROLLBACK_SUCCESSFUL',
    revisionArn: 'arn:aws:ecs:us-east-1:123456789012:daemon-revision/apps/agent/2',
    phases: [
      { phase: 'PREFLIGHT', from: '2026-11-22T12:00:00.000Z' }, { phase: 'WAITING_TURN', from: '2026-11-22T12:00:05.000Z' },
      { phase: 'DEPLOYING', from: '2026-11-22T12:02:00.000Z' }, { phase: 'ROLLING_BACK', from: '2026-11-22T12:09:00.000Z' },
      { phase: 'DONE', from: '2026-11-22T12:16:01.000Z' },
    ],
    batches: [{ moved: 1, of: 4, at: '2026-11-22T12:05:40.000Z' }, { moved: 2, of: 4, at: '2026-11-22T12:08:40.000Z' }],
    coverage: { running: 4, withoutDaemon: 0 },
    alarms: [{ name: 'agent-errors', reason: 'three datapoints', at: '2026-11-22T12:09:00.000Z' }],
  },
};
