import { existsSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';

export type Handler = (event: unknown, context: object, callback: (fault: unknown, result: unknown) => void) => unknown;

/** Ends the search for modules at the folder that holds the folders of all functions, as it ends at `/var/task` on Lambda. */
export function endLookUpAt(codeFolder: string): void {
  const root = dirname(codeFolder);
  const internals = Module as unknown as { _nodeModulePaths(from: string): string[] };
  const { _nodeModulePaths: allPaths } = internals;
  const isInside = (path: string): boolean => !relative(root, path).startsWith('..');
  internals._nodeModulePaths = (from) => isInside(from) ? allPaths(from).filter(isInside) : allPaths(from);
}

/** Loads the code of a function as the Node.js runtime does: `index.handler` is the export `handler` of `index.js`, `.cjs` or `.mjs`. */
export async function loadHandler(codeFolder: string, handler: string): Promise<Handler> {
  const at = handler.lastIndexOf('.');
  const [moduleName, exportName] = [handler.slice(0, at), handler.slice(at + 1)];
  const file = ['.js', '.cjs', '.mjs'].map((extension) => join(codeFolder, `${moduleName}${extension}`)).find(existsSync);
  if (!file) throw runtimeError('Runtime.ImportModuleError', `Error: Cannot find module '${moduleName}'`);
  const exported = await load(file).catch((fault: Error & { code?: string }) => {
    if (fault.code !== 'MODULE_NOT_FOUND' && fault.code !== 'ERR_MODULE_NOT_FOUND') throw fault;
    throw runtimeError('Runtime.ImportModuleError', `Error: ${fault.message.split('\n')[0]}${adviceOn(fault.message)}`);
  });
  const found = exported[exportName];
  if (typeof found !== 'function') throw runtimeError('Runtime.HandlerNotFound', `${handler} is undefined or not exported`);
  return found as Handler;
}

const load = async (file: string): Promise<Record<string, unknown>> => (
  file.endsWith('.mjs') ? await import(pathToFileURL(file).href) : createRequire(file)(file)
) as Record<string, unknown>;

/** The SDK of Lambda's runtime is not part of the sandbox. */
function adviceOn(message: string): string {
  const name = /^Cannot find (?:module|package) '(@(?:aws-sdk|smithy)\/[^'/]+)/.exec(message)?.[1];
  return name ? `. The sandbox takes it from your project's node_modules: npm install --save-dev ${name}` : '';
}

const runtimeError = (name: string, message: string): Error => Object.assign(new Error(message), { name });
