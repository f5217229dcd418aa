import { parseArgs } from 'node:util';
import type { AlarmRehearsal, FleetSeed, SandboxOptions, StartFailure } from '../index';
import type { OutputLevel } from './server-messages';

const DEFAULT_PORT = '8466';

export const USAGE = `usage: cdk-ecs-managed-daemons sandbox [options] [-- COMMAND ...]

Starts an AWS on this machine that the CDK CLI and AWS SDKs can talk to, prints the environment to export, and serves until
it is stopped with Ctrl-C. Time in it is virtual: a rollout of twenty minutes takes about a second. It keeps nothing: the next
one starts empty. Given a COMMAND, it runs it in that environment instead, and ends with it. It also prints the address of its
console, a page that shows fleets, rollouts, alarms and requests as they change: with --scale 60 you can watch.

options:
  --port NUMBER                    the port on 127.0.0.1 (default: ${DEFAULT_PORT}; a free one for a COMMAND)
  --fleet CLUSTER/PROVIDER=NUMBER  a Managed Instances capacity provider that exists from the start, with that many instances
                                   running application tasks; may be given more than once
  --tasks-per-instance NUMBER      how many application tasks fit on an instance (default: 2)
  --scale NUMBER                   run virtual time NUMBER times as fast as the wall clock, instead of jumping
  --region REGION                  (default: us-east-1)
  --account ACCOUNT                (default: 123456789012)
  --environment-file FILE          also write the environment to FILE, a line NAME=VALUE for each variable
  --logs FOLDER                    on the way out, write the request log and the instance event log there
  --quiet                          print errors only
  --verbose                        print a line for every event of resources, deployments and instances too
  --help                           this text

failures to rehearse, each may be given more than once; in PATTERN, * stands for any characters and ? for one:
  --failing-image PATTERN          daemon tasks of images that match do not start
  --alarm PATTERN@MINUTES          alarms whose names match go into ALARM so many minutes after a rollout that they guard begins
                                   to replace instances
  --hanging-drain PROVIDER         the first instance of that capacity provider does not drain
`;

/** Arguments that the command does not accept. */
export class UsageError extends Error {}

export interface CommandOptions {
  readonly help: boolean;
  readonly sandbox: SandboxOptions;
  /** The command to run in the environment of the sandbox. */
  readonly command?: readonly string[];
  readonly environmentFile?: string;
  readonly logsFolder?: string;
  readonly output: OutputLevel;
}

/** Reads the arguments of the command line; throws a `UsageError` that names the option, its value and what is allowed. */
export function parseCommandLine(values: readonly string[]): CommandOptions {
  const separator = values.indexOf('--');
  const command = separator < 0 ? undefined : values.slice(separator + 1);
  const { options, positionals } = parsed(separator < 0 ? values : values.slice(0, separator));
  if (!options.help || positionals.length > 0) checkCommand(positionals, command);
  if (options.quiet && options.verbose) throw new UsageError('--quiet and --verbose must not be given together.');
  return {
    help: options.help,
    command,
    environmentFile: options['environment-file'],
    logsFolder: options.logs,
    output: options.quiet ? 'quiet' : options.verbose ? 'verbose' : 'normal',
    sandbox: {
      // one command at a time may have the usual port; each run of a command has a port of its own
      port: wholeNumber('--port', options.port ?? (command ? '0' : DEFAULT_PORT), 0, 65535),
      fleets: parseFleets(options.fleet),
      applicationTasksPerInstance: wholeNumber('--tasks-per-instance', options['tasks-per-instance'], 1, 1000),
      clock: options.scale === undefined ? 'jumping' : { scale: wholeNumber('--scale', options.scale, 1, 3600) },
      startTime: new Date(),
      region: matching('--region', options.region, /^[a-z]{2,}(-[a-z]+)+-\d+$/, 'a Region such as eu-west-1'),
      accountId: matching('--account', options.account, /^\d{12}$/, 'a number of 12 digits'),
      startFailures: options['failing-image'].map(failureOf),
      alarmsDuringRollouts: options.alarm.map(rehearsalOf),
      hangingDrains: options['hanging-drain'].map((name) => matching('--hanging-drain', name, /^[\w-]{1,255}$/, 'the name of a capacity provider')!),
    },
  };
}

function parsed(values: readonly string[]) {
  try {
    const { values: options, positionals } = parseArgs({
      args: [...values],
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
        'quiet': { type: 'boolean', default: false },
        'verbose': { type: 'boolean', default: false },
        'failing-image': { type: 'string', multiple: true, default: [] },
        'alarm': { type: 'string', multiple: true, default: [] },
        'hanging-drain': { type: 'string', multiple: true, default: [] },
        'help': { type: 'boolean', default: false },
      },
    });
    return { options, positionals };
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ')[0]!); // without advice about arguments that begin with a dash
  }
}

function checkCommand(positionals: readonly string[], command: readonly string[] | undefined): void {
  const [name, ...rest] = positionals;
  if (name !== 'sandbox') throw new UsageError(`The command must be sandbox, got: ${JSON.stringify(name ?? '')}.`);
  if (rest.length > 0) throw new UsageError(`An option was expected, got: ${JSON.stringify(rest[0])}. A command to run follows after --.`);
  if (command?.length === 0) throw new UsageError('A command must follow after --.');
}

function parseFleets(texts: readonly string[]): FleetSeed[] {
  const fleets = texts.map(parseFleet);
  const providers = fleets.map(({ capacityProvider }) => capacityProvider);
  const twice = providers.find((provider, index) => providers.indexOf(provider) !== index);
  if (twice !== undefined) throw new UsageError(`--fleet must name each capacity provider once, got ${JSON.stringify(twice)} twice`);
  return fleets;
}

function parseFleet(text: string): FleetSeed {
  const [, cluster, capacityProvider, instances] = /^([\w-]{1,255})\/([\w-]{1,255})=(\d+)$/.exec(text) ?? [];
  if (!cluster || !capacityProvider || Number(instances) > 10_000) {
    throw new UsageError(`--fleet must be CLUSTER/PROVIDER=NUMBER with 0 to 10000 instances, for example apps/managed=12, got: ${JSON.stringify(text)}`);
  }
  if (/^(aws|ecs|fargate)/i.test(capacityProvider)) {
    throw new UsageError(`--fleet must name a capacity provider that does not begin with aws, ecs or fargate, got: ${JSON.stringify(text)}`);
  }
  return { cluster, capacityProvider, instances: Number(instances) };
}

function failureOf(image: string): StartFailure {
  if (image === '') throw new UsageError('--failing-image must be an image or a pattern such as *:broken, got: ""');
  return { image };
}

function rehearsalOf(text: string): AlarmRehearsal {
  const [, alarm, minutes] = /^(.+)@(\d+)$/.exec(text) ?? [];
  if (alarm === undefined || Number(minutes) > 1440) {
    throw new UsageError(`--alarm must be PATTERN@MINUTES with 0 to 1440 minutes, for example errors@5, got: ${JSON.stringify(text)}`);
  }
  return { alarm, minutes: Number(minutes) };
}

function matching(option: string, text: string | undefined, pattern: RegExp, allowed: string): string | undefined {
  if (text === undefined || pattern.test(text)) return text;
  throw new UsageError(`${option} must be ${allowed}, got: ${JSON.stringify(text)}`);
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : NaN;
  if (number >= least && number <= most) return number;
  throw new UsageError(`${option} must be a whole number from ${least} to ${most}, got: ${JSON.stringify(text)}`);
}
