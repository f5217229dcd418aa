import type { Rule } from '../oracle/rules';

/** A change of one place in a module of the Lambda. */
export interface Edit {
  /** Within `lambda/`. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** A plausible bug. */
export interface SeededBug {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** The rules of which a violation shows the bug. */
  readonly breaks: readonly Rule[];
}

export const SEEDED_BUGS: readonly SeededBug[] = [
  {
    name: 'no ownership check on delete',
    edits: [{ file: 'rollout/stages/deletion.ts', from: 'if (!isOurs(tags, rollout)) return notOurs(before, tags, now, rollout);', to: '' }],
    breaks: ['foreign daemon'],
  },
  {
    name: 'delete believed by its id',
    edits: [{
      file: 'rollout/machine.ts',
      from: 'readDaemonToDelete(state, { arn: daemonArn,',
      to: 'readDaemonToDelete(state, { arn: incomingId ?? daemonArn,',
    }],
    breaks: ['false success', 'leftover'],
  },
  {
    name: 'blind retry of UpdateDaemon',
    edits: [{
      file: 'rollout/perform.ts',
      from: 'await api.updateDaemon(daemonArn, desiredSettings(desired))',
      to: 'await api.updateDaemon(daemonArn, desiredSettings(desired)).catch(() => api.updateDaemon(daemonArn, desiredSettings(desired)))',
    }],
    breaks: ['second update'],
  },
  {
    name: 'observing once after a lost reply',
    edits: [{
      file: 'rollout/stages/writing.ts',
      from: 'if (agreed && secondsSince(write.interruptedAt, now) >= READ_LAG_SECONDS) {',
      to: 'if (agreed || absentSince !== undefined) {',
    }],
    breaks: ['second update'],
  },
  {
    name: 'alarms not rechecked after the turn',
    edits: [{
      file: 'rollout/perform.ts',
      from: 'return await blockedByPeers(sources, rollout, state, now) ?? blockedByAlarms(api, rollout, state, now);\n    }',
      to: 'return blockedByPeers(sources, rollout, state, now);\n    }',
    }],
    breaks: ['update during an alarm'],
  },
  {
    name: 'RequestId as execution name',
    edits: [{
      file: 'request.ts',
      from: 'return `${resource}-${moment}${rank}-${eventHash(request)}`;',
      to: 'return `${resource}-${UNKNOWN_MOMENT}-${sha256(request.RequestId, EVENT_LENGTH)}`;',
    }],
    breaks: ['no answer', 'false success', 'rollback failed', 'no convergence'],
  },
  {
    name: '`critical` omitted',
    edits: [{ file: 'rollout/aws/sdk-daemon-api.ts', from: '  critical: settings.critical,\n});', to: '});' }],
    breaks: ['incomplete update'],
  },
  {
    name: 'a rollback that drains though ECS has rolled back',
    edits: [{
      file: 'rollout/stages/plan-change.ts',
      from: 'if (!isEqual || tokenChanged(rollout))',
      to: 'if (!isEqual || rollout.rollingBack || tokenChanged(rollout))',
    }],
    breaks: ['unnecessary drain'],
  },
  {
    name: 'a paused execution taken for one that has ended',
    edits: [{ file: 'executions.ts', from: 'FINAL_STATUSES.has(status)', to: "status !== 'RUNNING'" }],
    breaks: ['write of a superseded execution', 'false success', 'second update'],
  },
];
