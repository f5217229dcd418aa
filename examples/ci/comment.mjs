// Posts a file as a comment of the pull request or merge request of a job, and updates that comment in later runs. Usage:
//   node comment.mjs plan.md
// GitHub: needs GITHUB_TOKEN and PULL_REQUEST. GitLab: needs GITLAB_TOKEN, a token of the project with the scope api.
import { readFileSync } from 'node:fs';

const body = readFileSync(process.argv[2], 'utf8');
/** The comment of a plan begins with it. A repository with several plans compares the whole first line. */
const MARKER = '<!-- cdk-ecs-managed-daemons:plan ';
const MOST_PAGES = 20;

const host = process.env.GITHUB_REPOSITORY ? gitHub(process.env) : gitLab(process.env);
const known = await find();
const { html_url: url, id } = await (known === undefined ? request('POST', host.list) : request(host.updating, `${host.items}/${known}`));
console.log(`${known === undefined ? 'Posted' : 'Updated'} ${url ?? `the comment ${id}`}`);

function gitHub({ GITHUB_API_URL: api, GITHUB_REPOSITORY: repository, GITHUB_TOKEN: token, PULL_REQUEST: number }) {
  const issues = `${api}/repos/${repository}/issues`;
  return { list: `${issues}/${number}/comments`, items: `${issues}/comments`, updating: 'PATCH', headers: { authorization: `Bearer ${token}` } };
}

function gitLab({ CI_API_V4_URL: api, CI_PROJECT_ID: project, CI_MERGE_REQUEST_IID: number, GITLAB_TOKEN: token }) {
  const notes = `${api}/projects/${project}/merge_requests/${number}/notes`;
  return { list: notes, items: notes, updating: 'PUT', headers: { 'private-token': token } };
}

async function find() {
  for (let page = 1; page <= MOST_PAGES; page++) {
    const comments = await request('GET', `${host.list}?per_page=100&page=${page}`);
    const own = comments.find((comment) => comment.body.startsWith(MARKER));
    if (own) return own.id;
    if (comments.length < 100) return undefined;
  }
}

async function request(method, address) {
  const response = await fetch(address, {
    method,
    headers: { ...host.headers, 'content-type': 'application/json' },
    ...(method !== 'GET' && { body: JSON.stringify({ body }) }),
  });
  if (!response.ok) throw new Error(`${method} ${address} must succeed, got: ${response.status} ${(await response.text()).slice(0, 300)}`);
  return response.json();
}
