import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export type Handler = (event: unknown, context: object, callback: (fault: unknown, result: unknown) => void) => unknown;

/** Loads the code of a function as the Node.js runtime does: `index.handler` is the export `handler` of `index.js`, `.cjs` or `.mjs`. */
export async function loadHandler(codeFolder: string, handler: string): Promise<Handler> {
  const at = handler.lastIndexOf('.');
  const [moduleName, exportName] = [handler.slice(0, at), handler.slice(at + 1)];
  const file = ['.js', '.cjs', '.mjs'].map((extension) => join(codeFolder, `${moduleName}${extension}`)).find(existsSync);
  if (!file) throw runtimeError('Runtime.ImportModuleError', `Error: Cannot find module '${moduleName}'`);
  const exported = file.endsWith('.mjs')
    ? await import(pathToFileURL(file).href) as Record<string, unknown>
    : createRequire(file)(file) as Record<string, unknown>;
  const found = exported[exportName];
  if (typeof found !== 'function') throw runtimeError('Runtime.HandlerNotFound', `${handler} is undefined or not exported`);
  return found as Handler;
}

const runtimeError = (name: string, message: string): Error => Object.assign(new Error(message), { name });
