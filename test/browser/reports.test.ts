import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { agentApp, type AgentSettings } from '../../simulation/app/agent-app';
import { toHtml } from '../../timeline/html';
import { SCENARIOS } from '../timeline/scenarios';
import { focused, open, overflow, screenshot, THEMES, violations } from './browser';

let folder: string;

/** The page that the packed command writes. */
function plannedPage(): string {
  const assembly = (name: string, settings: AgentSettings): string => {
    const outdir = join(folder, name);
    agentApp(settings, { outdir, autoSynth: false }).synth();
    return outdir;
  };
  const file = join(folder, 'plan.html');
  const from = assembly('before', { alarmNames: ['errors'] });
  const app = assembly('after', { alarmNames: ['errors'], imageTag: '2' });
  const command = [join(__dirname, '../../cli/dist/main.js'), 'plan', '--app', app, '--from', from, '--fleet', 'apps/managed=4', '--html', file];
  const { status, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
  if (status !== 2) throw new Error(stderr);
  return file;
}

/** A page as `npm run demo` writes it after each deployment. */
async function recordedPage(scenario: string): Promise<string> {
  const file = join(folder, `${scenario.replaceAll(' ', '-')}.html`);
  writeFileSync(file, toHtml(await SCENARIOS[scenario]!()));
  return file;
}

const pages: Record<string, string> = {};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reports-'));
  pages.plan = pathToFileURL(plannedPage()).href;
  for (const scenario of ['rolled back', 'three waves', 'a thousand rolled back']) pages[scenario] = pathToFileURL(await recordedPage(scenario)).href;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(['plan', 'rolled back', 'three waves', 'a thousand rolled back'])('the report of %s', (name) => {
  test.each(THEMES)('has nothing that axe-core rejects, no error and no request to elsewhere in the %s theme', async (theme) => {
    const { page, faults, origins } = await open(pages[name]!, theme);
    await page.evaluate(() => document.querySelectorAll('details').forEach((details) => { details.open = true; }));

    expect(await violations(page)).toEqual([]);
    expect(faults).toEqual([]);
    expect([...origins]).toEqual([pages[name]]);
    await screenshot(page, `report-${name.replaceAll(' ', '-')}-${theme}`);
  });

  test('has its verdict as title and first heading, and fits into a narrow window', async () => {
    const { page } = await open(pages[name]!, 'light', { viewport: { width: 640, height: 900 } });

    expect(await page.title()).toBe(await page.locator('h1').textContent());
    expect(await overflow(page)).toBe(0);
  });
});

test('the keyboard alone skips to the batches of a report, and opens what is folded', async () => {
  const { page } = await open(pages['rolled back']!);
  await page.keyboard.press('Tab');
  expect(await focused(page)).toBe('Skip to the batches');
  await page.keyboard.press('Enter');
  expect(page.url()).toMatch(/#batches$/);

  const log = page.locator('details', { hasText: 'Log of the rollout' });
  for (let step = 0; step < 20 && !(await focused(page)).startsWith('Log of the rollout'); step++) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');

  expect(await log.getAttribute('open')).toBe('');
  expect(await page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle)).toBe('solid');
});
