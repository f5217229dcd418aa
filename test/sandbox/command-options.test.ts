import { parseCommandLine, UsageError } from '../../sandbox/command/command-options';

const parse = (text: string): ReturnType<typeof parseCommandLine> => parseCommandLine(['sandbox', ...text.split(' ').filter(Boolean)]);

test('a command without options listens on the default port, without fleets and failures', () => {
  expect(parse('')).toMatchObject({
    help: false, command: undefined, output: 'normal',
    sandbox: { port: 8466, fleets: [], clock: 'jumping', startFailures: [], alarmsDuringRollouts: [], hangingDrains: [] },
  });
});

test('a command gets its own port, and its options are not those of the sandbox', () => {
  expect(parse('--verbose -- npx cdk deploy --quiet')).toMatchObject({ command: ['npx', 'cdk', 'deploy', '--quiet'], output: 'verbose', sandbox: { port: 0 } });
});

test('failures are rehearsed with more than one image, alarm and capacity provider', () => {
  const { sandbox } = parse('--failing-image *:broken --failing-image a.b/c:1 --alarm errors@5 --alarm at@home-*@0 --hanging-drain managed --hanging-drain other');
  expect(sandbox).toMatchObject({
    startFailures: [{ image: '*:broken' }, { image: 'a.b/c:1' }],
    alarmsDuringRollouts: [{ alarm: 'errors', minutes: 5 }, { alarm: 'at@home-*', minutes: 0 }],
    hangingDrains: ['managed', 'other'],
  });
});

test.each([
  ['--foo', "Unknown option '--foo'"],
  ['--port x', '--port must be a whole number from 0 to 65535, got: "x"'],
  ['--port 1e3', '--port must be a whole number from 0 to 65535, got: "1e3"'],
  ['--port=', '--port must be a whole number from 0 to 65535, got: ""'],
  ['--port 65536', '--port must be a whole number from 0 to 65535, got: "65536"'],
  ['--scale 0', '--scale must be a whole number from 1 to 3600, got: "0"'],
  ['--tasks-per-instance -1', '--tasks-per-instance'],
  ['--fleet apps', '--fleet must be CLUSTER/PROVIDER=NUMBER with 0 to 10000 instances, for example apps/managed=12, got: "apps"'],
  ['--fleet apps/managed=10001', '--fleet must be CLUSTER/PROVIDER=NUMBER with 0 to 10000 instances, for example apps/managed=12, got: "apps/managed=10001"'],
  ['--fleet apps/fargate=1', '--fleet must name a capacity provider that does not begin with aws, ecs or fargate, got: "apps/fargate=1"'],
  ['--fleet a/managed=1 --fleet b/managed=2', '--fleet must name each capacity provider once, got "managed" twice'],
  ["--region us-east-1';id;'", '--region must be a Region such as eu-west-1, got: "us-east-1\';id;\'"'],
  ['--account 1', '--account must be a number of 12 digits, got: "1"'],
  ['--failing-image=', '--failing-image must be an image or a pattern such as *:broken, got: ""'],
  ['--alarm errors', '--alarm must be PATTERN@MINUTES with 0 to 1440 minutes, for example errors@5, got: "errors"'],
  ['--alarm errors@1441', '--alarm must be PATTERN@MINUTES with 0 to 1440 minutes, for example errors@5, got: "errors@1441"'],
  ['--alarm @5', '--alarm must be PATTERN@MINUTES with 0 to 1440 minutes, for example errors@5, got: "@5"'],
  ['--hanging-drain apps/managed', '--hanging-drain must be the name of a capacity provider, got: "apps/managed"'],
  ['--quiet --verbose', '--quiet and --verbose must not be given together.'],
  ['--', 'A command must follow after --.'],
  ['deploy', 'An option was expected, got: "deploy". A command to run follows after --.'],
])('the option %s is rejected', (text, message) => {
  expect(() => parse(text)).toThrow(UsageError);
  expect(() => parse(text)).toThrow(message);
});

test.each([[[]], [['plan']], [['plan', '--help']]])('the command %j is rejected', (values) => {
  expect(() => parseCommandLine(values)).toThrow('The command must be sandbox');
});

test('--help is accepted with and without the command', () => {
  expect(parse('--help').help).toBe(true);
  expect(parseCommandLine(['--help']).help).toBe(true);
});
