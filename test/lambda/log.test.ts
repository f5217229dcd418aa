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
])('of the lines of all levels the log level %s lets through those of %j, as plain text', (asked, through) => {
  if (asked !== undefined) process.env.LOG_LEVEL = asked;
  levels.forEach((level) => log(`a line of ${level}`, level));

  expect(lines).toEqual(through.map((level) => `a line of ${level}\n`));
});

test('a line without a level is one of INFO', () => {
  process.env.LOG_LEVEL = 'WARN';
  log('unnoticed');
  process.env.LOG_LEVEL = 'INFO';
  log('noticed');

  expect(lines).toEqual(['noticed\n']);
});
