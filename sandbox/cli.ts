#!/usr/bin/env node
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { shellLines } from './client-environment';
import { startSandbox, type FleetSeed, type SandboxOptions } from './index';

const USAGE = `usage: cdk-ecs-managed-daemons sandbox [options]

Starts an AWS on this machine that the CDK CLI and AWS SDKs can talk to, prints the environment to export, and serves until
it is stopped with Ctrl-C. Time in it is virtual: a rollout of twenty minutes takes about a second.

options:
  --port NUMBER                    the port on 127.0.0.1 (default: 4566)
  --fleet CLUSTER/PROVIDER=NUMBER  a Managed Instances capacity provider that exists from the start, with that many instances
                                   running application tasks; may be given more than once
  --tasks-per-instance NUMBER      how many application tasks fit on an instance (default: 2)
  --scale NUMBER                   run virtual time NUMBER times as fast as the wall clock, instead of jumping
  --region REGION                  (default: us-east-1)
  --account ACCOUNT                (default: 123456789012)
  --logs FOLDER                    on the way out, write the request log and the instance event log there
  --help                           this text
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      'port': { type: 'string', default: '4566' },
      'fleet': { type: 'string', multiple: true, default: [] },
      'tasks-per-instance': { type: 'string', default: '2' },
      'scale': { type: 'string' },
      'region': { type: 'string' },
      'account': { type: 'string' },
      'logs': { type: 'string' },
      'help': { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (positionals.join(' ') !== 'sandbox') throw new UsageError(`unknown command ${JSON.stringify(positionals.join(' '))}`);
  const applicationTasksPerInstance = wholeNumber('--tasks-per-instance', values['tasks-per-instance'], 1, 1000);
  const options: SandboxOptions = {
    port: wholeNumber('--port', values.port, 0, 65535),
    fleets: values.fleet.map((fleet) => parseFleet(fleet, applicationTasksPerInstance)),
    applicationTasksPerInstance,
    clock: values.scale === undefined ? 'jumping' : { scale: wholeNumber('--scale', values.scale, 1, 3600) },
    startTime: new Date(),
    region: values.region,
    accountId: values.account,
  };
  const sandbox = await startSandbox(options);
  // a fault in a timer is told, and costs what waits for that timer; it must not end the other deployments under way
  process.on('uncaughtException', (fault) => console.error('sandbox fault:', fault));
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  process.stdout.write(shellLines(sandbox.environment).map((line) => `${line}\n`).join(''));
  process.stderr.write(`\nThe sandbox listens on ${sandbox.endpoint}. Paste the lines above into the shell where you run cdk. Ctrl-C stops it.\n`);
  await stopped;
  if (values.logs !== undefined) {
    mkdirSync(values.logs, { recursive: true });
    writeLines(join(values.logs, 'requests.jsonl'), sandbox.requests);
    writeLines(join(values.logs, 'instance-events.jsonl'), sandbox.ecs.instanceEvents);
  }
  await sandbox.close();
  return 0;
}

class UsageError extends Error {}

function parseFleet(text: string, applicationTasksPerInstance: number): FleetSeed {
  const [, cluster, capacityProvider, instances] = /^([\w-]+)\/([\w-]+)=(\d+)$/.exec(text) ?? [];
  if (!cluster || !capacityProvider || instances === undefined) {
    throw new UsageError(`--fleet must be CLUSTER/PROVIDER=NUMBER, for example apps/managed=12, got: ${JSON.stringify(text)}`);
  }
  return { cluster, capacityProvider, instances: wholeNumber('--fleet', instances, 0, 10_000), applicationTasksPerInstance };
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < least || number > most) {
    throw new UsageError(`${option} must be a whole number from ${least} to ${most}, got: ${JSON.stringify(text)}`);
  }
  return number;
}

function writeLines(file: string, entries: readonly object[]): void {
  writeFileSync(file, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
}

main().then(
  (exitCode) => { process.exitCode = exitCode; },
  (error: Error & { code?: string }) => {
    const usage = error instanceof UsageError || error.code?.startsWith('ERR_PARSE_ARGS');
    process.stderr.write(usage ? `${error.message}\n\n${USAGE}` : `${error.message}\n`);
    process.exitCode = usage ? 2 : 1;
  },
);
