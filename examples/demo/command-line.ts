import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

/** How a command of the CDK CLI ended, and what it printed. */
export interface CommandResult {
  readonly exitCode: number;
  readonly output: string;
}

/** Runs the real CLI as a process of its own, against nothing but the sandbox that the environment names. */
export function cdk(
  command: readonly string[], environment: Readonly<Record<string, string>>, onOutput: (text: string) => void = () => undefined,
): Promise<CommandResult> {
  const executable = resolve('node_modules', '.bin', 'cdk');
  const settings = {
    AWS_PROFILE: undefined, AWS_SESSION_TOKEN: undefined, // the developer's own must not get in the way
    CDK_VALIDATION: 'false', // takes seconds for each command; the tests of the examples validate
  };
  return new Promise((done, fail) => {
    const child = spawn(executable, [...command, '--ci'], { env: { ...process.env, ...settings, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data: Buffer) => {
        output += data.toString();
        onOutput(data.toString());
      });
    }
    child.on('error', fail);
    child.on('close', (exitCode) => done({ exitCode: exitCode ?? 1, output }));
  });
}
