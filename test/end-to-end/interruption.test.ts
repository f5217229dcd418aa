import { kill, READ_LAGS } from './interruption-points';
import { type Change, CHANGES, type Findings, survey } from './interruption-survey';

const UNDISTURBED: Readonly<Record<Change, object>> = {
  'create': { stackStatus: 'UPDATE_COMPLETE', daemon: 'runs the new image', deployments: 1, writes: { CreateDaemon: 1 } },
  'update': { stackStatus: 'UPDATE_COMPLETE', daemon: 'runs the new image', deployments: 1, writes: { UpdateDaemon: 1 } },
  'update that ECS rolls back': { stackStatus: 'UPDATE_ROLLBACK_COMPLETE', daemon: 'runs the old image', deployments: 1, writes: { UpdateDaemon: 1 } },
  'delete': { stackStatus: 'UPDATE_COMPLETE', daemon: 'DaemonNotFoundException', deployments: 1, writes: { DeleteDaemon: 1 } },
};

/** The operations of the points of a change, so that an empty list fails. */
const CALLS: Readonly<Record<Change, readonly string[]>> = {
  'create': ['CreateDaemon', 'checkpoint of create-daemon START', 'DescribeDaemonDeployments', 'DescribeAlarms', 'answer'],
  'update': ['DescribeStacks', 'UpdateDaemon', 'checkpoint of update-daemon START', 'checkpoint of watch RETRY', 'answer'],
  'update that ECS rolls back': ['DescribeStackEvents', 'UpdateDaemon', 'checkpoint of watch SUCCEED', 'answer'],
  'delete': ['DeleteDaemon', 'checkpoint of delete-daemon START', 'DescribeDaemon', 'ListTagsForResource', 'answer'],
};

describe('a crash of a rollout before, during and after every external call', () => {
  let surveys: ReadonlyMap<number, Readonly<Record<Change, Findings>>>;
  beforeAll(async () => {
    surveys = new Map(await Promise.all(READ_LAGS.map(async (readLag) => [readLag, await survey(readLag, kill)] as const)));
  }, 900_000);

  describe.each(READ_LAGS)('at a read lag of %d s', (readLag) => {
    test.each(CHANGES)('changes neither the result nor the writes of the %s (FM8, FM26)', (change) => {
      const { undisturbed, points, deviations } = surveys.get(readLag)![change];
      expect(points.map(({ call }) => call)).toEqual(expect.arrayContaining([...CALLS[change]]));
      expect(undisturbed).toMatchObject(UNDISTURBED[change]);
      expect(deviations).toEqual([]);
    });
  });
});
