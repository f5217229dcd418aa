import { focused, open, overflow, screenshot, THEMES, violations, type OpenPage } from './browser';
import { running, startRollouts, type RolloutRig } from './rollout-rig';

const ALARM = 'agent-cpu-high';
const FLEETS = [
  { cluster: 'edge', capacityProvider: 'small', instances: 3 },
  { cluster: 'apps', capacityProvider: 'managed', instances: 12 },
  { cluster: 'batch', capacityProvider: 'large', instances: 1000 },
];

let rig: RolloutRig;
let resume: () => void;
let updates: Promise<string[]>;

/** Deploys the daemon to each of the fleets: all of them at once. */
const deployToAll = (imageTag: string): Promise<string[]> => Promise.all(FLEETS.map(({ cluster, capacityProvider }) => rig.deploy({
  stackName: `Agents-${cluster}`, imageTag, cluster, capacityProvider, alarmNames: [ALARM], daemon: { drainPercent: 25 },
})));

beforeAll(async () => {
  rig = await startRollouts({ fleets: FLEETS });
  await rig.sandbox.call('monitoring', 'PutMetricAlarm', { AlarmName: ALARM, EvaluationPeriods: 1, ComparisonOperator: 'GreaterThanThreshold' });
  await rig.sandbox.call('monitoring', 'SetAlarmState', { AlarmName: ALARM, StateValue: 'OK', StateReason: 'Threshold not crossed' });
  await deployToAll('1.300.1');
  const stopped = rig.stopAt(running(2 * 250, '1.300.2'));
  updates = deployToAll('1.300.2');
  resume = await stopped;
});

afterAll(async () => {
  resume();
  await updates;
  await rig.close();
});

/** Opens the console, and waits until it shows everything. */
async function openConsole(...settings: Parameters<typeof open> extends [string, ...infer Others] ? Others : never): Promise<OpenPage> {
  const opened = await open(rig.console.address, ...settings);
  await opened.page.getByText('● live').waitFor();
  await opened.page.locator('details[open] img[src]').waitFor();
  await opened.page.waitForFunction(() => document.querySelector<HTMLImageElement>('details[open] img')!.naturalWidth > 0);
  return opened;
}

/** Presses Tab until something has the focus whose name matches. */
async function tabTo({ page }: OpenPage, name: RegExp): Promise<void> {
  for (let step = 0; step < 60; step++) {
    await page.keyboard.press('Tab');
    if (name.test(await focused(page))) return;
  }
  throw new Error(`Tab never leads to ${name}`);
}

describe('the console during three rollouts, on 3, 12 and 1,000 instances', () => {
  test.each(THEMES)('has nothing that axe-core rejects, no error and no request to elsewhere in the %s theme', async (theme) => {
    const { page, faults, origins } = await openConsole(theme);

    expect(await violations(page)).toEqual([]);
    expect(faults).toEqual([]);
    expect([...origins]).toEqual([rig.sandbox.endpoint]);
    await screenshot(page, `console-${theme}`);
  });

  test('shows what each instance runs, the rollouts in progress, and its state in the title', async () => {
    const { page } = await openConsole();

    expect(page.url()).toBe(`${rig.sandbox.endpoint}/console`);
    expect(await page.title()).toMatch(/^Deploying: \d+ of \d+ · sandbox$/);
    expect(await page.locator('#numbers dt').allTextContents()).toEqual(['rollouts in progress', 'instances, 3 clusters', 'without the daemon', 'in ALARM, 1 OK']);
    expect(await page.locator('#numbers dd').allTextContents()).toEqual(['3', expect.stringMatching(/^1,\d{3}$/), '0', '0']);
    expect(await page.locator('.rollout.running').count()).toBe(3);
    const managed = page.locator('section[aria-label="apps/managed"]');
    expect(await managed.locator('.counts').innerText()).toMatch(/run 1\.300\.2 · \d+ run 1\.300\.1/);
    expect(await managed.locator('.cell.nr').count()).toBeGreaterThanOrEqual(3);
    expect(await page.locator('section[aria-label="batch/large"] path.nr').count()).toBe(1);
  });

  test.each([640, 360])('has no sideways scrolling in a window of %s pixels', async (width) => {
    const { page } = await openConsole('light', { viewport: { width, height: 900 } });

    expect(await overflow(page)).toBe(0);
    await screenshot(page, `console-${width}`);
  });

  test('is used by the keyboard alone: rollouts, cells of a small and of a large fleet', async () => {
    const opened = await openConsole();
    const { page } = opened;
    await tabTo(opened, /^Skip to the rollouts$/);
    await page.keyboard.press('Enter');

    await tabTo(opened, /^Deploying: .* on /);
    await page.keyboard.press('Enter');
    const open = await page.locator('details[open]').count();
    await page.keyboard.press('Enter');
    expect(await page.locator('details[open]').count()).not.toBe(open);

    await tabTo(opened, /^\w{4}: .*i-\w+$/);
    const first = await focused(page);
    await page.keyboard.press('ArrowRight');
    expect(await focused(page)).not.toBe(first);
    expect(await page.locator('section[aria-label="edge/small"] .selected').innerText()).toBe(await focused(page));
    await page.keyboard.press('Home');
    expect(await focused(page)).toBe(first);

    await tabTo(opened, /^Instances of batch\/large/);
    const slider = page.getByRole('slider');
    await page.keyboard.press('End');
    expect(await slider.getAttribute('aria-valuenow')).toBe(await slider.getAttribute('aria-valuemax'));
    await page.keyboard.press('ArrowUp');
    expect(Number(await slider.getAttribute('aria-valuenow'))).toBe(Number(await slider.getAttribute('aria-valuemax')) - 58);
    expect(await slider.getAttribute('aria-valuetext')).toContain(await page.locator('section[aria-label="batch/large"] .selected').innerText());
  });

  test('continues from where it was when its connection was interrupted', async () => {
    const { page } = await openConsole();
    await page.evaluate(() => { document.body.dataset.same = 'page'; });
    rig.interrupt();
    await page.getByText('○ interrupted').waitFor();
    await rig.sandbox.call('monitoring', 'PutMetricAlarm', { AlarmName: 'while-away', EvaluationPeriods: 1, ComparisonOperator: 'GreaterThanThreshold' });

    await page.getByText('● live').waitFor();
    await page.getByText('while-away').first().waitFor();
    expect(await page.locator('body').getAttribute('data-same')).toBe('page');
    await rig.sandbox.call('monitoring', 'DeleteAlarms', { AlarmNames: ['while-away'] });
  });

  test('rolls back what an alarm guards when its button is pressed, announces the end, and keeps the focus where it is', async () => {
    const opened = await openConsole();
    const { page } = opened;
    await tabTo(opened, /^Set to ALARM: agent-cpu-high$/);
    await page.keyboard.press('Enter');

    await page.getByRole('button', { name: `Set to OK: ${ALARM}` }).waitFor();
    expect(await focused(page)).toBe(`Set to OK: ${ALARM}`);
    expect(await page.getByRole('status').innerText()).toBe(`Alarm ${ALARM} is in ALARM.`);
    expect(rig.sandbox.requests.findLast(({ operation }) => operation === 'SetAlarmState')).toMatchObject({ caller: 'operator' });

    await page.locator('.rollout.running summary').last().focus();
    const [where] = /agent on .*/.exec(await focused(page))!;
    resume();
    expect(await updates).toEqual(FLEETS.map(() => 'UPDATE_ROLLBACK_COMPLETE'));
    await page.getByText(`Rolled back: ${ALARM} went into ALARM`).nth(2).waitFor();
    await page.waitForFunction(() => document.querySelector('[role=status]')!.textContent!.includes('Rolled back'));
    expect(await page.title()).toBe('Sandbox');
    expect(await focused(page)).toBe(`Rolled back: ${ALARM} went into ALARM after 7 min 5 s${where}`);
    expect(await violations(page)).toEqual([]);
    expect(opened.faults).toEqual([]);
    await screenshot(page, 'console-rolled-back');
  });

  test('links to a report of each rollout', async () => {
    const { page } = await openConsole();
    const [report] = await Promise.all([page.context().waitForEvent('page'), page.locator('details[open] a').click()]);

    expect(await report.locator('h1').textContent()).toMatch(/^Rolled back: agent-cpu-high/);
    expect(await report.locator('summary', { hasText: 'Log of the rollout' }).count()).toBe(1);
  });
});
