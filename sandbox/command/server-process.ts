import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { realpathSync, rmSync } from 'node:fs';
import { devNull } from 'node:os';
import { join, sep } from 'node:path';
import type { SandboxOptions } from '../index';
import { createRunFolder, projectModules } from '../run-folder';
import type { FromServer, LogLines, OutputLevel, ToServer } from './server-messages';

type Started = Extract<FromServer, { kind: 'started' }>;

/** A sandbox in a process of its own, which has none of this process' environment and files. */
export class ServerProcess {
  /** Starts the process and waits until it serves. */
  public static async start(options: SandboxOptions, output: OutputLevel): Promise<ServerProcess> {
    const folder = createRunFolder();
    const child = fork(join(__dirname, 'server.js'), {
      execArgv: permissionFlags(folder),
      env: cleanEnvironment(folder),
      cwd: folder,
      serialization: 'advanced',
      stdio: ['ignore', process.stderr, 'inherit', 'ipc'], // stdout is for the environment, or the command's
    });
    const server = new ServerProcess(child, folder);
    try {
      server.send({ kind: 'start', options, output });
      server.started = await server.receive('started');
      return server;
    } catch (error) {
      server.kill();
      await server.ended;
      throw error;
    }
  }

  /** Resolves when the process has ended. */
  public readonly ended: Promise<unknown>;
  private started?: Started;

  private constructor(private readonly child: ChildProcess, private readonly folder: string) {
    this.ended = once(child, 'exit').finally(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  public get endpoint(): string {
    return this.started!.endpoint;
  }

  /** The address of the console, with the key of this run. */
  public get consoleAddress(): string {
    return this.started!.consoleAddress;
  }

  public get environment(): Readonly<Record<string, string>> {
    return this.started!.environment;
  }

  /** Ends the process in good order; what it has logged is received piece by piece. */
  public async stop(receive?: (lines: LogLines) => void): Promise<void> {
    if (!this.child.connected) return void await this.ended;
    if (receive) this.child.on('message', (message: FromServer) => message.kind === 'logged' && receive(message));
    this.send({ kind: 'stop', withLogs: receive !== undefined });
    await this.receive('stopped');
    await this.ended;
  }

  public kill(): void {
    this.child.kill('SIGKILL');
  }

  private send(message: ToServer): void {
    this.child.send(message);
  }

  private receive<Kind extends FromServer['kind']>(kind: Kind): Promise<Extract<FromServer, { kind: Kind }>> {
    return new Promise((resolve, reject) => {
      this.child.on('message', (message: FromServer) => {
        if (message.kind === kind) resolve(message as Extract<FromServer, { kind: Kind }>);
        if (message.kind === 'failed') reject(Object.assign(new Error(message.message), { code: message.code }));
      });
      void this.ended.then(() => reject(new Error('The sandbox has ended unexpectedly.')));
    });
  }
}

/** Files: the package, the sandbox's own folder, and the modules of the project, for the AWS SDK that functions find there. */
function permissionFlags(folder: string): string[] {
  const has = (flag: string): boolean => process.allowedNodeEnvironmentFlags.has(flag);
  const readable = [__dirname, folder, ...projectModules()].map((path) => `${realpathSync(path)}${sep}`);
  return [
    has('--permission') ? '--permission' : '--experimental-permission',
    ...[...readable, devNull].map((path) => `--allow-fs-read=${path}`),
    `--allow-fs-write=${folder}${sep}`,
    '--allow-worker',
    ...(has('--allow-net') ? ['--allow-net'] : []), // Node 25 closes the network too
    '--no-warnings', // that permissions are experimental
  ];
}

function cleanEnvironment(folder: string): Record<string, string> {
  const { SystemRoot: systemRoot } = process.env; // without it Windows starts no process
  return { TMPDIR: folder, TEMP: folder, TMP: folder, ...(systemRoot !== undefined && { SystemRoot: systemRoot }) };
}
