import { startSandboxIn, type Sandbox } from './index';
import type { FromServer, ToServer } from './server-messages';

/** The process that serves for the `sandbox` command: it has a clean environment and, by Node's permission model, no files but its own. */

const send = (message: FromServer): void => {
  if (process.connected) process.send!(message);
};

// a fault in a timer costs what waits for that timer; it must not end the other deployments under way
process.on('uncaughtException', (fault) => console.error('sandbox fault:', fault));
// the reader of the output may go away: a fault of its own for each line would never end
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
// Ctrl-C reaches both processes: the command ends this one in good order
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit(1));

let sandbox: Sandbox | undefined;

process.on('message', (message: ToServer) => {
  void (message.kind === 'start' ? start(message) : stop()).catch((fault: Error & { code?: string }) => {
    send({ kind: 'failed', message: fault.message, code: fault.code });
  });
});

async function start({ options }: Extract<ToServer, { kind: 'start' }>): Promise<void> {
  sandbox = await startSandboxIn(process.cwd(), { ...options, onNotice: (line) => console.error(line) });
  send({ kind: 'started', endpoint: sandbox.endpoint, environment: sandbox.environment });
}

async function stop(): Promise<void> {
  const { requests = [], ecs } = sandbox ?? {};
  const stopped: FromServer = { kind: 'stopped', requests, instanceEvents: ecs?.instanceEvents ?? [] };
  // the exit would cut a long log off
  if (process.connected) await new Promise<void>((resolve) => process.send!(stopped, () => resolve()));
  await sandbox?.close();
  process.disconnect?.();
  process.exit(0);
}
