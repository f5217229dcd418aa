// `node --import tsx synthesize-with-nag.ts EXAMPLE` runs an example as its user would, applies cdk-nag to it, and leaves in the assembly
// the findings that are not acknowledged, and the acknowledgements that nothing needs. The acknowledgements of aws-cdk-lib 2.265 accept no
// id with `::` in it, as most of cdk-nag have, so they are matched here.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, type StageSynthesisOptions } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { appOf } from '../example-synthesis';
import { acknowledgementsOf, type Acknowledgement } from './nag-acknowledgements';

const example = process.argv[2]!;
const { synth } = App.prototype;

App.prototype.synth = function (this: App, options?: StageSynthesisOptions) {
  const findings = new AwsSolutionsChecks().validateScope(this).violations.flatMap(({ ruleName, violatingResources }) =>
    violatingResources.map(({ constructPath = '' }) => ({ id: ruleName, path: constructPath })));
  const acknowledgements = acknowledgementsOf(example, this);
  const matches = (finding: typeof findings[number], { construct, id }: Acknowledgement): boolean =>
    finding.id === id && finding.path.startsWith(`${construct.node.path}/`);
  const open = findings.filter((finding) => !acknowledgements.some((acknowledgement) => matches(finding, acknowledgement)));
  const idle = acknowledgements.filter((acknowledgement) => !findings.some((finding) => matches(finding, acknowledgement)));
  const assembly = synth.call(this, options);
  writeFileSync(join(assembly.directory, 'nag-findings.json'), JSON.stringify(open.map(({ id, path }) => `${id} ${path}`)));
  writeFileSync(join(assembly.directory, 'idle-acknowledgements.json'), JSON.stringify(idle.map(({ construct, id }) => `${construct.node.path}: ${id}`)));
  return assembly;
};

void import(appOf(example));
