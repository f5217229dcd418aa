#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { inheritedWithout, shellLines } from '../client-environment';
import { parseCommandLine, USAGE, UsageError, type CommandOptions } from './command-options';
import { ServerProcess } from './server-process';

/** The usual exit code of a process that a signal has ended. */
const SIGNAL_EXIT_CODE = 128;

/** How long a command may take to end when the server process has died. */
const GRACE_MILLISECONDS = 5000;

const ENDED = 'The sandbox has ended unexpectedly.';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

async function main(): Promise<number> {
  const options = parseCommandLine(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  prepareFiles(options);
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined); // their reader has gone away, for example `head -1`
  const interruption = nextSignal();
  let isInterrupted = false;
  void interruption.then(() => { isInterrupted = true; });
  const server = await ServerProcess.start(options.sandbox, options.output).catch((error: Error & { code?: string }) => {
    if (error.code === 'EADDRINUSE') throw new Error(`The port ${options.sandbox.port} is taken. Choose another one with --port.`);
    throw error.code === 'EACCES' ? new Error(`The port ${options.sandbox.port} needs more permissions. Choose another one with --port.`) : error;
  });
  try {
    if (options.environmentFile !== undefined) writeFileSync(options.environmentFile, environmentFile(server.environment));
    if (!options.command) printEnvironment(server, options);
    if (options.output !== 'quiet') process.stderr.write(`The console shows what happens: ${server.consoleAddress}\n`);
    if (options.command && !isInterrupted) return await run(options.command, server);
    return await Promise.race([interruption, server.ended.then(() => Promise.reject(new Error(ENDED)))]);
  } finally {
    for (const signal of SIGNALS) process.on(signal, () => server.kill());
    await stop(server, options);
  }
}

/** Fails early if a file could not be written later. */
function prepareFiles({ logsFolder, environmentFile: file }: CommandOptions): void {
  if (logsFolder !== undefined) attempt('--logs', logsFolder, () => mkdirSync(logsFolder, { recursive: true }));
  if (file === undefined) return;
  attempt('--environment-file', file, () => {
    writeFileSync(file, '', { mode: 0o600 });
    if (statSync(file).isFile()) chmodSync(file, 0o600); // one that existed may be readable by others, and is to hold a key
  });
}

function attempt(option: string, path: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    throw new Error(`${option} must be a path that can be written, got ${JSON.stringify(path)}: ${(error as Error).message}`);
  }
}

function printEnvironment(server: ServerProcess, { output }: CommandOptions): void {
  process.stdout.write(shellLines(server.environment).map((line) => `${line}\n`).join(''));
  if (output === 'quiet') return;
  process.stderr.write(`The sandbox listens on ${server.endpoint}. Paste the lines above into the shell where you run cdk. Ctrl-C stops it.\n`);
}

/**
 * Runs a command in the environment of the sandbox and resolves to its exit code. Signals are the command's: it decides when to end.
 * Rejects when the command has ended because the server process has died.
 */
function run([file, ...values]: readonly string[], server: ServerProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(file!, values, { env: { ...inheritedWithout(process.env), ...server.environment }, stdio: 'inherit' });
    let isServed = true;
    void server.ended.then(() => {
      isServed = false;
      child.kill();
      setTimeout(() => child.kill('SIGKILL'), GRACE_MILLISECONDS).unref();
    });
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        const hasIt = signal === 'SIGINT' && process.stdin.isTTY; // Ctrl-C reaches every process of the terminal
        if (!hasIt) child.kill(signal);
      });
    }
    child.on('error', (error) => reject(new Error(`Cannot run ${file}: ${error.message}`)));
    child.on('exit', (code, signal) => {
      if (isServed) resolve(code ?? SIGNAL_EXIT_CODE + constants.signals[signal!]);
      else reject(new Error(`${ENDED} The command ${file} was stopped.`));
    });
  });
}

async function stop(server: ServerProcess, { logsFolder }: CommandOptions): Promise<void> {
  if (logsFolder === undefined) return server.stop();
  const files = { requests: join(logsFolder, 'requests.jsonl'), instanceEvents: join(logsFolder, 'instance-events.jsonl') };
  for (const file of Object.values(files)) writeFileSync(file, '');
  await server.stop(({ log, lines }) => writeFileSync(files[log], lines, { flag: 'a' }));
}

/** Resolves, when the user stops the sandbox, to the exit code: to be stopped is how it ends. */
const nextSignal = (): Promise<number> => new Promise((resolve) => {
  for (const signal of SIGNALS) process.once(signal, () => resolve(0));
});

const environmentFile = (environment: Readonly<Record<string, string>>): string =>
  Object.entries(environment).map(([name, value]) => `${name}=${value}\n`).join('');

main().then(
  (exitCode) => process.exit(exitCode),
  (error: Error) => {
    process.stderr.write(error instanceof UsageError ? `${error.message.replace(/\.$/, '')}. --help lists the options.\n` : `${error.message}\n`);
    process.exit(1);
  },
);
