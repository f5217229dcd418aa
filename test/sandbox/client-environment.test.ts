import { spawnSync } from 'node:child_process';
import { shellLines } from '../../sandbox/client-environment';
import { startSandbox, type Sandbox } from '../../sandbox';

let sandbox: Sandbox;

beforeEach(async () => {
  process.env.AWS_ENDPOINT_URL_ECS = 'https://ecs.example';
  sandbox = await startSandbox();
});

afterEach(async () => {
  delete process.env.AWS_ENDPOINT_URL_ECS;
  await sandbox.close();
});

/** What could lead a client to the developer's own AWS. */
const DEVELOPERS_OWN = {
  AWS_PROFILE: 'work', AWS_SESSION_TOKEN: 'token', AWS_ENDPOINT_URL: 'https://all.example', AWS_ENDPOINT_URL_S3: 'https://s3.example',
  AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: 'https://logs.example', AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true', AWS_USE_FIPS_ENDPOINT: 'true',
  AWS_USE_DUALSTACK_ENDPOINT: 'true', AWS_WEB_IDENTITY_TOKEN_FILE: '/token', AWS_ROLE_ARN: 'arn:aws:iam::1:role/work', no_proxy: 'example',
};

test('a shell that runs the printed lines reaches only the sandbox', () => {
  const script = `${shellLines(sandbox.environment).join('\n')}\nenv`;
  const { stdout, stderr } = spawnSync('sh', ['-c', script], { encoding: 'utf8', env: { PATH: process.env.PATH, ...DEVELOPERS_OWN } });
  expect(stderr).toBe('');
  const variables = Object.fromEntries(stdout.trim().split('\n').map((line) => line.split(/=(.*)/).slice(0, 2)));
  const expected = Object.fromEntries(Object.entries(sandbox.environment).filter(([name]) => name !== 'AWS_ENDPOINT_URL_ECS'));
  expect(Object.fromEntries(Object.entries(variables).filter(([name]) => /^(AWS|CDK|no_)/i.test(name)))).toEqual(expected);
});

test('the environment leaves the validation of templates to the user', () => {
  // without it, the CLI would take the report that an earlier synthesis has left in cdk.out for one of this synthesis
  expect(Object.keys(sandbox.environment)).not.toContain('CDK_VALIDATION');
});

test('the environment for clients in this process replaces the endpoints of single services', () => {
  expect(sandbox.environment).toMatchObject({ AWS_ENDPOINT_URL: sandbox.endpoint, AWS_ENDPOINT_URL_ECS: sandbox.endpoint });
});
