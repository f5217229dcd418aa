import { format } from 'node:util';

type Level = 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';

const LEVELS: Readonly<Record<string, Level>> = {
  log: 'INFO', info: 'INFO', warn: 'WARN', error: 'ERROR', debug: 'DEBUG', trace: 'TRACE',
};

/** The output of a function: by `console` in Lambda's format, by the streams unchanged. */
export interface Output {
  /** The invocation that lines belong to. */
  requestId: string;
  line(level: Level, message: string): void;
}

export function captureOutput(logFormat: 'Text' | 'JSON', write: (text: string) => void): Output {
  const output: Output = {
    requestId: '',
    line: (level, message) => write(print(logFormat, output.requestId, level, [message])),
  };
  for (const [method, level] of Object.entries(LEVELS)) {
    Object.assign(console, { [method]: (...values: unknown[]) => write(print(logFormat, output.requestId, level, values)) });
  }
  for (const stream of [process.stdout, process.stderr]) {
    stream.write = (chunk: Uint8Array | string, ...rest: unknown[]): boolean => {
      for (const text of Buffer.from(chunk as string).toString().split('\n')) if (text) write(text);
      const done = rest.at(-1);
      if (typeof done === 'function') process.nextTick(done as () => void);
      return true;
    };
  }
  return output;
}

function print(logFormat: 'Text' | 'JSON', requestId: string, level: Level, values: unknown[]): string {
  const timestamp = new Date().toISOString();
  if (logFormat === 'Text') return `${timestamp}\t${requestId}\t${level}\t${format(...values)}`;
  const [first] = values;
  const message = values.length === 1 && typeof first === 'object' && first !== null && !(first instanceof Error) ? first : format(...values);
  return JSON.stringify({ timestamp, level, requestId, message });
}
