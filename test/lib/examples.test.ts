import { App } from 'aws-cdk-lib';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findingsIn } from './template-validator';

const root = join(__dirname, '..', '..');
const output = mkdtempSync(join(tmpdir(), 'examples-'));
afterAll(() => rmSync(output, { recursive: true }));

/** Synthesizes an example as its user would, from the built package, and returns the paths of its templates. */
function synthesize(example: string, context: Record<string, string> = {}): string[] {
  const outdir = mkdtempSync(join(output, example));
  execFileSync(process.execPath, ['--import', 'tsx', join('examples', `${example}.ts`)], {
    cwd: root,
    env: { ...process.env, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify(context) },
  });
  return readdirSync(outdir).filter((file) => file.endsWith('.template.json')).map((file) => join(outdir, file));
}

const resourceOf = (template: string, type: string): { Properties: Record<string, unknown>; DependsOn: string[] } =>
  Object.values<never>(JSON.parse(readFileSync(template, 'utf8')).Resources).find((resource: { Type: string }) => resource.Type === type)!;

describe('cloudwatch-agent', () => {
  const [template] = synthesize('cloudwatch-agent');

  test('the offline CloudFormation validator finds nothing in its templates', () => {
    expect(findingsIn([template], new App())).toEqual([]);
  });

  test("is the article's own: image, 1 vCPU, 0.5 GB, an execution role", () => {
    expect(resourceOf(template, 'AWS::ECS::DaemonTaskDefinition').Properties).toMatchObject({
      Cpu: '1024',
      Memory: '512',
      ExecutionRoleArn: expect.anything(),
      ContainerDefinitions: [expect.objectContaining({ Image: 'public.ecr.aws/cloudwatch-agent/cloudwatch-agent:latest' })],
    });
  });

  test('its application comes after the daemon', () => {
    expect(resourceOf(template, 'AWS::ECS::Service')).toMatchObject({
      Properties: { DesiredCount: 24 },
      DependsOn: expect.arrayContaining([expect.stringMatching(/^Daemon/)]),
    });
  });

  test('is driven by context', () => {
    const [driven] = synthesize('cloudwatch-agent', { imageTag: '1.2.3', costCenter: '4711', drainPercent: '50', bakeMinutes: '5' });

    expect(resourceOf(driven, 'AWS::ECS::DaemonTaskDefinition').Properties).toMatchObject({
      ContainerDefinitions: [expect.objectContaining({ Image: expect.stringMatching(/:1\.2\.3$/) })],
    });
    expect(resourceOf(driven, 'Custom::ECSManagedDaemon').Properties).toMatchObject({
      DrainPercent: 50, BakeTimeInMinutes: 5, Tags: [{ key: 'costCenter', value: '4711' }],
    });
  });
});
