import { accessSync, constants, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { FORMS } from './plan/forms';
import { InputError } from './plan/input-error';
import type { PlanResult } from './plan';

/** The files that a command writes, by form. */
export type OutputFiles = { readonly [Form in keyof typeof FORMS]?: string };

/** Fails early if a file could not be written later. */
export function checkFiles(files: OutputFiles): void {
  for (const [form, file] of given(files)) {
    try {
      accessSync(dirname(file), constants.W_OK);
      if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) throw new Error('it is a folder');
    } catch (error) {
      throw new InputError(`--${form} must be a file that can be written, got ${JSON.stringify(file)}: ${(error as Error).message}`);
    }
  }
}

/** Writes all forms or none: each file appears whole. */
export function writeFiles(files: OutputFiles, result: PlanResult): void {
  const written = given(files).map(([form, file]) => {
    const partial = join(dirname(file), `.${basename(file)}.${process.pid}`);
    writeFileSync(partial, FORMS[form](result));
    return { partial, file };
  });
  for (const { partial, file } of written) renameSync(partial, file);
}

function given(files: OutputFiles): [keyof OutputFiles, string][] {
  const entries = Object.entries(files) as [keyof OutputFiles, string | undefined][];
  return entries.flatMap(([form, file]) => (file === undefined ? [] : [[form, file]]));
}
