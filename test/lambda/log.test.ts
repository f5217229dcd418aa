import type { LogLevel } from '../../lambda/contract';
import { log } from '../../lambda/log';

const levels: LogLevel[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
let lines: string[];

beforeEach(() => {
  lines = [];
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    lines.push(String(text));
    return true;
  });
});

afterEach(() => {
  delete process.env.LOG_LEVEL;
  jest.restoreAllMocks();
});

test.each<[string | undefined, LogLevel[]]>([
  [undefined, ['INFO', 'WARN', 'ERROR', 'FATAL']],
  ['TRACE', levels],
  ['DEBUG', ['DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']],
  ['INFO', ['INFO', 'WARN', 'ERROR', 'FATAL']],
  ['WARN', ['WARN', 'ERROR', 'FATAL']],
  ['ERROR', ['ERROR', 'FATAL']],
  ['FATAL', ['FATAL']],
])('the log level %s passes lines of %j, as plain text', (asked, through) => {
  if (asked !== undefined) process.env.LOG_LEVEL = asked;
  levels.forEach((level) => log(`a line of ${level}`, level));

  expect(lines).toEqual(through.map((level) => `a line of ${level}\n`));
});

test('a line that is longer than Lambda keeps is cut between two characters', () => {
  log('\u{1f600}'.repeat(100_000));

  const [line] = lines;
  expect(Buffer.byteLength(line!)).toBeLessThanOrEqual(32 * 1024 + 1);
  expect(line).toMatch(/^(\u{1f600})+…\n$/u);
});

test('a line without a level counts as INFO', () => {
  process.env.LOG_LEVEL = 'WARN';
  log('unnoticed');
  process.env.LOG_LEVEL = 'INFO';
  log('noticed');

  expect(lines).toEqual(['noticed\n']);
});

test.each([
  ['a line break', 'DEPLOYING: alarm: 1\r\nSUCCEEDED: forged', 'DEPLOYING: alarm: 1 SUCCEEDED: forged'],
  ['a line separator of Unicode', 'one\u2028two\u2029three\u0085four', 'one two three four'],
  ['an escape sequence', '\u001b[2Jwiped\u009b31mred', ' [2Jwiped 31mred'],
  ['a character that is not seen', 'DEPLOY\u200bING', 'DEPLOY ING'],
  ['an override of the direction of text', 'say \u202egnihton\u2066', 'say  gnihton '],
])('%s in the text of others does not reach the log', (_, text, line) => {
  log(text);

  expect(lines).toEqual([`${line}\n`]);
});
