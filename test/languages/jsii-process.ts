import { execFileSync, spawn, type ChildProcessByStdio } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

const modules = join(__dirname, '..', '..', 'node_modules');
// the bundle that the runtimes of Python, Java, .NET and Go carry; it needs no other package
const program = join(modules, '@jsii', 'runtime', 'webpack', 'bin', 'jsii-runtime.js');

/** An object that lives in the process. */
export interface Reference {
  readonly '$jsii.byref': string;
}

/** A value as it goes over the wire. */
export type Value = undefined | null | boolean | number | string | Reference | readonly Value[] | { readonly [key: string]: Value };

/** The members of an object of this side's: its methods are functions, its properties values. */
export type Implementation = Readonly<Record<string, Value | ((...args: Value[]) => Value)>>;

export const struct = (fqn: string, data: Record<string, Value>): Value => ({ '$jsii.struct': { fqn, data } });

export const enumMember = (fqn: string, member: string): Value => ({ '$jsii.enum': `${fqn}/${member}` });

export const map = (entries: Record<string, Value>): Value => ({ '$jsii.map': entries });

/** What a map holds that came over the wire. */
export const entriesOf = (value: Value): Record<string, Value> => (value as { '$jsii.map': Record<string, Value> })['$jsii.map'];

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: object;
  readonly peerDependencies?: object;
}

/** What the process sends, one JSON document a line. */
interface Message {
  readonly hello?: string;
  readonly ok?: Record<string, Value>;
  readonly error?: string;
  readonly callback?: Callback;
}

interface Callback {
  readonly cbid: string;
  readonly get?: { readonly objref: Reference; readonly property: string };
  readonly invoke?: { readonly objref: Reference; readonly method: string; readonly args: Value[] };
}

/** Speaks to a process of the jsii runtime as Python, Java, C# and Go do. */
export class JsiiProcess {
  /** Starts a process; whatever it extracts goes below a folder. */
  public static async start(folder: string): Promise<JsiiProcess> {
    const child = spawn(process.execPath, [program], {
      env: { ...process.env, JSII_RUNTIME_PACKAGE_CACHE_ROOT: join(folder, 'cache') },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const started = new JsiiProcess(child, folder);
    const { hello } = await started.receive();
    if (!hello?.startsWith('@jsii/runtime@')) throw new Error(`not a jsii runtime: ${hello}`);
    return started;
  }

  private readonly output: Interface;
  private readonly lines: AsyncIterator<string>;
  private readonly loaded = new Set<string>();
  private readonly implementations = new Map<string, Implementation>();

  private constructor(private readonly child: ChildProcessByStdio<Writable, Readable, null>, private readonly folder: string) {
    this.output = createInterface(child.stdout);
    this.lines = this.output[Symbol.asyncIterator]();
  }

  /** Loads a package from a tarball, which is how the packages of other languages carry it, after those that it needs. */
  public async load(directory: string): Promise<void> {
    const { name, version, dependencies, peerDependencies } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Manifest;
    if (this.loaded.has(name)) return;
    this.loaded.add(name);
    for (const needed of Object.keys({ ...dependencies, ...peerDependencies })) {
      if (existsSync(join(modules, needed, '.jsii'))) await this.load(join(modules, needed));
    }
    const command = ['pack', '--ignore-scripts', '--silent', '--pack-destination', this.folder, directory];
    const file = execFileSync('npm', command, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    await this.ask('load', { name, version, tarball: join(this.folder, file) });
  }

  public async create(fqn: string, ...args: Value[]): Promise<Reference> {
    return await this.ask('create', { fqn, args }) as unknown as Reference;
  }

  /** Makes an object of this side's, which the process calls back. */
  public async implement(fqn: string, members: Implementation): Promise<Reference> {
    const overrides = Object.entries(members).map(([name, member]) => typeof member === 'function' ? { method: name } : { property: name });
    const object = await this.ask('create', { fqn: 'Object', interfaces: [fqn], overrides }) as unknown as Reference;
    this.implementations.set(object['$jsii.byref'], members);
    return object;
  }

  public async invoke(object: Reference, method: string, ...args: Value[]): Promise<Value> {
    return (await this.ask('invoke', { objref: object, method, args })).result;
  }

  public async invokeStatic(fqn: string, method: string, ...args: Value[]): Promise<Value> {
    return (await this.ask('sinvoke', { fqn, method, args })).result;
  }

  public async get(object: Reference, property: string): Promise<Value> {
    return (await this.ask('get', { objref: object, property })).value;
  }

  public async getStatic(fqn: string, property: string): Promise<Value> {
    return (await this.ask('sget', { fqn, property })).value;
  }

  public async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('close', resolve));
    this.child.stdin.end(`${JSON.stringify({ exit: 0 })}\n`);
    await ended;
    this.output.close();
  }

  private async ask(api: string, request: object): Promise<Record<string, Value>> {
    this.send({ api, ...request });
    for (;;) {
      const { ok, error, callback } = await this.receive();
      if (error !== undefined) throw new Error(error);
      if (callback === undefined) return ok!;
      this.send({ complete: { cbid: callback.cbid, result: this.complete(callback) } });
    }
  }

  private complete({ get, invoke }: Callback): Value {
    const { objref } = (get ?? invoke)!;
    const member = this.implementations.get(objref['$jsii.byref'])![get?.property ?? invoke!.method];
    return typeof member === 'function' ? member(...invoke!.args) : member;
  }

  private send(message: object): void {
    this.child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  private async receive(): Promise<Message> {
    const { value, done } = await this.lines.next();
    if (done) throw new Error('the jsii runtime has ended');
    return JSON.parse(value);
  }
}
