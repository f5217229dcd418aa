// Runs inside the app of `cdk init`: synthesizes each file of its arguments as an app of its own, in a folder of its own in cdk.out.
// One process for all of them, since loading aws-cdk-lib and the validator takes longer than a synthesis. Prints why one fails, as JSON.
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { App, type StageSynthesisOptions } from 'aws-cdk-lib';

const load = createRequire(__filename);
const { synth } = App.prototype;
let messages: string[];
App.prototype.synth = function (this: App, options?: StageSynthesisOptions) {
  const assembly = synth.call(this, options);
  const errors = assembly.stacksRecursively.flatMap((stack) => stack.messages.filter(({ level }) => level === 'error'));
  messages.push(...errors.map(({ id, entry }) => `${id}: ${JSON.stringify(entry.data)}`));
  return assembly;
};

const failures = process.argv.slice(2).map((file) => {
  messages = [];
  process.removeAllListeners('beforeExit'); // of an app that has thrown
  process.env.CDK_OUTDIR = join('cdk.out', file);
  try {
    load(resolve(file));
    process.emit('beforeExit', 0); // when the CLI's apps synthesize themselves
  } catch (error) {
    messages.push(String(error));
  }
  return [file, messages.join('\n')];
});
console.log(JSON.stringify(failures.filter(([, message]) => message !== '')));
