// The timeline is bundled once, beside the sandbox, for the console and the commands: this has what both builds need for that.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What others import of it; a module that is not listed is bundled with them. */
const MODULES = [
  'duration', 'from-sandbox', 'html', 'html/markup', 'html/page', 'markdown', 'overall', 'recorded/revision-names', 'svg', 'svg/element',
  'svg/palette', 'svg/patterns', 'svg/signs', 'text-picture', 'verdict', 'words/place',
];

/** The entry point of the bundle, for esbuild. */
export const timeline = {
  contents: MODULES.map((module) => `export * from './${module}';\n`).join(''),
  resolveDir: dirname(fileURLToPath(import.meta.url)),
  sourcefile: 'timeline.ts',
};

/** Replaces imports of the timeline by one of the bundle at `path`. */
export const sharedTimeline = (path) => ({
  name: 'shared-timeline',
  setup({ onResolve }) {
    onResolve({ filter: /^(\.\.\/)+timeline\// }, ({ path: imported }) =>
      (MODULES.includes(imported.replace(/^(\.\.\/)+timeline\//, '')) ? { path, external: true } : undefined));
  },
});
