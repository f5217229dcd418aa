import { Console } from './console';
import { startSandboxIn, type Sandbox } from './index';
import type { FromServer, LogLines, ToServer } from './command/server-messages';

/** The process that serves for the `sandbox` command: it has a clean environment and, by Node's permission model, no files but its own. */

const send = (message: FromServer): void => {
  if (process.connected) process.send!(message);
};

// a fault in a timer costs what waits for that timer; it must not end the other deployments under way
process.on('uncaughtException', (fault) => console.error('sandbox fault:', fault));
// the reader of the output may go away: a fault of its own for each line would never end
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
// Ctrl-C reaches both processes: the command ends this one in good order
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit(1));

let sandbox: Sandbox | undefined;

process.on('message', (message: ToServer) => {
  void (message.kind === 'start' ? start(message) : stop(message)).catch((fault: Error & { code?: string }) => {
    send({ kind: 'failed', message: fault.message, code: fault.code });
  });
});

async function start({ options, output }: Extract<ToServer, { kind: 'start' }>): Promise<void> {
  const print = (line: string): void => void process.stderr.write(`${new Date(sandbox?.clock.now() ?? Date.now()).toISOString()} ${printable(line)}\n`);
  const page = new Console();
  const onNotice = (line: string): void => {
    page.note(printable(line));
    if (output !== 'quiet') print(line);
  };
  sandbox = await startSandboxIn(process.cwd(), { ...options, onNotice, ...(output === 'verbose' && { onDetail: print }) }, page);
  page.open(sandbox, options.clock);
  send({ kind: 'started', endpoint: sandbox.endpoint, consoleAddress: page.address, environment: sandbox.environment });
}

/** Names and reasons come from templates: a line of them must neither end nor steer the terminal. */
const printable = (line: string): string => line.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');

async function stop({ withLogs }: Extract<ToServer, { kind: 'stop' }>): Promise<void> {
  if (withLogs) {
    sendLog('requests', sandbox?.requests ?? []);
    sendLog('instanceEvents', sandbox?.ecs.instanceEvents ?? []);
  }
  const stopped: FromServer = { kind: 'stopped' };
  // the exit would cut a long log off
  if (process.connected) await new Promise<void>((resolve) => process.send!(stopped, () => resolve()));
  await sandbox?.close();
  process.disconnect?.();
  process.exit(0);
}

/** Pieces of a log: the whole may be larger than a message can be. */
const ENTRIES_PER_MESSAGE = 1000;

function sendLog(log: LogLines['log'], entries: readonly object[]): void {
  for (let first = 0; first < entries.length; first += ENTRIES_PER_MESSAGE) {
    const lines = entries.slice(first, first + ENTRIES_PER_MESSAGE).map((entry) => `${JSON.stringify(entry)}\n`).join('');
    send({ kind: 'logged', log, lines });
  }
}
