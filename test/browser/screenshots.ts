import { join } from 'node:path';

/** Holds the pages of the last run. Git ignores it. */
export const SCREENSHOTS = join(__dirname, 'screenshots');
