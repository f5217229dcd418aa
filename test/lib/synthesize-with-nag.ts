// `node --import tsx synthesize-with-nag.ts EXAMPLE` runs an example as its user would, has cdk-nag look at it, and leaves in the assembly
// what it finds that is not acknowledged, and the acknowledgements that nothing needs. It matches both itself: the acknowledgements of
// aws-cdk-lib 2.265 accept no id with `::` in it, as most of cdk-nag have.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { App, Validations, type StageSynthesisOptions } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';

const { synth } = App.prototype;
const { acknowledge } = Validations.prototype;
const acknowledged: { readonly construct: IConstruct; readonly id: string }[] = [];

Validations.prototype.acknowledge = function (this: Validations, ...acknowledgements) {
  const construct: IConstruct = Reflect.get(this, 'scope');
  const isNag = ({ id }: { id: string }): boolean => id.startsWith('AwsSolutions');
  acknowledged.push(...acknowledgements.filter(isNag).map(({ id }) => ({ construct, id })));
  acknowledge.call(this, ...acknowledgements.filter((acknowledgement) => !isNag(acknowledgement)));
};

App.prototype.synth = function (this: App, options?: StageSynthesisOptions) {
  const findings = new AwsSolutionsChecks().validateScope(this).violations.flatMap(({ ruleName, violatingResources }) =>
    violatingResources.map(({ constructPath = '' }) => ({ id: ruleName, path: constructPath })));
  const matches = (finding: typeof findings[number], { construct, id }: typeof acknowledged[number]): boolean =>
    finding.id === id && finding.path.startsWith(`${construct.node.path}/`);
  const open = findings.filter((finding) => !acknowledged.some((acknowledgement) => matches(finding, acknowledgement)));
  const idle = acknowledged.filter((acknowledgement) => !findings.some((finding) => matches(finding, acknowledgement)));
  const assembly = synth.call(this, options);
  writeFileSync(join(assembly.directory, 'nag-findings.json'), JSON.stringify(open.map(({ id, path }) => `${id} ${path}`)));
  writeFileSync(join(assembly.directory, 'idle-acknowledgements.json'), JSON.stringify(idle.map(({ construct, id }) => `${construct.node.path}: ${id}`)));
  return assembly;
};

void import(resolve(process.argv[2]!));
