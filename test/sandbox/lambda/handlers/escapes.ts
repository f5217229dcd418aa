import * as childProcess from 'node:child_process';
import dgram from 'node:dgram';
import dns from 'node:dns/promises';
import { copyFileSync, linkSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import Module from 'node:module';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { Worker } from 'node:worker_threads';

interface Event {
  /** Of a listener that is not the sandbox. */
  readonly port: number;
  /** That the code must neither read nor write. */
  readonly files: readonly string[];
}

type Way = () => unknown;

const connects = (socket: net.Socket): Promise<void> => new Promise((resolve, reject) => {
  socket.once('connect', resolve).once('error', reject);
});

const networkWays = ({ port }: Event): Record<string, Way> => ({
  'fetch': () => fetch(`http://127.0.0.1:${port}/`),
  'fetch by name': () => fetch(`http://localhost:${port}/`),
  'http.get': () => new Promise((resolve, reject) => get({ host: '127.0.0.1', port }, resolve).on('error', reject)),
  'net.connect': () => connects(net.connect(port, '127.0.0.1')),
  'net.connect by IPv6': () => connects(net.connect(port, '::1')),
  'net.connect with another look-up': () => connects(net.connect({
    port, host: 'localhost', lookup: (_name, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
  })),
  'a Unix socket': () => connects(net.connect('/var/run/docker.sock')),
  'another address behind the handle': () => {
    const socket = net.connect(Number(new URL(process.env.AWS_ENDPOINT_URL!).port), '127.0.0.1');
    const handle = Object.getPrototypeOf((socket as unknown as { _handle: object })._handle) as { connect: unknown };
    const { connect } = handle;
    handle.connect = function (request: unknown, address: unknown): unknown {
      return Reflect.apply(connect as (...values: unknown[]) => unknown, this, [request, address, port]);
    };
    return connects(socket);
  },
  'a datagram': () => new Promise<void>((resolve, reject) => {
    const socket = dgram.createSocket('udp4').on('error', reject);
    socket.send('x', port, '127.0.0.1', (fault) => fault ? reject(fault) : resolve());
  }),
  'a listener': () => new Promise<void>((resolve, reject) => net.createServer().on('error', reject).listen(0, '127.0.0.1', resolve)),
  'a name': () => dns.lookup('example.com'),
  'a query for a name': () => dns.resolve4('example.com'),
});

const processWays = (): Record<string, Way> => ({
  'spawn': () => childProcess.spawn('true'),
  'execSync': () => childProcess.execSync('true'),
  'ChildProcess': () => (new (childProcess.ChildProcess as unknown as new () => { spawn(options: object): void })())
    .spawn({ file: 'true', args: ['true'], stdio: [] }),
  'a thread': () => new Worker('0', { eval: true, execArgv: [] }),
  'hooks in another thread': () => (Module as unknown as { register(url: string): void }).register('data:text/javascript,0'),
  'process.binding': () => (process as unknown as { binding(name: string): unknown }).binding('tcp_wrap'),
  'process.kill': () => process.kill(process.ppid, 0),
  'the report of the process': () => process.report.getReport(),
});

/** A new file of the function's own through which it might reach another one. */
const own = (): string => join(tmpdir(), `own-${Math.random()}`);

function throughOwn(reach: (path: string) => void): Buffer {
  const path = own();
  reach(path);
  return readFileSync(path);
}

const waysTo = (file: string): Record<string, Way> => ({
  'reading': () => readFileSync(file),
  'reading by its bytes': () => readFileSync(Buffer.from(file)),
  'a copy': () => throughOwn((path) => copyFileSync(file, path)),
  'a link': () => throughOwn((path) => symlinkSync(file, path)),
  'a relative link': () => throughOwn((path) => symlinkSync(relative(dirname(path), file), path)),
  'a hard link': () => throughOwn((path) => linkSync(file, path)),
  'writing beside it': () => writeFileSync(`${file}.made`, 'x'),
  'writing to it': () => writeFileSync(file, 'x', { flag: 'a' }),
  'a database beside it': () => {
    const { DatabaseSync } = Module.createRequire(__filename)('node:sqlite') as { DatabaseSync: new (path: string) => { exec(sql: string): void } };
    new DatabaseSync(':memory:').exec(`VACUUM INTO '${file}.made'`);
  },
});

const fileWays = ({ files }: Event): Record<string, Way> => Object.fromEntries(
  files.flatMap((file) => Object.entries(waysTo(file)).map(([name, way]) => [`${file}: ${name}`, way])),
);

/** Returns the ways by which the code of a function has got out. */
export async function escapes(event: Event): Promise<string[]> {
  const succeeded: string[] = [];
  for (const [name, way] of Object.entries({ ...networkWays(event), ...processWays(), ...fileWays(event) })) {
    try {
      await way();
      succeeded.push(name);
    } catch {
      // as it should be
    }
  }
  return succeeded;
}
