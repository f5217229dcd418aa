import { parseArgs, styleText } from 'node:util';
import { writeFiles, checkFiles } from './output-files';
import { plan as planApp, type PlanAlarm, type PlanFleet, type PlanLimits, type PlanOptions, type PlanResult } from './plan';
import { planAgainstAccount } from './plan/live/plan-against-account';
import { planText, type Terminal } from './plan/text';
import { InputError } from './plan/input-error';

const USAGE = `usage: cdk-ecs-managed-daemons plan [options] [STACK ...]

Shows what a deployment would do to the daemons of an app: deploys what is deployed now, and then the new app, to a sandbox on this
machine in virtual time. What is deployed now is read from the account; nothing is written there. STACK is the id or name of a stack,
with * for any characters (default: all).

options:
  --app FOLDER                     the cloud assembly of the new app, from cdk synth (default: cdk.out)
  --from FOLDER                    the cloud assembly of the app that is deployed now, in place of the account
  --new                            nothing is deployed now, in place of the account: everything is new
  --profile NAME, --region REGION, --endpoint-url URL
                                   the account, as with the AWS CLI; a stack that states its Region is read there
  --fleet CLUSTER/PROVIDER=NUMBER  how many instances a capacity provider has; may be given more than once. Names that CloudFormation
                                   generates are stated by the id of the construct. (default: what the account has, or services need)
  --tasks-per-instance NUMBER      how many application tasks fit on an instance (default: 2)
  --max-drained-percent NUMBER     exit with 3 if more of a hundred instances drain
  --max-minutes NUMBER             exit with 3 if rollouts may take longer, by the upper bound
  --forbid-drain                   exit with 3 if an instance drains
  --html FILE                      also write the plan as a page, with a picture of the rollouts over time
  --svg FILE                       also write that picture
  --markdown FILE                  also write the plan as a comment for a pull request
  --json FILE                      also write the plan as JSON
  --help                           this text

failures to rehearse, each may be given more than once; in PATTERN, * stands for any characters and ? for one:
  --failing-image PATTERN          daemon tasks of images that match do not start
  --alarm PATTERN@MINUTES          alarms whose names match go into ALARM so many minutes after a rollout that they protect begins
                                   to replace instances
  --hanging-drain PROVIDER         the first instance of that capacity provider does not drain

exit codes: 0 nothing drains, 1 error, 2 instances drain, 3 a limit is exceeded, 4 the deployment would be refused, 5 a fleet is not known
`;

/** Runs the command and returns its exit code. */
export async function plan(values: readonly string[]): Promise<number> {
  try {
    const { help, app, isLive, account, options, files } = parsed(values);
    if (help) {
      process.stdout.write(USAGE);
      return 0;
    }
    checkFiles(files);
    const result = isLive ? await planAgainstAccount(app, options, account) : await planApp(app, options);
    writeFiles(files, result);
    process.stdout.write(planText(result, terminal()));
    printHints(result);
    return result.exitCode;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

function terminal(): Terminal {
  const { NO_COLOR: plain, TERM, LC_ALL, LC_CTYPE, LANG } = process.env;
  const locale = LC_ALL || LC_CTYPE || LANG;
  return {
    style: process.stdout.isTTY && !plain ? (format, text) => styleText(format, text) : (_format, text) => text,
    unicode: TERM !== 'dumb' && (locale === undefined || /utf-?8/i.test(locale)),
  };
}

function printHints({ verdict, unknownFleets }: PlanResult): void {
  if (verdict !== 'fleet not known') return;
  process.stderr.write(`State how many instances there are: ${unknownFleets.map((name) => `--fleet ${name}=NUMBER`).join(' ')}\n`);
}

function parsed(values: readonly string[]) {
  const { options, positionals } = argumentsIn(values);
  const isLive = options.from === undefined && !options.new;
  if (options.from !== undefined && options.new) throw new InputError('--from and --new exclude each other: state one of them.');
  const account = { profile: options.profile, region: options.region, endpointUrl: options['endpoint-url'] };
  const needless = (['profile', 'region', 'endpoint-url'] as const).find((name) => options[name] !== undefined);
  if (!isLive && needless) throw new InputError(`With --from or --new no account is read: leave out --${needless}.`);
  return {
    help: options.help,
    app: options.app,
    isLive,
    account,
    files: { json: options.json, svg: options.svg, html: options.html, markdown: options.markdown },
    options: {
      from: options.from,
      stacks: positionals,
      fleets: options.fleet.map(fleetOf),
      ...(options['tasks-per-instance'] !== undefined && { applicationTasksPerInstance: Number(options['tasks-per-instance']) }),
      limits: {
        ...numberOf('max-drained-percent', 'mostDrainedPercent', options),
        ...numberOf('max-minutes', 'mostMinutes', options),
        forbidsDrain: options['forbid-drain'],
      },
      failures: { alarms: options.alarm.map(alarmOf), failingImages: options['failing-image'], hangingDrains: options['hanging-drain'] },
    } satisfies PlanOptions,
  };
}

function argumentsIn(args: readonly string[]) {
  try {
    const { values: options, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        'app': { type: 'string', default: 'cdk.out' },
        'from': { type: 'string' },
        'fleet': { type: 'string', multiple: true, default: [] },
        'new': { type: 'boolean', default: false },
        'profile': { type: 'string' },
        'region': { type: 'string' },
        'endpoint-url': { type: 'string' },
        'tasks-per-instance': { type: 'string' },
        'max-drained-percent': { type: 'string' },
        'max-minutes': { type: 'string' },
        'forbid-drain': { type: 'boolean', default: false },
        'failing-image': { type: 'string', multiple: true, default: [] },
        'alarm': { type: 'string', multiple: true, default: [] },
        'hanging-drain': { type: 'string', multiple: true, default: [] },
        'json': { type: 'string' },
        'svg': { type: 'string' },
        'html': { type: 'string' },
        'markdown': { type: 'string' },
        'help': { type: 'boolean', default: false },
      },
    });
    return { options, positionals };
  } catch (error) {
    throw new InputError(`${(error as Error).message.split('. ')[0]!.replace(/\.$/, '')}. --help lists the options.`);
  }
}

function numberOf<K extends keyof PlanLimits>(option: 'max-drained-percent' | 'max-minutes', name: K, values: Readonly<Record<string, unknown>>): PlanLimits {
  const text = values[option];
  if (text === undefined) return {};
  if (!/^\d+(\.\d+)?$/.test(String(text))) throw new InputError(`--${option} must be a number of 0 or more, got: ${JSON.stringify(text)}`);
  return { [name]: Number(text) };
}

function fleetOf(text: string): PlanFleet {
  const [, cluster, capacityProvider, instances] = /^([\w-]{1,255})\/([\w-]{1,255})=(\d+)$/.exec(text) ?? [];
  if (cluster === undefined) {
    throw new InputError(`--fleet must be CLUSTER/PROVIDER=NUMBER with 1 to 10000 instances, for example apps/managed=12, got: ${JSON.stringify(text)}`);
  }
  return { cluster, capacityProvider: capacityProvider!, instances: Number(instances) };
}

function alarmOf(text: string): PlanAlarm {
  const [, alarm, minutes] = /^(.+)@(\d+)$/.exec(text) ?? [];
  if (alarm === undefined) throw new InputError(`--alarm must be PATTERN@MINUTES with 0 to 1440 minutes, for example errors@5, got: ${JSON.stringify(text)}`);
  return { alarm, minutes: Number(minutes) };
}
