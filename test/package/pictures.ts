/** `npm run docs:pictures`: the pictures of README and docs/, from rollouts on the sandbox's ECS. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toSvg, type Theme } from '../../timeline/svg';
import { summaryOf } from '../../timeline/verdict';
import { rolledBack, succeeded } from '../timeline/scenarios';

const FOLDER = join(__dirname, '..', '..', 'docs', 'images');
const ROLLOUTS = { update: () => succeeded(), rollback: () => rolledBack() };
const THEMES: readonly Theme[] = ['light', 'dark'];

/** A file in docs/images/. */
export interface Picture {
  readonly file: string;
  readonly svg: string;
  /** The alternative text of a page that shows it. */
  readonly sentence: string;
}

export async function pictures(): Promise<Picture[]> {
  const all = await Promise.all(Object.entries(ROLLOUTS).map(async ([name, rollout]) => {
    const timeline = await rollout();
    return THEMES.map((theme) => ({
      file: join(FOLDER, `${name}-${theme}.svg`), svg: `${toSvg(timeline, { theme })}\n`, sentence: summaryOf(timeline).sentence,
    }));
  }));
  return all.flat();
}

if (require.main === module) void pictures().then((all) => all.forEach(({ file, svg }) => writeFileSync(file, svg)));
