import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startSandbox, type Sandbox } from '../../sandbox';
import { ACCOUNT, capacityProviderArn, clusterArn, FLEET, image, REGION, STACK } from '../../simulation/app/agent-app';

const ROOT = resolve(__dirname, '../..');
const BROKEN = 'broken';

/** An app as a user writes it, who has the built package and its peers installed. */
const APP = `
const { App, Stack, aws_ecs: ecs } = require(${JSON.stringify(resolve(ROOT, 'node_modules/aws-cdk-lib'))});
const { DaemonCapacityProvider, DaemonTaskDefinition, ManagedDaemon } = require(${JSON.stringify(resolve(ROOT, 'lib/index.js'))});
const stack = new Stack(new App(), '${STACK}', { env: { account: '${ACCOUNT}', region: '${REGION}' } });
const daemonTaskDefinition = new DaemonTaskDefinition(stack, 'Agent', { family: 'agent' });
daemonTaskDefinition.addContainer('agent', {
  image: ecs.ContainerImage.fromRegistry('${image('')}' + process.env.AGENT_TAG), memoryLimitMiB: 256,
});
new ManagedDaemon(stack, 'Daemon', {
  cluster: ecs.Cluster.fromClusterArn(stack, 'Cluster', '${clusterArn(FLEET.cluster)}'),
  capacityProviders: [DaemonCapacityProvider.fromCapacityProviderArn('${capacityProviderArn(FLEET.capacityProvider)}')],
  daemonTaskDefinition,
  daemonName: 'agent',
  drainPercent: 100,
});
`;

const SETTINGS = {
  app: 'node app.js', notices: false, versionReporting: false, validation: false, requireApproval: 'never', progress: 'events',
  context: { 'cli-telemetry': false },
};

let sandbox: Sandbox;
let folder: string;

beforeEach(async () => {
  sandbox = await startSandbox({ fleets: [FLEET], lambda: { cutsSuspensionPause: true } });
  sandbox.ecs.failStarts({ image: image(BROKEN) });
  folder = mkdtempSync(join(tmpdir(), 'command-line-'));
  writeFileSync(join(folder, 'app.js'), APP);
  writeFileSync(join(folder, 'cdk.json'), JSON.stringify(SETTINGS));
});

afterEach(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the real CLI as a process of its own, with nothing of the developer's AWS settings. */
function cdk(tag: string, ...command: string[]): Promise<{ exitCode: number | null; output: string }> {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AWS|CDK)_/.test(name)));
  return new Promise((done, failed) => {
    const child = spawn(resolve(ROOT, 'node_modules/.bin/cdk'), [...command, '--ci', '--no-color'], {
      cwd: folder, env: { ...own, ...sandbox.environment, CDK_VALIDATION: 'false', AGENT_TAG: tag }, stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { output += chunk.toString(); });
    child.on('error', failed);
    child.on('close', (exitCode) => done({ exitCode, output }));
  });
}

const daemonWrites = (): string[] => sandbox.requests
  .filter(({ operation }) => ['CreateDaemon', 'UpdateDaemon', 'DeleteDaemon'].includes(operation))
  .map(({ operation }) => operation);

test('the CDK CLI deploys, finds no changes, prints the log of a failed rollout, and destroys', async () => {
  const created = await cdk('1', 'deploy');
  expect(created).toMatchObject({ exitCode: 0, output: expect.stringContaining(`✅  ${STACK}`) });
  expect(created.output).toMatch(/CREATE_COMPLETE .*Custom::ECSManagedDaemon/);
  expect(daemonWrites()).toEqual(['CreateDaemon']);

  const again = await cdk('1', 'deploy');
  expect(again).toMatchObject({ exitCode: 0, output: expect.stringContaining(`✅  ${STACK} (no changes)`) });
  expect(daemonWrites()).toEqual(['CreateDaemon']);

  const failed = await cdk(BROKEN, 'deploy');
  expect(failed.exitCode).toBe(1);
  expect(failed.output).toMatch(/UPDATE_FAILED .*Custom::ECSManagedDaemon/);
  expect(failed.output.replaceAll(/\s+/g, ' ')).toContain('DEPLOYING: ECS rolled the daemon agent back: the daemon failed to start');
  const [, log] = failed.output.split('Logs from ');
  expect(log).toContain('agent APPLYING: updates the daemon agent');
  expect(log).toContain('agent ROLLING_BACK: ECS rolls the deployment back after 0 of 4 instances ran the new revision: the daemon failed to start');
  expect(failed.output).toMatch(/UPDATE_ROLLBACK_COMPLET\S* *\| AWS::CloudFormation::Stack/);
  expect(failed.output).not.toMatch(/X-Amz-Signature/);
  expect(daemonWrites()).toEqual(['CreateDaemon', 'UpdateDaemon']);

  const destroyed = await cdk('1', 'destroy', '--force');
  expect(destroyed).toMatchObject({ exitCode: 0, output: expect.stringContaining(`✅  ${STACK}: destroyed`) });
  expect(daemonWrites()).toEqual(['CreateDaemon', 'UpdateDaemon', 'DeleteDaemon']);
});
