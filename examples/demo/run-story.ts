/**
 * `npm run demo` tells the everyday story, `npm run demo -- <name>` the one of that name: each is a file of `stories/`, whose
 * default export is its class.
 */
import { readdirSync } from 'node:fs';
import { join, parse } from 'node:path';
import { startSandbox, type Sandbox, type SandboxOptions } from 'cdk-ecs-managed-daemons/sandbox';
import type { Demo } from './demo';

interface Story {
  readonly sandboxOptions: SandboxOptions;
  new (sandbox: Sandbox): Demo;
}

const STORIES = join(__dirname, 'stories');

async function main(name: string): Promise<number> {
  const names = readdirSync(STORIES).map((file) => parse(file).name);
  if (!names.includes(name)) {
    console.error(`There is no story "${name}", but: ${names.join(', ')}.`);
    return 1;
  }
  const { default: story } = await import(join(STORIES, name)) as { readonly default: Story };
  const sandbox = await startSandbox({ startTime: new Date(), ...story.sandboxOptions });
  try {
    return await new story(sandbox).run();
  } finally {
    await sandbox.close();
  }
}

main(process.argv[2] ?? 'everyday').then((exitCode) => { process.exitCode = exitCode; }, (error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
