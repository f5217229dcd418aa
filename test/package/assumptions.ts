import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultOptions } from '../../sandbox/cloudformation/options';
import { DEFAULT_ASSUMPTIONS as ecsDefaults } from '../../sandbox/ecs/assumptions';
import { DEFAULT_ASSUMPTIONS as lambdaDefaults } from '../../sandbox/lambda/assumptions';

const root = join(__dirname, '..', '..');
export const ASSUMPTIONS = join(root, 'docs', 'assumptions.md');

const asText = (value: unknown): string => (typeof value === 'number' ? String(value) : JSON.stringify(value));

/** Returns a row for each setting of an interface: the ids that its docstring cites, name, docstring, type and default. */
function rows(file: string, defaults: Readonly<Record<string, unknown>>, anchored: Set<string>): string {
  const source = readFileSync(join(root, 'sandbox', file), 'utf8');
  const members = source.matchAll(/\/\*\*([^/]*)\*\/\n {2}readonly (\w+)\??: (.*);/g);
  return [...members].map(([, comment, name, type]) => {
    const words = comment!.replaceAll(/\n? +\*? /g, ' ').replaceAll(/\s+/g, ' ').replace(/@default.*/, '').trim();
    const [, text, ids] = /^(.*?)(?: \(((?:(?:A|R|E|EN|W)\d+(?:, )?)+)\))?\.?$/.exec(words)!;
    const cell = ids?.split(', ').map((id) => idCell(id, anchored)).join(', ') ?? '–';
    return `| ${cell} | \`${name}\` | ${text}. | \`${type!.replaceAll('|', '\\|').replaceAll('readonly ', '')}\` | \`${asText(defaults[name!])}\` |`;
  }).join('\n');
}

/** An assumption gets its anchor in its first row; other ids are rows of docs/aws-behaviour.md. */
function idCell(id: string, anchored: Set<string>): string {
  const anchor = id.toLowerCase();
  if (!id.startsWith('A')) return `[${id}](aws-behaviour.md#${anchor})`;
  if (anchored.has(id)) return id;
  anchored.add(id);
  return `<a id="${anchor}"></a>${id}`;
}

const HEAD = '| id | setting | what it decides | values | default |\n|---|---|---|---|---|';

/** The page that lists what AWS leaves open, and the setting of the sandbox for each. */
export function renderAssumptions(): string {
  const anchored = new Set<string>();
  return `<!-- Written by npm run docgen. -->
# Assumptions

AWS documents none of what this page lists. A rollout has to end correctly whichever way AWS behaves. The sandbox assumes the default, which is the most
plausible reading of AWS's documentation; a setting makes it behave in another way. Tests and the simulation try the other values. Comments and tests cite an
assumption by its id, for example (A28). What AWS does document is in [how AWS behaves](aws-behaviour.md).

## ECS

\`startSandbox({ ecs: { NAME: VALUE } })\` changes a setting:

${HEAD}
${rows('ecs/assumptions.ts', { ...ecsDefaults }, anchored)}

## Lambda

\`startSandbox({ lambda: { NAME: VALUE } })\` changes a setting:

${HEAD}
${rows('lambda/assumptions.ts', { ...lambdaDefaults }, anchored)}

## CloudFormation

\`startSandbox({ cloudFormation: { NAME: VALUE } })\` changes a setting:

${HEAD}
${rows('cloudformation/options.ts', { ...defaultOptions }, anchored)}

## Without a setting

| id | what AWS leaves open | what is assumed |
|---|---|---|
| A13 | Whether a deployment monitors alarms of another account or Region. | It does not, so that such alarms are rejected. |
| A20 | Which sizes of tasks and containers ECS accepts, and what happens if containers reserve more than the task has. | Sizes are sent as they are stated. Containers that reserve more are rejected at synth. |
| <a id="a23"></a>A23 | Whether daemons run on Windows or with GPUs, and how ECS selects an image on providers of several architectures. | Daemons run on Linux. An image must fit every architecture of the capacity providers. |
| <a id="a36"></a>A36 | Whether \`AWS::ECS::Daemon\` waits for the deployment and fails after a rollback. | It waits and fails. A daemon of that type counts as one of another owner. |
| <a id="a39"></a>A39 | What a reply looks like that breaks off. | The SDK reports an error with the HTTP status of the reply, be it 200. The call may have taken effect, so it is a lost reply and no refusal. |
`;
}

if (require.main === module) writeFileSync(ASSUMPTIONS, renderAssumptions());
