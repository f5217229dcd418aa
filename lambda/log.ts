import type { LogLevel, LogLevelVariable } from './contract';
import { clip, printable } from './reason';

const LEVELS: readonly LogLevel[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const VARIABLE: LogLevelVariable = 'LOG_LEVEL';
const isAsked = (level: LogLevel): boolean =>
  LEVELS.indexOf(level) >= LEVELS.indexOf((process.env[VARIABLE] ?? 'INFO') as LogLevel);

/** Lambda keeps 256 KB of a line. */
const LINE_BYTES = 32 * 1024;

/** Writes a line of a level, which is INFO unless it is said. */
export type Log = (line: string, level?: LogLevel) => void;

/**
 * One line in the log group that dispatcher and rollout share, for people: the CDK CLI prints it after a failure (W24). So it is
 * text, and the level is judged here: Lambda itself judges only lines of JSON.
 */
export const log: Log = (line, level = 'INFO') => {
  if (isAsked(level)) process.stdout.write(`${clip(printable(line), LINE_BYTES)}\n`);
};
