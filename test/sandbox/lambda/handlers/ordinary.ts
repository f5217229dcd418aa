import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import { tell } from './tell';

interface Context {
  readonly awsRequestId: string;
  readonly invokedFunctionArn: string;
  readonly functionVersion: string;
  getRemainingTimeInMillis(): number;
}

let invocations = 0;

export const echo = async (event: unknown, context: Context): Promise<object> => ({
  event,
  invocations: ++invocations,
  now: new Date().toISOString(),
  arn: context.invokedFunctionArn,
  version: context.functionVersion,
  remaining: context.getRemainingTimeInMillis(),
  environment: process.env,
});

export const prints = async (): Promise<void> => {
  console.log('a line with a number: %d', 7);
  console.error(new Error('an error').message);
  process.stdout.write('as it is\n');
};

export const fails = async (): Promise<never> => {
  await tell('attempt');
  throw new RangeError('out of range');
};

export const exits = async (): Promise<void> => process.exit(3);

export const hangs = (): Promise<never> => new Promise(() => setInterval(() => undefined, 1000));

/** Waits in the ways that Node.js has, and reports the time in between. */
export const waits = async ({ seconds }: { seconds: number }, context: Context): Promise<object> => {
  const began = Date.now();
  await pause(seconds * 1000);
  await tell('half');
  await new Promise((resolve) => void setTimeout(resolve, seconds * 1000));
  return { seconds: (Date.now() - began) / 1000, remaining: context.getRemainingTimeInMillis() / 1000 };
};

/** Keeps the event loop busy, as a request does, while a longer timer runs. */
export const works = async (): Promise<number> => {
  const began = Date.now();
  const timer = setTimeout(() => undefined, 60_000);
  await new Promise((resolve) => void setTimeout(resolve, 50));
  await tell('worked');
  clearTimeout(timer);
  return Date.now() - began;
};

export const callsBack = (event: { name: string }, _context: Context, callback: (fault: unknown, result: unknown) => void): void => {
  setImmediate(() => callback(null, `hello ${event.name}`));
};

export const receives = async (event: unknown): Promise<string> => tell(JSON.stringify(event));

export const looksUp = async ({ module }: { module: string }): Promise<object> => {
  const own = createRequire(__filename);
  try {
    return { found: own.resolve(module) };
  } catch (fault) {
    return { code: (fault as { code: string }).code, paths: own.resolve.paths(module) };
  }
};
