import { CloudFormationValidatePlugin, type App } from 'aws-cdk-lib';

const validator = new CloudFormationValidatePlugin();
/** What CloudFormation has and the schema of the validator does not have, at least in the oldest aws-cdk-lib that we support. */
const newerThanTheValidator = /\('(Critical|LogDriverVolumeConfiguration)' was unexpected\)/;

/** What the offline CloudFormation validator of aws-cdk-lib finds in the templates of an app, one line a finding. */
export function findings(app: App): string[] {
  const assembly = app.synth({ force: true });
  return findingsIn(assembly.stacksRecursively.map(({ templateFullPath }) => templateFullPath), app);
}

/** The same for templates that are on disk. */
export function findingsIn(templatePaths: string[], app: App): string[] {
  const { violations } = validator.validate({
    templatePaths,
    stackTemplates: templatePaths.map((templatePath) => ({ templatePath, stackConstructPath: '', accountId: undefined, region: undefined })),
    accountId: undefined,
    region: undefined,
    appConstruct: app,
  });
  const known = violations.filter(({ description }) => !newerThanTheValidator.test(description));
  return known.map(({ ruleName, description, violatingResources }) =>
    `${ruleName} ${violatingResources.map(({ resourceLogicalId }) => resourceLogicalId).join(', ')}: ${description}`);
}
