import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const PREFIX = 'ecs-daemon-sandbox-';

/** Creates the folder in which a sandbox of this process keeps its files, and removes what killed ones have left. */
export function createRunFolder(): string {
  removeLeftovers();
  const folder = realpathSync(mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`)));
  linkSdk(functionsFolder(folder));
  return folder;
}

/** The folder for the code of functions. */
export const functionsFolder = (runFolder: string): string => join(runFolder, 'functions');

/** Each `node_modules` from the working folder upwards. */
export function projectModules(folder = process.cwd()): string[] {
  const modules = join(folder, 'node_modules');
  const above = dirname(folder) === folder ? [] : projectModules(dirname(folder));
  return existsSync(modules) ? [modules, ...above] : above;
}

/** Lambda's runtime has the AWS SDK: functions find the project's, if it has one. */
function linkSdk(functions: string): void {
  const modules = join(functions, 'node_modules');
  mkdirSync(modules, { recursive: true });
  for (const scope of ['@aws-sdk', '@smithy']) {
    const found = projectModules().map((folder) => join(folder, scope)).find(existsSync);
    if (found) symlinkSync(found, join(modules, scope), 'junction'); // the kind is of Windows only, where it takes no privilege
  }
}

function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    try {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    } catch {
      // somebody else's
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
