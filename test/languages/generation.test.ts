import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pythonNames } from './python-names';

const root = join(__dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'generated-languages-'));
beforeAll(() => {
  // throws with what the generator says
  execFileSync(join(root, 'node_modules', '.bin', 'jsii-pacmak'), ['--code-only', '--no-npmignore', '--outdir', folder], { cwd: root, stdio: 'pipe' });
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true }));

const read = (...path: string[]): string => readFileSync(join(folder, ...path), 'utf8');

test.each([
  ['Python', 'python/src/cdk_ecs_managed_daemons/__init__.py', 'class ManagedDaemon('],
  ['Java', 'java/src/main/java/io/github/cdkecsmanageddaemons/ManagedDaemon.java', 'public ManagedDaemon(final '],
  ['C#', 'dotnet/CdkEcsManagedDaemons/CdkEcsManagedDaemons/ManagedDaemon.cs', 'public ManagedDaemon(Constructs.Construct scope, string id, '],
  ['Go', 'go/cdkecsmanageddaemons/ManagedDaemon.go', 'func NewManagedDaemon(scope constructs.Construct, id *string, props *ManagedDaemonProps) ManagedDaemon {'],
])('the constructs are generated in %s', (_language, file, constructor) => {
  expect(read(file)).toContain(constructor);
});

test.each([
  ['Python', 'python/setup.py', '"name": "cdk-ecs-managed-daemons",'],
  ['Java', 'java/pom.xml', '<groupId>io.github.cdk-ecs-managed-daemons</groupId>\n  <artifactId>cdk-ecs-managed-daemons</artifactId>'],
  ['C#', 'dotnet/CdkEcsManagedDaemons/CdkEcsManagedDaemons.csproj', '<PackageId>CdkEcsManagedDaemons</PackageId>'],
  ['Go', 'go/cdkecsmanageddaemons/go.mod', 'module github.com/cdk-ecs-managed-daemons/cdk-ecs-managed-daemons-go/cdkecsmanageddaemons'],
])('the package of %s has its name', (_language, file, name) => {
  expect(read(file)).toContain(name);
});

test('the names of Python have not changed unnoticed', () => {
  expect(pythonNames(read('python', 'src', 'cdk_ecs_managed_daemons', '__init__.py'))).toMatchSnapshot();
});
