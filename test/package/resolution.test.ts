import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import ts from 'typescript';

const ROOT = resolve(__dirname, '../..');

let project: string;

beforeAll(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), 'resolution-')));
  mkdirSync(join(project, 'node_modules'));
  symlinkSync(ROOT, join(project, 'node_modules', 'cdk-ecs-managed-daemons'), 'junction');
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

/** The file that TypeScript finds for an import of a project with the package installed, as a path in the package. */
function resolved(specifier: string, moduleResolution: ts.ModuleResolutionKind): string | undefined {
  const module = moduleResolution === ts.ModuleResolutionKind.Node16 ? ts.ModuleKind.Node16 : ts.ModuleKind.CommonJS;
  const { resolvedModule } = ts.resolveModuleName(specifier, join(project, 'test.ts'), { moduleResolution, module }, ts.sys);
  return resolvedModule?.resolvedFileName.replace(`${ROOT}/`, '');
}

describe.each(['Node10', 'Node16', 'Bundler'] as const)('moduleResolution %s', (name) => {
  test.each([
    ['cdk-ecs-managed-daemons', 'lib/index.d.ts'],
    ['cdk-ecs-managed-daemons/sandbox', 'sandbox/dist/types/index.d.ts'],
    ['cdk-ecs-managed-daemons/plan', 'cli/dist/types/cli/plan/index.d.ts'],
  ])('finds the declarations of %s', (specifier, file) => {
    expect(resolved(specifier, ts.ModuleResolutionKind[name])).toBe(file);
  });
});
