import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');
const readmeFixture = readFileSync(join(root, 'rosetta', 'default.ts-fixture'), 'utf8');
const docsFixture = readFileSync(join(__dirname, 'docs.ts-fixture'), 'utf8');

/** What stands for a `declare const` of this type, so that the snippet can be synthesized. */
const values: Record<string, (name: string) => string> = {
  'ecs.Cluster': (name) => `new ecs.Cluster(stack, '${name}-cluster', { vpc: new ec2.Vpc(stack, '${name}-vpc') })`,
  'ecs.TaskDefinition': (name) => `new ecs.FargateTaskDefinition(stack, '${name}-application')`,
  'ecs.FargateService': (name) => `(() => {
    const taskDefinition = new ecs.FargateTaskDefinition(stack, '${name}-task-definition');
    taskDefinition.addContainer('main', { image: ecs.ContainerImage.fromRegistry('example.com/main:1') });
    return new ecs.FargateService(stack, '${name}-service', { cluster, taskDefinition });
  })()`,
  'cloudwatch.Alarm': (name) => `new cloudwatch.Alarm(stack, '${name}-alarm', {
    metric: new cloudwatch.Metric({ namespace: 'Shop', metricName: 'Errors' }), threshold: 10, evaluationPeriods: 3,
  })`,
  'DaemonCapacityProvider': (name) => `DaemonCapacityProvider.fromCapacityProviderName(stack, '${name}')`,
  'DaemonCapacityProvider[]': (name) => `[DaemonCapacityProvider.fromCapacityProviderName(stack, '${name}')]`,
  'DaemonTaskDefinition': (name) => `(() => {
    const taskDefinition = new DaemonTaskDefinition(stack, '${name}-task-definition');
    taskDefinition.addContainer('agent', { image: ecs.ContainerImage.fromRegistry('example.com/agent:1'), memoryLimitMiB: 64 });
    return taskDefinition;
  })()`,
  'ManagedDaemon': (name) => `new ManagedDaemon(stack, '${name}-daemon', {
    cluster, capacityProviders, daemonTaskDefinition: ${values.DaemonTaskDefinition!(name)},
  })`,
};

/** The TypeScript snippets of README.md and docs/ as apps of their own, by file name. Those that are tests are left out. */
export function snippets(): Map<string, string> {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md') && !file.startsWith('.'));
  const files = ['README.md', ...docs.map((file) => join('docs', file))];
  return new Map(files.flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    return [...text.matchAll(/^```ts( nofixture)?\n(.*?)^```/gms)]
      .filter(([, , code]) => !code!.includes('expect('))
      .map(({ index, 1: nofixture, 2: code }) => {
        const line = text.slice(0, index).split('\n').length;
        const isWholeFile = nofixture !== undefined || (file !== 'README.md' && /^import /m.test(code!));
        return [`${file.replace(/\W+/g, '-')}-line-${line}.ts`, isWholeFile ? code! : asApp(code!, file === 'README.md' ? readmeFixture : docsFixture)] as const;
      });
  }));
}

/** Imports go to the front, since the snippet may have some. */
function asApp(code: string, fixture: string): string {
  const lines = fixture.replace('/// here', () => code).split('\n');
  const isImport = (line: string): boolean => /^import .* from .*;$/.test(line);
  return [...lines.filter(isImport), ...lines.filter((line) => !isImport(line))].join('\n')
    .replace(/^declare const (\w+): ([\w.[\]]+);/gm, (declaration, name: string, type: string) =>
      values[type] === undefined ? declaration : `const ${name}: ${type} = ${values[type](name)};`);
}
