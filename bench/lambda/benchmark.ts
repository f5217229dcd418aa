/**
 * `npm run bench:lambda`: what a cold start and an invocation of both functions take, to choose their memory and timeout by.
 * `-- --node=<path>` measures under another Node.js than this one: the functions run on 24. `-- --quick` measures less often.
 *
 * Each environment is a process of its own. AWS is an endpoint in this process, over plain HTTP on loopback: TLS and distance come on
 * top. A request that finds its daemon as wanted is carried from start to answer in one invocation of the rollout function, which is
 * more than any invocation of a rollout does that waits between looks.
 */
import { execFileSync, fork } from 'node:child_process';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { updateRequest } from '../../test/lambda/requests';
import { Endpoint, EXECUTION_ARN } from './endpoint';
import type { Cost, Report } from './invocations';

const isQuick = process.argv.includes('--quick');
const ENVIRONMENTS = isQuick ? 1 : 9;
const INVOCATIONS = isQuick ? 5 : 100;
const MOST_MS_OF_AN_ENVIRONMENT = 120_000;
/** With so much memory a function has one virtual CPU (Lambda Developer Guide, "Configure Lambda function memory"). */
const MIB_OF_ONE_CPU = 1769;
const MEMORY_SIZES_MIB = [128, 192, 256, 512, 1024];

const node = process.argv.find((argument) => argument.startsWith('--node='))?.slice('--node='.length) ?? process.execPath;
const median = (values: readonly number[]): number => [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)]!;

function measure(bundle: string, event: object, endpoint: string): Promise<Report> {
  return new Promise((resolve, reject) => {
    const child = fork(join(__dirname, 'invocations.js'), [bundle, JSON.stringify(event), String(INVOCATIONS)], {
      execPath: node,
      execArgv: [],
      timeout: MOST_MS_OF_AN_ENVIRONMENT,
      env: {
        AWS_ENDPOINT_URL: endpoint, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret',
        AWS_CONFIG_FILE: devNull, AWS_SHARED_CREDENTIALS_FILE: devNull, AWS_EC2_METADATA_DISABLED: 'true',
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
        ROLLOUT_ALIAS_ARN: 'arn:aws:lambda:us-east-1:123456789012:function:rollout:live',
      },
    });
    child.on('message', (report) => resolve(report as Report));
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`the process ended with ${code} and without a report`)));
  });
}

async function main(): Promise<void> {
  const endpoint = new Endpoint();
  const url = await endpoint.listen();
  const request = { ...updateRequest({}, { DrainPercent: 50 }), ResponseURL: `${url}/answer?X-Amz-Date=20261122T120000Z` };
  const durable = {
    DurableExecutionArn: EXECUTION_ARN,
    CheckpointToken: 'token',
    InitialExecutionState: { Operations: [{
      Id: 'execution', Type: 'EXECUTION', Status: 'STARTED', StartTimestamp: Date.now() / 1000, ExecutionDetails: { InputPayload: JSON.stringify(request) },
    }] },
  };
  console.log(`${execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()}, ${ENVIRONMENTS} environments, ${INVOCATIONS + 1} invocations in each\n`);
  for (const [name, event, answers] of [['dispatcher', request, 0], ['rollout', durable, 1]] as const) {
    const bundle = join(__dirname, '../../../lambda/dist', name, 'index.js');
    const reports: Report[] = [];
    const before = endpoint.answers;
    for (let index = 0; index < ENVIRONMENTS; index++) reports.push(await measure(bundle, event, url));
    if (endpoint.answers - before !== answers * ENVIRONMENTS * (INVOCATIONS + 1) || (answers && !endpoint.lastAnswer.includes('"SUCCESS"'))) {
      throw new Error(`${name}: ${endpoint.answers - before} answers, the last one ${endpoint.lastAnswer}`);
    }
    print(name, gzipSync(readFileSync(bundle)).length, reports);
  }
  endpoint.close();
}

function print(name: string, gzippedBytes: number, reports: readonly Report[]): void {
  const row = (title: string, costs: readonly Cost[]): void => {
    const cpuMs = median(costs.map((cost) => cost.cpuMs));
    const estimates = MEMORY_SIZES_MIB.map((memory) => `${(cpuMs * Math.max(1, MIB_OF_ONE_CPU / memory)).toFixed(0)} ms`);
    console.log(`| ${title} | ${median(costs.map((cost) => cost.wallMs)).toFixed(1)} ms | ${cpuMs.toFixed(1)} ms | ${estimates.join(' | ')} |`);
  };
  console.log(`${name}: ${(gzippedBytes / 1000).toFixed(0)} KB gzipped; memory of the process ${median(reports.map(({ bareMiB }) => bareMiB)).toFixed(0)} MiB`
    + ` before it is loaded, ${median(reports.map(({ peakMiB }) => peakMiB)).toFixed(0)} MiB at its peak\n`);
  console.log(`| | clock | CPU | ${MEMORY_SIZES_MIB.map((memory) => `CPU at ${memory} MiB`).join(' | ')} |\n|---|---|---|${'---|'.repeat(MEMORY_SIZES_MIB.length)}`);
  row('load', reports.map(({ init }) => init));
  row('first invocation', reports.map(({ first }) => first));
  row('further invocation', reports.flatMap(({ further }) => further));
  console.log('');
}

void main();
