#!/usr/bin/env node
import { run } from './index';

run(process.argv.slice(2)).then(
  (exitCode) => { process.exitCode = exitCode; },
  (error: Error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exitCode = 1;
  },
);
