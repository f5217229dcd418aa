import { timelineOfReport } from '../../timeline/from-report';
import { toHtml } from '../../timeline/html';
import { toMarkdown } from '../../timeline/markdown';
import { toSvg } from '../../timeline/svg';
import { toTerminal } from '../../timeline/terminal';
import { summaryOf } from '../../timeline/verdict';
import { REPORT } from './report-example';

const timeline = timelineOfReport(JSON.stringify(REPORT));

describe('the timeline of a report', () => {
  test('has phases and alarms on the clock of the rollout', () => {
    const [rollout] = timeline.rollouts;
    expect(rollout).toMatchObject({ daemon: 'agent', cluster: 'apps', request: 'update', duration: 961_000, instances: 4, moments: [] });
    expect(rollout!.phases.map(({ phase, from, to }) => [phase, from / 1000, to / 1000])).toEqual([
      ['PREFLIGHT', 0, 5], ['WAITING_TURN', 5, 120], ['DEPLOYING', 120, 540], ['ROLLING_BACK', 540, 961],
    ]);
    const states = [{ state: 'OK', from: 0 }, { state: 'ALARM', from: 540_000, reason: 'three datapoints' }];
    expect(rollout!.alarms).toEqual([{ name: 'agent-errors', states }]);
  });

  test('has the polls that found more instances replaced as its batches', () => {
    expect(timeline.rollouts[0]!.batches).toEqual([
      { number: 1, isRollback: false, from: 120_000, to: 340_000, instances: 1 },
      { number: 2, isRollback: false, from: 340_000, to: 520_000, instances: 1 },
    ]);
  });

  test('has the same sentence as one of the sandbox, and says what it does not know', () => {
    expect(summaryOf(timeline)).toMatchObject({
      headline: 'Rolled back: agent-errors went into ALARM after 9 min', subLine: '2 of 4 instances had run the new revision · drains are not known',
    });
  });

  test('is drawn by every renderer', () => {
    expect(toSvg(timeline)).toContain('the instances are not known');
    expect(toHtml(timeline)).toContain('<dt>drains</dt><dd>not known</dd>');
    expect(toMarkdown(timeline)).toContain('drains are not known');
    expect(toTerminal(timeline)).toContain('Rolled back: agent-errors went into ALARM after 9 min');
  });

  test.each(['no JSON', '{}', 'null', '{"outcome":"SUCCEEDED","reason":"a gate"}'])('refuses %s', (text) => {
    expect(() => timelineOfReport(text)).toThrow('the result must be the report of a rollout');
  });
});
