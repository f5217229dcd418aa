import childProcess from 'node:child_process';
import dgram from 'node:dgram';
import dns from 'node:dns';
import fs from 'node:fs';
import inspector from 'node:inspector';
import Module, { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import tls from 'node:tls';
import workerThreads from 'node:worker_threads';
import { ANSWER_HOST } from '../../http/admission';

type Anything = (...values: never[]) => unknown;

/**
 * Confines the code of a function to this thread and to the sandbox's address. The lowest layer that JavaScript reaches is closed, the
 * handles of sockets, since code can change whatever is above it. Files are closed by Node's permission model.
 */
export function confine(endpoint: string): void {
  const port = Number(new URL(endpoint).port);
  closeSockets(port);
  closeNames();
  closeProcesses();
  if ('permission' in process) closeFiles();
  routeAnswers(port);
  syncBuiltinESMExports(); // so that `import` finds the same as `require`
}

/** Negative error numbers, as handles return them. */
const UNREACHABLE = -101;
const DENIED = -13;

function closeSockets(port: number): void {
  const probes = [new net.Socket(), new net.Socket()] as const;
  for (const probe of probes) probe.on('error', () => undefined);
  const tcp = handleOf(probes[0].connect(port, '127.0.0.1'));
  const pipe = handleOf(probes[1].connect('/dev/null'));
  for (const probe of probes) probe.destroy(); // before it has connected
  const { apply } = Reflect; // taken now: the function's code may replace it
  const connect = tcp.connect!;
  fix(tcp, 'connect', function (this: unknown, ...values: never[]) {
    const [request, address, to] = values as unknown[];
    if (address !== '127.0.0.1' || to !== port) return UNREACHABLE;
    return apply(connect, this, [request, address, to]);
  });
  for (const name of ['connect6', 'bind', 'bind6', 'listen', 'open']) fix(tcp, name, () => name === 'connect6' ? UNREACHABLE : DENIED);
  for (const name of ['connect', 'bind', 'listen', 'open', 'fchmod']) fix(pipe, name, () => DENIED);
  closeDatagrams();
}

function closeDatagrams(): void {
  const socket = dgram.createSocket('udp4');
  const members = socket as unknown as Record<symbol, { handle?: object } | undefined>;
  const state = Object.getOwnPropertySymbols(socket).map((symbol) => members[symbol]).find((value) => value?.handle);
  const udp = Object.getPrototypeOf(state!.handle) as Record<string, Anything>;
  socket.close();
  for (const name of ['bind', 'bind6', 'connect', 'connect6', 'send', 'send6', 'open']) fix(udp, name, () => UNREACHABLE);
}

/** Rejects DNS queries: they would leave the machine. */
function closeNames(): void {
  const channel = Object.getPrototypeOf((new dns.Resolver() as unknown as { _handle: object })._handle) as Record<string, Anything>;
  const queries = Object.getOwnPropertyNames(channel).filter((name) => /^(query|getHostByAddr)/.test(name));
  for (const name of queries) fix(channel, name, () => DENIED);
  const lookUp = (host: string, options: { all?: boolean } | number | undefined): object | string => {
    if (host !== 'localhost' && net.isIP(host) === 0) {
      throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}: a function of the sandbox reaches only the sandbox`), {
        code: 'ENOTFOUND', errno: -3008, syscall: 'getaddrinfo', hostname: host,
      });
    }
    const [address, family] = host === 'localhost' ? ['127.0.0.1', 4] : [host, net.isIP(host)];
    return typeof options === 'object' && options.all ? [{ address, family }] : { address, family };
  };
  type Found = { address: string; family: number };
  const callback = (host: string, ...rest: unknown[]): void => {
    const done = rest.pop() as (fault: unknown, ...found: unknown[]) => void;
    process.nextTick(() => {
      let found: object | string;
      try {
        found = lookUp(host, rest[0] as never);
      } catch (fault) {
        return done(fault);
      }
      if (Array.isArray(found)) done(null, found);
      else done(null, (found as Found).address, (found as Found).family);
    });
  };
  fix(dns, 'lookup', callback as Anything);
  fix(dns.promises, 'lookup', (async (host: string, options?: object) => lookUp(host, options)) as Anything);
  fix(dns, 'lookupService', refusal('dns.lookupService'));
  fix(dns.promises, 'lookupService', refusal('dns.lookupService'));
}

/** Everything by which code leaves its thread: other processes, other threads without this confinement, the debugger. */
function closeProcesses(): void {
  fix(childProcess.ChildProcess.prototype, 'spawn', refusal('starting a process'));
  for (const name of ['spawn', 'exec', 'execFile', 'fork', 'spawnSync', 'execSync', 'execFileSync']) {
    fix(childProcess, name, refusal('starting a process'));
  }
  fix(workerThreads, 'Worker', refusal('starting a thread'));
  fix(Module, 'register', refusal('module.register')); // its hooks run in another thread
  for (const name of ['Session', 'open', 'close', 'url', 'waitForDebugger']) fix(inspector, name, refusal('the debugger'));
  for (const name of ['binding', '_linkedBinding', 'dlopen', 'kill', '_kill', '_debugProcess', '_debugEnd']) {
    fix(process, name, refusal(`process.${name}`));
  }
  // a report holds the environment of the whole process
  Object.defineProperty(process, 'report', { value: undefined, writable: false, configurable: false });
}

/**
 * Closes what Node's permission model has left open. SQLite writes a database to any path by `VACUUM INTO` (Node 22); links led out of the
 * permitted folders before Node 20.20, 22.22 and 24.13, and need permissions for every file since.
 */
function closeFiles(): void {
  for (const name of ['symlink', 'symlinkSync', 'link', 'linkSync']) fix(fs, name, refusal('creating a link'));
  for (const name of ['symlink', 'link']) fix(fs.promises, name, refusal('creating a link'));
  if (!Module.isBuiltin('node:sqlite')) return;
  const sqlite = Module.createRequire(__filename)('node:sqlite') as object;
  for (const name of ['DatabaseSync', 'StatementSync', 'backup']) fix(sqlite, name, refusal('node:sqlite'));
}

/** Handlers send their answers by HTTPS to a host without a port: the connection goes to the sandbox, as plain HTTP. */
function routeAnswers(port: number): void {
  const { connect } = tls;
  fix(tls, 'connect', function (...values: unknown[]) {
    const options = values.find((value) => typeof value === 'object' && value !== null) as { host?: string; servername?: string } | undefined;
    const host = options?.host ?? values.find((value, index) => index > 0 && typeof value === 'string');
    if (typeof host !== 'string' || !ANSWER_HOST.test(host)) return (connect as (...values: unknown[]) => unknown)(...values);
    const socket = net.connect(port, '127.0.0.1');
    const done = values.at(-1);
    if (typeof done === 'function') socket.once('secureConnect', done as () => void);
    socket.once('connect', () => socket.emit('secureConnect'));
    return Object.assign(socket, { authorized: true, encrypted: true, alpnProtocol: false });
  } as Anything);
}

const handleOf = (socket: net.Socket): Record<string, Anything> =>
  Object.getPrototypeOf((socket as unknown as { _handle: object })._handle) as Record<string, Anything>;

/** Replaces a member for good. */
function fix(owner: object, name: string, value: Anything): void {
  if (name in owner) Object.defineProperty(owner, name, { value, writable: false, configurable: false, enumerable: true });
}

const refusal = (what: string): Anything => function () {
  throw Object.assign(new Error(`A function of the sandbox is not allowed: ${what}.`), { code: 'ERR_ACCESS_DENIED' });
};
