import { source as axe } from 'axe-core';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { SCREENSHOTS } from './screenshots';

export const THEMES = ['light', 'dark'] as const;

export type Theme = typeof THEMES[number];

/** A page in Chromium, and what it has done that it must not do. */
export interface OpenPage {
  readonly page: Page;
  /** Errors and warnings in the console of the browser, scripts that failed, and answers that are errors. */
  readonly faults: readonly string[];
  /** The origins that the page has sent a request to; of a file, its address. */
  readonly origins: ReadonlySet<string>;
}

let browser: Browser | undefined;

beforeAll(async () => {
  const { executablePath, env } = JSON.parse(process.env.CHROMIUM_OF_TESTS!) as { executablePath: string; env: Record<string, string> };
  browser = await chromium.launch({ executablePath, env: { ...process.env, ...env } as Record<string, string>, args: ['--no-sandbox'] });
});

afterAll(() => browser?.close());

afterEach(() => Promise.all(browser!.contexts().map((context) => context.close())));

/** Opens an address in a profile of its own. */
export async function open(address: string, theme: Theme = 'light', options: BrowserContextOptions = {}): Promise<OpenPage> {
  const context = await browser!.newContext({ colorScheme: theme, viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  const origins = new Set<string>();
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) faults.push(message.text()); });
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('response', (response) => { if (response.status() >= 400) faults.push(`${response.status()} ${response.url()}`); });
  page.on('request', (request) => {
    const { protocol, origin, href } = new URL(request.url());
    if (protocol !== 'data:') origins.add(protocol === 'file:' ? href : origin);
  });
  await page.goto(address);
  return { page, faults, origins };
}

/** What axe-core finds wrong in the page as it is, a line each. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe: checker } = globalThis as unknown as { axe: typeof import('axe-core') };
    const { violations: found } = await checker.run({ resultTypes: ['violations'] });
    return found.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`));
  });
}

export const screenshot = (page: Page, name: string): Promise<Buffer> =>
  page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });

/** By how many pixels the page is wider than its window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.scrollingElement!.scrollWidth - document.documentElement.clientWidth);

/** The text of what has the focus, or its name. */
export const focused = (page: Page): Promise<string> => page.evaluate(() => {
  const element = document.activeElement!;
  return element.getAttribute('aria-label') ?? element.textContent ?? '';
});
