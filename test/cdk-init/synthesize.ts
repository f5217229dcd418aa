// Synthesizes every example and every snippet in an app as `cdk init` makes it, with its feature flags and the validator, and the packed
// package, on the oldest aws-cdk-lib that we support and on a new one. The templates of both must be the same. The tests that compare this
// library with aws-ecs run on the new one too.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { snippets } from './snippets';

const root = join(__dirname, '..', '..');
const bin = (name: string): string => join(root, 'node_modules', '.bin', name);
const { peerDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { peerDependencies: Record<string, string> };
const oldest = peerDependencies['aws-cdk-lib']!.replace('^', '');
/** A constant, so that a release of aws-cdk-lib fails nothing here. A devDependency would be another 200 MB in every clone. */
const newest = '2.276.0';
const testsOfSchema = ['schema-coverage', 'foreign-properties'].map((name) => `test/lib/${name}.test.ts`);
const folder = mkdtempSync(join(tmpdir(), 'cdk-init-'));

/** The results of one app: the templates of what could be synthesized, by file, and what could not. */
interface Results {
  readonly templates: Map<string, unknown[]>;
  readonly failures: string[];
}

try {
  const tarball = join(folder, execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], { cwd: root, encoding: 'utf8' }).trim());
  const [old, recent] = [oldest, newest].map((version) => synthesizeAll(createApp(version, tarball), version)) as [Results, Results];
  const names = [...old.templates.keys()].filter((name) => recent.templates.has(name));
  const different = names.filter((name) => !isDeepStrictEqual(old.templates.get(name), recent.templates.get(name)));
  const failures = [...old.failures, ...recent.failures, ...different.map((name) => `${name}: the templates of ${oldest} and ${newest} differ`), ...testSchema()];
  failures.forEach((failure) => console.error(failure));
  const passed = old.templates.size + recent.templates.size + names.length - different.length;
  process.exitCode = failures.length > 0 || passed === 0 ? 1 : 0;
  console.log(`${passed} passed, ${failures.length} failed`);
} finally {
  rmSync(folder, { recursive: true });
}

/** Runs the tests that compare this library with aws-ecs on the new one, and returns what fails. */
function testSchema(): string[] {
  const modules = join(folder, newest, 'agents', 'node_modules');
  const moduleNameMapper = { '^(aws-cdk-lib|constructs)(/.*)?$': `${modules}/$1$2` };
  const args = [...testsOfSchema, '--ci', '--runInBand', '--moduleNameMapper', JSON.stringify(moduleNameMapper)];
  const { status, stderr } = spawnSync(bin('jest'), args, { cwd: root, encoding: 'utf8' });
  return status === 0 ? [] : [`${newest}: ${stderr}`];
}

/** Creates an app with the CLI that is installed, and puts the examples and snippets into it. */
function createApp(version: string, tarball: string): string {
  const app = join(folder, version, 'agents');
  mkdirSync(app, { recursive: true });
  const run = (command: string, ...args: string[]): void => void execFileSync(command, args, { cwd: app, stdio: ['ignore', 'ignore', 'pipe'] });
  run(bin('cdk'), 'init', 'app', '--language', 'typescript', '--generate-only', '--no-notices');
  run('npm', 'install', '--omit=dev', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline', tarball, `aws-cdk-lib@${version}`);
  // the tools of the app are those that are installed here
  for (const name of ['@types', 'tsx']) symlinkSync(join(root, 'node_modules', name), join(app, 'node_modules', name));
  copyFileSync(join(__dirname, 'apps.ts'), join(app, 'bin', 'apps.ts'));
  cpSync(join(root, 'examples'), join(app, 'examples'), { recursive: true, filter: (source) => !/demo$|\.test\.ts$|tsconfig\.json$/.test(source) });
  copyFileSync(join(root, 'examples', 'envoy', 'envoy.yaml'), join(app, 'envoy.yaml')); // a snippet reads it
  mkdirSync(join(app, 'snippets'));
  snippets().forEach((code, name) => writeFileSync(join(app, 'snippets', name), code));
  return app;
}

function synthesizeAll(app: string, version: string): Results {
  const files = ['examples', 'snippets'].flatMap((from) => readdirSync(join(app, from), { recursive: true, encoding: 'utf8' }).map((file) => join(from, file)))
    .filter((file) => file.endsWith('.ts') && readFileSync(join(app, file), 'utf8').includes('new App('));
  const { context } = JSON.parse(readFileSync(join(app, 'cdk.json'), 'utf8')) as { context: object };
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', join('bin', 'apps.ts'), ...files], {
    cwd: app, encoding: 'utf8', env: { ...process.env, CDK_CONTEXT_JSON: JSON.stringify(context), CDK_APP_MODE: 'inmemory' },
  });
  if (status !== 0) throw new Error(`the apps cannot be synthesized on aws-cdk-lib ${version}: ${stderr}`);
  const failures = new Map(JSON.parse(stdout.trim().split('\n').at(-1)!) as [string, string][]);
  const compiler = spawnSync(bin('tsc'), { cwd: app, encoding: 'utf8' });
  return {
    templates: new Map(files.filter((file) => !failures.has(file)).map((file) => [file, templatesIn(join(app, 'cdk.out', file))])),
    failures: [
      ...[...failures].map(([file, reason]) => `${version}: ${file}: ${reason}`),
      ...compiler.status === 0 ? [] : [`${version}: the compiler rejects examples or snippets:\n${compiler.stdout}`],
    ],
  };
}

/** The templates without hashes and destinations of assets, and without empty lists, some of which newer aws-cdk-lib adds to services. */
function templatesIn(output: string): unknown[] {
  const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
  return readdirSync(output, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.template.json')).sort()
    .map((file) => readFileSync(join(output, file), 'utf8').replace(/[0-9a-f]{32,}(:[\w-]+)?/g, '<hash>'))
    .map((text) => JSON.parse(text, (_, value: unknown) => isEmpty(value) ? undefined : value) as unknown);
}
