import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, aws_lambda as lambda, CfnResource, CustomResource, Stack } from 'aws-cdk-lib';
import { run } from '../../cli/commands';
import { agentAssembly, assemblyOf, newFolder } from './plan-bench';

let output: { out: string; error: string };

async function command(...values: string[]): Promise<number | undefined> {
  output = { out: '', error: '' };
  const spies = [
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => { output.out += String(text); return true; }),
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => { output.error += String(text); return true; }),
  ];
  try {
    return await run(['plan', ...values]);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

const FLEET = ['--fleet', 'apps/managed=4'];
let before: string;
let after: string;

beforeAll(() => {
  before = agentAssembly({ alarmNames: ['errors'] });
  after = agentAssembly({ alarmNames: ['errors'], imageTag: '2' });
});

describe('the plan command', () => {
  test('prints the plan of an update, exits with 2, and writes the same as JSON', async () => {
    const file = join(newFolder(), 'plan.json');

    expect(await command('--app', after, '--from', before, ...FLEET, '--json', file)).toBe(2);

    expect(output.out).toMatchInlineSnapshot(`
"Drains 4 of 4 instances, each once; likely 5.1 min (least 3.5, most 10)
1 of 1 daemon rolls out

  agent  apps/managed  update  4 drain  1 batch of 4, 5 min
    image 1 → 2

agent on apps/managed
              0           1 min       2 min       3 min      4 min  4:54
  Phase       Deploying ················································
  Batch               ├1 of 1──────────────────────────────────────────┤
  2           ·····························█████████████████████████████  4
  1           ████████··················································  0
  Draining    ········██████████████████████████████████████████████████  0
  Uncovered   ··························································  0

The plan rests on:
  launches, starts and drains take 0.7 to 1.5 times as long as in the published measurement
  a bake follows the last batch
  alarms from outside of the app exist and are OK: errors
"
`);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ version: 1, verdict: 'instances drain', drainedInstances: 4 });
  });

  test('writes a page, a picture and a comment', async () => {
    const folder = newFolder();
    const file = (name: string): string => join(folder, name);

    expect(await command('--app', after, '--from', before, ...FLEET, '--html', file('a.html'), '--svg', file('a.svg'), '--markdown', file('a.md'))).toBe(2);

    const [html, svg, markdown] = ['a.html', 'a.svg', 'a.md'].map((name) => readFileSync(file(name), 'utf8'));
    expect(svg).toMatch(/^<svg /);
    expect(html).toContain('<footer>Drains 4 of 4 instances, each once; likely 5.1 min');
    expect(html).toContain('<svg ');
    expect(html).not.toContain('<script');
    expect(markdown!.split('\n').slice(0, 3)).toEqual([
      '<!-- cdk-ecs-managed-daemons:plan stacks=Agents -->',
      expect.stringMatching(/^### 🔄 Plan: Drains 4 of 4 instances, each once; likely 5.1 min/),
      '1 of 1 daemon rolls out · Agents: UPDATE\\_COMPLETE',
    ]);
    expect(readdirSync(folder).sort()).toEqual(['a.html', 'a.md', 'a.svg']);
  });

  test('writes a comment that a renderer of GitHub Flavored Markdown shows: a heading, a table, and folded parts with the picture', async () => {
    const file = join(newFolder(), 'plan.md');
    await command('--app', after, '--from', before, ...FLEET, '--max-minutes', '60', '--markdown', file);

    const html = execFileSync(process.execPath, ['node_modules/marked/bin/marked.js', '--gfm', '-i', file], { encoding: 'utf8' });

    expect(html).toMatch(/<h3>🔄 Plan: Drains 4 of 4 instances, each once; likely [^<]*<\/h3>\n<p>1 of 1 daemon rolls out · Agents: UPDATE_COMPLETE<br>No limit exceeded: at most/);
    expect(html.match(/<td[^>]*>[^<]*(<[^/t][^<]*)*/g)!.slice(0, 6).map((cell) => cell.replace(/<[^>]*>/g, ''))).toEqual([
      'agent on apps/managed', 'update', 'image 1 → 2', '4 of 4', '1', expect.stringMatching(/^5 \(3–1\d\)$/),
    ]);
    expect(html.match(/<details><summary>/g)).toHaveLength(2);
    expect(html).toMatch(/<pre><code class="language-text"> +0 +1 min/);
  });

  test('writes forms of a plan in which nothing drains', async () => {
    const folder = newFolder();
    const files = ['html', 'svg', 'markdown'].flatMap((form) => [`--${form}`, join(folder, form)]);

    expect(await command('--app', before, '--from', before, ...files)).toBe(0);

    for (const form of ['html', 'svg', 'markdown']) expect(readFileSync(join(folder, form), 'utf8')).toContain('Nothing drains');
  });

  test('exits with 0 if nothing drains', async () => {
    expect(await command('--app', before, '--from', before)).toBe(0);
    expect(output.out).toMatch(/^Nothing drains\n/);
  });

  test('exits with 5 if a fleet is not known, and names the option that states it', async () => {
    expect(await command('--app', after, '--from', before)).toBe(5);
    expect(output.out).toMatch(/^How many instances drain is not known\n/);
    expect(output.error).toBe('State how many instances there are: --fleet apps/managed=NUMBER\n');
  });

  test('exits with 3 if a limit is exceeded, which it names', async () => {
    const file = join(newFolder(), 'plan.md');
    const limits = ['--max-drained-percent', '50', '--max-minutes', '60', '--forbid-drain'];

    expect(await command('--app', after, '--from', before, ...FLEET, ...limits, '--markdown', file)).toBe(3);

    const line = 'Limit exceeded: drains 100 % of instances (limit 50 %), 4 drains (none allowed)';
    expect(output.out.split('\n')[2]).toBe(line);
    const comment = readFileSync(file, 'utf8').split('\n');
    expect([comment[1], comment[3]]).toEqual([expect.stringMatching(/^### ⚠️ Plan: Drains 4 of 4/), line]);
  });

  test('exits with 2 within its limits', async () => {
    expect(await command('--app', after, '--from', before, ...FLEET, '--max-drained-percent', '100', '--max-minutes', '60')).toBe(2);
    expect(output.out.split('\n')[2]).toMatch(/^No limit exceeded: drains 100 % of instances \(limit 100 %\), at most 1\d min \(limit 60\)$/);
  });

  test('exits with 0 within a limit if nothing drains, and creates everything with --new', async () => {
    expect(await command('--app', before, '--from', before, '--forbid-drain', '--max-minutes', '0')).toBe(0);
    expect(await command('--app', before, '--new', ...FLEET)).toBe(2);
    expect(output.out).toContain('create');
  });

  test('plans the stacks that are named', async () => {
    expect(await command('--app', after, '--from', before, ...FLEET, 'Agent*')).toBe(2);
  });

  test('prints its options', async () => {
    expect(await command('--help')).toBe(0);
    expect(output.out).toContain('--fleet CLUSTER/PROVIDER=NUMBER');
  });
});

describe('the plan command rejects, with one line and exit code 1,', () => {
  afterEach(() => {
    expect(output.error).toMatch(/^[^\n]+\n$/);
    expect(output.out).toBe('');
  });

  test('a folder that is no cloud assembly', async () => {
    const folder = newFolder();
    expect(await command('--app', folder)).toBe(1);
    expect(output.error).toBe(`${folder} must be a cloud assembly, the output of "cdk synth", but has no manifest.json.\n`);
  });

  test('an assembly with a file that is not JSON', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'manifest.json'), '{');
    expect(await command('--app', folder)).toBe(1);
    expect(output.error).toContain(`${folder}/manifest.json must be a JSON file of a cloud assembly`);
  });

  test('an assembly without our daemons', async () => {
    const folder = assemblyOf((props) => {
      const app = new App(props);
      new Stack(app, 'Empty');
      return app;
    });
    expect(await command('--app', folder, '--new')).toBe(1);
    expect(output.error).toBe('The app must have a ManagedDaemon in one of the planned stacks, but has none.\n');
  });

  test('a stack that the app does not have', async () => {
    expect(await command('--app', after, 'Nowhere')).toBe(1);
    expect(output.error).toBe('The stack "Nowhere" must be in the app, which has: Agents.\n');
  });

  test.each([
    [['--fleet', 'apps/managed=100000'], 'The fleet apps/managed must have 1 to 10000 instances, as a whole number, got: 100000.'],
    [['--fleet', 'apps/managed=0'], 'The fleet apps/managed must have 1 to 10000 instances, as a whole number, got: 0.'],
    [['--fleet', 'apps'], '--fleet must be CLUSTER/PROVIDER=NUMBER with 1 to 10000 instances, for example apps/managed=12, got: "apps"'],
    [['--fleet', 'apps/managed=1', '--fleet', 'apps/managed=2'], 'A fleet must be stated once, got twice: apps/managed.'],
    [['--alarm', 'errors'], '--alarm must be PATTERN@MINUTES with 0 to 1440 minutes, for example errors@5, got: "errors"'],
    [['--alarm', 'errors@2000'], 'The alarm errors must have 0 to 1440 minutes, as a whole number, got: 2000.'],
    [['--tasks-per-instance', 'many'], 'An instance must have 1 to 1000 application tasks, as a whole number, got: NaN.'],
    [['--failing-image', ''], 'A failing image must be an image or a pattern such as *:broken, got: "".'],
    [['--max-minutes', 'many'], '--max-minutes must be a number of 0 or more, got: "many"'],
    [['--max-drained-percent', '20000'], 'The limit mostDrainedPercent must be a number from 0 to 10000, got: 20000.'],
    [['--new', '--from', 'main.out'], '--from and --new exclude each other: state one of them.'],
    [['--new', '--profile', 'prod'], 'With --from or --new no account is read: leave out --profile.'],
    [['--unknown'], "Unknown option '--unknown'. --help lists the options."],
  ])('%j', async (values, message) => {
    expect(await command('--app', after, ...values)).toBe(1);
    expect(output.error).toBe(`${message}\n`);
  });

  test('a file that cannot be written, before anything is deployed', async () => {
    expect(await command('--app', after, '--json', join(newFolder(), 'missing', 'plan.json'))).toBe(1);
    expect(output.error).toContain('--json must be a file that can be written');
  });

  test.each([
    ['a fleet of a capacity provider that the app does not use', ['--fleet', 'apps/mangaed=4'],
      'A fleet must be of a capacity provider that the app uses (apps/managed), got: apps/mangaed.'],
    ['an alarm that no daemon has', ['--alarm', 'eros@5'], 'An alarm must be a deployment alarm of a daemon (errors), got: eros.'],
    ['a hanging drain of a capacity provider that the app does not use', ['--hanging-drain', 'other'],
      'A hanging drain must be of a capacity provider that the app uses (apps/managed), got: other.'],
  ])('%s, and writes no file', async (_, values, message) => {
    const folder = join(newFolder(), 'forms');
    mkdirSync(folder);
    expect(await command('--app', after, '--from', before, ...values, '--json', join(folder, 'plan.json'))).toBe(1);
    expect(output.error).toBe(`${message}\n`);
    expect(existsSync(folder) && readdirSync(folder)).toEqual([]);
  });

  test('a resource that the sandbox cannot deploy, in a stack with daemons', async () => {
    const python = agentAssembly({
      adapt: (stack) => {
        const handler = new lambda.Function(stack, 'Handler', {
          runtime: lambda.Runtime.PYTHON_3_13, handler: 'index.handler', code: lambda.Code.fromInline('pass'),
        });
        new CustomResource(stack, 'Report', { serviceToken: handler.functionArn });
      },
    });
    expect(await command('--app', python, '--new')).toBe(1);
    expect(output.error).toMatchInlineSnapshot(`
"The sandbox cannot deploy Report (AWS::CloudFormation::CustomResource) of the stack Agents: Its function failed: Runtime.Unsupported: The sandbox runs Node.js functions only, not python3.13. Move it to a stack without daemons, of which a plan deploys only what daemons need.
"
`);
  });

  test('a resource with a function of templates that the sandbox does not have', async () => {
    const cidr = agentAssembly({
      adapt: (stack) => new CfnResource(stack, 'Net', { type: 'AWS::EC2::Subnet', properties: { CidrBlock: { 'Fn::Cidr': ['10.0.0.0/16', 1, 8] } } }),
    });
    expect(await command('--app', cidr, '--new')).toBe(1);
    expect(output.error).toMatchInlineSnapshot(`
"The sandbox cannot deploy Net (AWS::EC2::Subnet) of the stack Agents: Template error: the sandbox does not support the intrinsic function Fn::Cidr. Move it to a stack without daemons, of which a plan deploys only what daemons need.
"
`);
  });
});
