import { join } from 'node:path';

/** Git ignores it: people look at the pages of the last run. */
export const SCREENSHOTS = join(__dirname, 'screenshots');
