import type { Answer } from '../../answer';
import type { Report, RolloutReport } from '../../report';
import type { CloudFormationRequest } from '../../request';
import type { Rollout } from '../rollout';
import { type State, TAGS_CHANGED, watchedOf } from '../state';
import { endOf } from './response';

/** What the carrier of a request has come to. */
export interface End {
  /** What CloudFormation is told, unless it has been told something before. */
  readonly answer: Answer;
  readonly outcome?: string;
  /** Epoch milliseconds, like `endedAt`. */
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly rollout?: RolloutReport;
}

export function reportedEnd(state: State, rollout: Rollout): End {
  const { latestArn = '', revisionArn = '', ignoredAlarms, driftReverted } = state;
  const watched = watchedOf(state);
  const { response, outcome } = endOf(state);
  const timeline = state.timeline ?? { phases: [], batches: [], alarms: [] };
  const at = (seconds: number): number => rollout.startedAt + seconds * 1000;
  const over = timeline.phases.find(([phase]) => phase === 'DONE');
  return {
    answer: response,
    outcome,
    startedAt: rollout.startedAt,
    endedAt: over && at(over[1]),
    rollout: {
      daemonArn: rollout.daemonArn,
      deploymentArn: watched?.arn ?? latestArn,
      deploymentStatus: watched?.endSeen?.status,
      revisionArn,
      phases: timeline.phases.map(([phase, seconds]) => ({ phase, from: iso(at(seconds)) })),
      batches: timeline.batches.map(([moved, of, seconds]) => ({ moved, of, at: iso(at(seconds)) })),
      coverage: timeline.coverage,
      alarms: timeline.alarms.map(({ name, reason, at: seconds }) => ({ name, reason, at: iso(at(seconds)) })),
      unguardingAlarms: ignoredAlarms,
      tagsWritten: mayHaveWrittenTags(state, rollout),
      resets: driftReverted,
    },
  };
}

const mayHaveWrittenTags = ({ sideEffects = [], tagsConfirmed }: State, { tagsMayBeOlder = false }: Rollout): boolean =>
  sideEffects.includes(TAGS_CHANGED) || (tagsMayBeOlder && !tagsConfirmed);

/** What CloudFormation was told, and when (epoch milliseconds). */
export interface Given {
  readonly answer: Answer;
  readonly at: number;
}

export function reportOf({ RequestType, LogicalResourceId }: CloudFormationRequest, end: End, given: Given): Report {
  const { answer, startedAt, endedAt, rollout } = end;
  return {
    outcome: end.outcome ?? answer.Data?.Outcome ?? (answer.Status === 'SUCCESS' ? 'SUCCEEDED' : 'FAILED'),
    reason: answer.Reason,
    request: RequestType,
    resource: LogicalResourceId,
    startedAt: startedAt === undefined ? undefined : iso(startedAt),
    endedAt: iso(endedAt ?? given.at),
    answer: given.answer,
    answeredAt: iso(given.at),
    rollout,
  };
}

const iso = (moment: number): string => new Date(moment).toISOString();
