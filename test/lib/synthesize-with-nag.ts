// `node --import tsx synthesize-with-nag.ts EXAMPLE` runs an example as its user would, has cdk-nag look at it, and leaves
// in the assembly a list of the acknowledgements that nothing needs.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { App, Validations, type StageSynthesisOptions } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';

const { synth } = App.prototype;
const { acknowledge } = Validations.prototype;
const acknowledged: { readonly construct: IConstruct; readonly id: string; readonly apply: () => void }[] = [];

Validations.prototype.acknowledge = function (this: Validations, ...acknowledgements) {
  const construct: IConstruct = Reflect.get(this, 'scope');
  for (const acknowledgement of acknowledgements) {
    acknowledged.push({ construct, id: acknowledgement.id, apply: () => acknowledge.call(this, acknowledgement) });
  }
};

App.prototype.synth = function (this: App, options?: StageSynthesisOptions) {
  const findings = new AwsSolutionsChecks().validateScope(this).violations;
  const idle = acknowledged.filter(({ construct, id }) => id.startsWith('AwsSolutions') && !findings.some(({ ruleName, violatingResources }) =>
    ruleName === id && violatingResources.some(({ constructPath }) => constructPath?.startsWith(`${construct.node.path}/`))));
  acknowledged.forEach(({ apply }) => apply());
  Validations.of(this).addPlugins(new AwsSolutionsChecks());
  const assembly = synth.call(this, options);
  writeFileSync(join(assembly.directory, 'idle-acknowledgements.json'), JSON.stringify(idle.map(({ construct, id }) => `${construct.node.path}: ${id}`)));
  return assembly;
};

void import(resolve(process.argv[2]!));
