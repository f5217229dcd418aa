import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { exampleNames } from '../example-synthesis';

const root = join(__dirname, '..', '..');
const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md') && !file.startsWith('.'));
const rootPages = readdirSync(root).filter((file) => file.endsWith('.md') && file !== 'API.md');
const pagesOfExamples = exampleNames.map((name) => `examples/${name}/README.md`);
const pages = [...rootPages, 'examples/README.md', ...pagesOfExamples, ...docs.map((file) => join('docs', file))];
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const withoutCode = (markdown: string): string => markdown.replace(/^```.*?^```$/gms, '');

/** The anchors of a page: those that GitHub gives to its headings, and those that it sets itself. */
const anchorsOf = (path: string): string[] => {
  const text = withoutCode(read(path));
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!.toLowerCase().replace(/[^\p{Letter}\p{Number} _-]/gu, '').replaceAll(' ', '-'));
  return [...headings, ...[...text.matchAll(/<a id="(\w+)">/g)].map(([, id]) => id!)];
};

describe.each(pages)('the links of %s', (page) => {
  const links = [...withoutCode(read(page)).matchAll(/\]\((?!\w+:)([^)]+)\)/g)].map(([, link]) => link!);

  test('lead to files and headings that exist', () => {
    const dead = links.filter((link) => {
      const [file, anchor] = link.split('#') as [string, string?];
      const target = file === '' ? page : join(dirname(page), file);
      return !existsSync(join(root, target)) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
    });
    expect(dead).toEqual([]);
  });
});

describe('the snippets of docs/', () => {
  // what the pages have introduced in words
  const introduced = `
    import {
      Annotations, App, aws_cloudwatch as cloudwatch, aws_ecs as ecs, aws_iam as iam, aws_kms as kms, aws_lambda as lambda, aws_logs as logs, aws_sns as sns,
      aws_events_targets as targets, CfnOutput, CustomResource, Duration, pipelines, RemovalPolicy, Stack, Stage,
    } from 'aws-cdk-lib';
    import {
      DaemonCapability, DaemonCapacityProvider, DaemonDeploymentStatus, DaemonPidMode, DaemonTarget, DaemonTaskDefinition, DaemonVolume,
      PreflightAlarmPolicy, ManagedDaemon, ManagedDaemonProvider, ManagedDaemonWaves,
    } from 'cdk-ecs-managed-daemons';
    import { startSandbox } from 'cdk-ecs-managed-daemons/sandbox';
    import { Construct } from 'constructs';
    import { readFileSync } from 'node:fs';
    declare const app: App;
    declare const stack: Stack;
    declare const cluster: ecs.Cluster;
    declare const application: ecs.TaskDefinition;
    declare const service: ecs.FargateService;
    declare const key: kms.Key;
    declare const topic: sns.Topic;
    declare const managedInstances: ecs.ManagedInstancesCapacityProvider;
    declare const capacityProviders: DaemonCapacityProvider[];
    declare const daemonTaskDefinition: DaemonTaskDefinition;
    declare const agent: DaemonTaskDefinition;
    declare const auditor: DaemonTaskDefinition;
    declare const daemon: ManagedDaemon;
    declare const waves: ManagedDaemonWaves;
    declare const errors: cloudwatch.Alarm;
    declare const shopCanary: DaemonTarget;
    declare const shop: DaemonTarget;
    declare const search: DaemonTarget;
    declare const mail: DaemonTarget;
    declare const canary: Stack & { daemon: ManagedDaemon };
    declare const rest: Stack & { daemon: ManagedDaemon };
    declare const tester: lambda.Function;
    declare const pipeline: pipelines.CodePipeline;
    declare class Canary extends Stage {}
    declare class Rest extends Stage {}
    declare function addWaves(scope: Construct): void;
  `;

  test('compile', () => {
    const snippets = pages.filter((page) => page.startsWith('docs')).flatMap((page) =>
      [...read(page).matchAll(/^```ts\n(.*?)^```$/gms)].map(([, snippet]) => ({ page, snippet: snippet! })));
    const isWholeFile = ({ snippet }: { readonly snippet: string }): boolean => /^import /m.test(snippet);
    const [files, parts] = [snippets.filter(isWholeFile), snippets.filter((each) => !isWholeFile(each))];
    expect(files.length).toBeGreaterThan(0);
    expect(parts.length).toBeGreaterThan(0);
    const folder = mkdtempSync(join(tmpdir(), 'docs-'));
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(root, join(folder, 'node_modules', 'cdk-ecs-managed-daemons'));
    for (const name of ['aws-cdk-lib', 'constructs', '@types']) symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
    writeFileSync(join(folder, 'snippets.ts'), introduced + parts.map(({ page, snippet }) => `// ${page}\n{\n${snippet}}\n`).join('\n'));
    const names = files.map((_, index) => `file-${index}.ts`);
    for (const [index, name] of names.entries()) writeFileSync(join(folder, name), `// ${files[index]!.page}\n${files[index]!.snippet}`);
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2023', '--module', 'nodenext', '--types', 'node,jest'];
    const compile = (): string => {
      try {
        const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
        return execFileSync(process.execPath, [tsc, ...options, 'snippets.ts', ...names], { cwd: folder, encoding: 'utf8' });
      } catch (error) {
        return (error as { stdout: string }).stdout;
      }
    };
    expect(compile()).toBe('');
  }, 180_000);
});

/**
 * A figure of the code is followed by a comment `<!-- FILE: EXCERPT; FILE: EXCERPT -->`, which quotes what it comes from. That must be in
 * the code, and each of its numbers in the same paragraph or row, in seconds, minutes or hours.
 */
describe.each(pages.filter((page) => read(page).includes('.ts: ')))('the figures of %s', (page) => {
  const WORDS: Readonly<Record<number, string>> = { 1: 'an?|once|one', 2: 'two', 7: 'seven', 10: 'ten', 12: 'twelve' };
  const paragraphsAndRows = read(page).split(/\n(?=\n|\|)/);
  const figures = paragraphsAndRows.flatMap((text) => [...text.matchAll(/<!-- (.+?) -->/g)].flatMap(([, sources]) =>
    sources!.split('; ').map((source) => ({ text: text.replace(/<!-- .+? -->/g, ''), source }))));

  test.each(figures)('are those of the code: $source', ({ text, source }) => {
    const [, file, excerpt] = /^(\S+\.ts): (.+)$/.exec(source)!;
    expect(read(file!)).toContain(excerpt);
    for (const number of excerpt!.match(/\d+/g)!.map(Number)) {
      const forms = [number, number / 60, number / 3600].filter(Number.isInteger).flatMap((form) => [form, WORDS[form]].filter(Boolean));
      expect(text).toMatch(new RegExp(`\\b(${forms.join('|')})\\b`, 'i'));
    }
  });
});

test('each pause in the table of the phases names the constant that it comes from', () => {
  const pauses = read('docs/rollout.md').split('\n').filter((line) => line.startsWith('|') && /every \d+/.test(line));
  expect(pauses.length).toBeGreaterThan(0);
  expect(pauses.filter((line) => !line.includes('<!-- '))).toEqual([]);
});

test('the README of the examples lists each of them', () => {
  const listed = [...read('examples/README.md').matchAll(/^\| \[([\w-]+)\]\(\1\/README\.md\)/gm)].map(([, name]) => name!);
  expect(listed.sort()).toEqual([...exampleNames].sort());
});

describe.each(exampleNames)('the README of the example %s', (name) => {
  const text = read(`examples/${name}/README.md`);
  const app = `--app 'node --import tsx examples/${name}/app.ts'`;

  test('has a purpose of two sentences and a drawing', () => {
    const [, purpose, drawing] = /^# .+\n\n(.+?)\n\n```text\n(.+?)\n```\n/s.exec(text)!;
    expect(purpose!.replaceAll('`', '').match(/\.(?=\s|$)/g)).toHaveLength(2);
    expect(drawing).toContain('─');
  });

  test('has the commands that deploy it to the sandbox, deploy it to AWS and destroy it', () => {
    const commands = [...text.matchAll(/^```sh\n(.+?)^```$/gms)].flatMap(([, block]) => block!.trim().split('\n'));
    const options = text.includes('--all') ? ' --all' : '';
    expect(commands).toEqual([
      `node sandbox/dist/cli.js sandbox -- npx cdk deploy ${app}${options}`,
      `npx cdk deploy ${app}${options}`,
      `npx cdk destroy ${app}${options}`,
    ]);
  });
});
