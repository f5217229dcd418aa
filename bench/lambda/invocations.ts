/** The process that is measured: it loads the bundle of a function, as Lambda does in a new environment, and invokes its handler. */
const [, , bundle, event, count] = process.argv;
const MEBIBYTE = 1024 * 1024;

/** What something took: on the clock, and of a CPU, in milliseconds. */
export interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
}

export interface Report {
  readonly bareMiB: number;
  readonly init: Cost;
  readonly first: Cost;
  /** Each of the further ones. */
  readonly further: readonly Cost[];
  readonly peakMiB: number;
}

async function costOf(action: () => unknown): Promise<Cost> {
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  await action();
  const { user, system } = process.cpuUsage(cpu);
  return { wallMs: performance.now() - wall, cpuMs: (user + system) / 1000 };
}

async function run(): Promise<void> {
  process.stdout.write = (): boolean => true; // the log is not what is measured
  const bareMiB = process.memoryUsage().rss / MEBIBYTE;
  let handler: (event: unknown, context: object) => unknown = () => undefined;
  const init = await costOf(() => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- as the runtime of Lambda does
    ({ handler } = require(bundle));
  });
  const context = { awsRequestId: 'request', getRemainingTimeInMillis: () => 100_000 };
  const invoke = (): Promise<Cost> => costOf(() => handler(JSON.parse(event), context));
  const first = await invoke();
  const further: Cost[] = [];
  for (let index = 0; index < Number(count); index++) further.push(await invoke());
  process.send!({ bareMiB, init, first, further, peakMiB: process.resourceUsage().maxRSS / 1024 } satisfies Report);
  process.disconnect();
}

void run();
