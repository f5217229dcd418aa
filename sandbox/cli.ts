#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { inheritedWithout, shellLines } from './client-environment';
import type { FleetSeed, SandboxOptions } from './index';
import { ServerProcess } from './server-process';

const DEFAULT_PORT = '8466';

const USAGE = `usage: cdk-ecs-managed-daemons sandbox [options] [-- COMMAND ...]

Starts an AWS on this machine that the CDK CLI and AWS SDKs can talk to, prints the environment to export, and serves until
it is stopped with Ctrl-C. Time in it is virtual: a rollout of twenty minutes takes about a second. It keeps nothing: the next
one starts empty. Given a COMMAND, it runs it in that environment instead, and ends with it.

options:
  --port NUMBER                    the port on 127.0.0.1 (default: ${DEFAULT_PORT})
  --fleet CLUSTER/PROVIDER=NUMBER  a Managed Instances capacity provider that exists from the start, with that many instances
                                   running application tasks; may be given more than once
  --tasks-per-instance NUMBER      how many application tasks fit on an instance (default: 2)
  --scale NUMBER                   run virtual time NUMBER times as fast as the wall clock, instead of jumping
  --region REGION                  (default: us-east-1)
  --account ACCOUNT                (default: 123456789012)
  --environment-file FILE          also write the environment to FILE, a line NAME=VALUE for each variable
  --logs FOLDER                    on the way out, write the request log and the instance event log there
  --help                           this text
`;

/** The usual exit code of a process that a signal has ended. */
const SIGNAL_EXIT_CODE = 128;

async function main(): Promise<number> {
  const separator = process.argv.indexOf('--', 2);
  const command = separator < 0 ? undefined : process.argv.slice(separator + 1);
  const { values, positionals } = parseArgs({
    args: process.argv.slice(2, separator < 0 ? undefined : separator),
    allowPositionals: true,
    options: {
      'port': { type: 'string' },
      'fleet': { type: 'string', multiple: true, default: [] },
      'tasks-per-instance': { type: 'string', default: '2' },
      'scale': { type: 'string' },
      'region': { type: 'string' },
      'account': { type: 'string' },
      'environment-file': { type: 'string' }, // not --env-file, which Node.js 20 takes for its own wherever it stands
      'logs': { type: 'string' },
      'help': { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (positionals.join(' ') !== 'sandbox') throw new UsageError(`unknown command ${JSON.stringify(positionals.join(' '))}`);
  if (command?.length === 0) throw new UsageError('a command is missing after --');
  const options: SandboxOptions = {
    // one command at a time may have the usual port; each run of a command has a port of its own
    port: wholeNumber('--port', values.port ?? (command ? '0' : DEFAULT_PORT), 0, 65535),
    fleets: parseFleets(values.fleet),
    applicationTasksPerInstance: wholeNumber('--tasks-per-instance', values['tasks-per-instance'], 1, 1000),
    clock: values.scale === undefined ? 'jumping' : { scale: wholeNumber('--scale', values.scale, 1, 3600) },
    startTime: new Date(),
    region: values.region,
    accountId: values.account,
  };
  if (values.logs !== undefined) mkdirSync(values.logs, { recursive: true }); // a folder that cannot be created ends it here
  process.stdout.on('error', () => undefined); // its reader has gone away, for example `head -1`
  const interrupted = nextSignal();
  const server = await ServerProcess.start(options).catch((error: Error & { code?: string }) => {
    throw error.code === 'EADDRINUSE' ? new Error(`The port ${options.port} is taken. Choose another one with --port.`) : error;
  });
  if (values['environment-file'] !== undefined) writeFileSync(values['environment-file'], environmentFile(server.environment), { mode: 0o600 });
  const exitCode = command ? await Promise.race([run(command, server.environment), interrupted, server.ended.then(() => 1)])
    : await serve(server, interrupted);
  process.once('SIGINT', () => server.kill());
  process.once('SIGTERM', () => server.kill());
  const { requests, instanceEvents } = await server.stop();
  if (values.logs !== undefined) {
    writeLines(join(values.logs, 'requests.jsonl'), requests);
    writeLines(join(values.logs, 'instance-events.jsonl'), instanceEvents);
  }
  return exitCode;
}

class UsageError extends Error {}

/** Prints the environment and resolves when the user has stopped the sandbox. */
async function serve(server: ServerProcess, interrupted: Promise<number>): Promise<number> {
  process.stdout.write(shellLines(server.environment).map((line) => `${line}\n`).join(''));
  process.stderr.write(`\nThe sandbox listens on ${server.endpoint}. Paste the lines above into the shell where you run cdk. Ctrl-C stops it.\n`);
  await Promise.race([interrupted, server.ended]);
  return 0;
}

/** Runs a command in the environment of the sandbox and resolves to its exit code. */
function run([file, ...values]: string[], environment: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(file!, values, { env: { ...inheritedWithout(process.env), ...environment }, stdio: 'inherit' });
    child.on('error', (error) => reject(new Error(`Cannot run ${file}: ${error.message}`)));
    child.on('exit', (code, signal) => resolve(code ?? SIGNAL_EXIT_CODE + constants.signals[signal!]));
  });
}

function nextSignal(): Promise<number> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(SIGNAL_EXIT_CODE + constants.signals[signal]));
  });
}

function parseFleets(texts: readonly string[]): FleetSeed[] {
  const fleets = texts.map(parseFleet);
  const providers = fleets.map(({ capacityProvider }) => capacityProvider);
  const twice = providers.find((provider, index) => providers.indexOf(provider) !== index);
  if (twice !== undefined) throw new UsageError(`--fleet must name each capacity provider once, got ${JSON.stringify(twice)} twice`);
  return fleets;
}

function parseFleet(text: string): FleetSeed {
  const [, cluster, capacityProvider, instances] = /^([\w-]+)\/([\w-]+)=(\d+)$/.exec(text) ?? [];
  if (!cluster || !capacityProvider || instances === undefined) {
    throw new UsageError(`--fleet must be CLUSTER/PROVIDER=NUMBER, for example apps/managed=12, got: ${JSON.stringify(text)}`);
  }
  return { cluster, capacityProvider, instances: wholeNumber('--fleet', instances, 0, 10_000) };
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < least || number > most) {
    throw new UsageError(`${option} must be a whole number from ${least} to ${most}, got: ${JSON.stringify(text)}`);
  }
  return number;
}

const environmentFile = (environment: Readonly<Record<string, string>>): string =>
  Object.entries(environment).map(([name, value]) => `${name}=${value}\n`).join('');

function writeLines(file: string, entries: readonly object[]): void {
  writeFileSync(file, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
}

main().then(
  (exitCode) => process.exit(exitCode),
  (error: Error & { code?: string }) => {
    const usage = error instanceof UsageError || error.code?.startsWith('ERR_PARSE_ARGS');
    process.stderr.write(usage ? `${error.message}\n\n${USAGE}` : `${error.message}\n`);
    process.exit(usage ? 2 : 1);
  },
);
