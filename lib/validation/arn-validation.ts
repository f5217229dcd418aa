import { region_info as regionInfo, Token, type ResourceEnvironment } from 'aws-cdk-lib';
import { shown } from './class-validation';

/** What the ARN of a kind of resource looks like. */
export interface ArnForm {
  /** What messages call the resource, such as "a capacity provider". */
  readonly what: string;
  readonly service: string;
  /** What comes behind the account, as a pattern and as messages write it. */
  readonly resource: RegExp;
  readonly example: string;
  /** Where the resource must be; what is known only at deployment cannot be compared. */
  readonly env?: Partial<ResourceEnvironment>;
  /** Resources of services that are the same in all Regions have none in their ARNs. */
  readonly global?: boolean;
}

const name = '[A-Za-z0-9_-]{1,255}';

export const capacityProviderArn: ArnForm = {
  what: 'a capacity provider', service: 'ecs', resource: new RegExp(`^capacity-provider/(?!FARGATE(_SPOT)?$)${name}$`), example: 'capacity-provider/<name>',
};
export const clusterArn: ArnForm = { what: 'a cluster', service: 'ecs', resource: new RegExp(`^cluster/${name}$`), example: 'cluster/<name>' };
export const daemonArn: ArnForm = {
  what: 'a daemon', service: 'ecs', resource: new RegExp(`^daemon/${name}/${name}$`), example: 'daemon/<cluster>/<name>',
};
export const taskDefinitionArn: ArnForm = {
  what: 'a revision of a daemon task definition', service: 'ecs', resource: new RegExp(`^daemon-task-definition/${name}:[1-9]\\d*$`),
  example: 'daemon-task-definition/<family>:<revision>',
};
export const alarmArn: ArnForm = { what: 'an alarm', service: 'cloudwatch', resource: /^alarm:.{1,255}$/, example: 'alarm:<name>' };
export const secretArn: ArnForm = {
  what: 'a secret of Secrets Manager', service: 'secretsmanager', resource: /^secret:[\w/+=.@-]+(:.*)?$/, example: 'secret:<name>',
};
export const parameterArn: ArnForm = {
  what: 'a parameter of Systems Manager', service: 'ssm', resource: /^parameter\/[\w/.-]+(:.+)?$/, example: 'parameter/<name>',
};
export const keyArn: ArnForm = { what: 'a key', service: 'kms', resource: /^(key|alias)\/[\w/:-]+$/, example: 'key/<id>' };
export const roleArn: ArnForm = {
  what: 'a role', service: 'iam', resource: /^role\/([^*?\s]+\/)?[\w+=,.@-]+$/, example: 'role/<name>', global: true,
};

/**
 * Judges an ARN as far as it is known at synth: its form, and whether it is of the account and the Region of a construct.
 *
 * What is known only at deployment passes.
 */
export function checkArn(property: string, arn: string, form: ArnForm): string | undefined {
  const expected = `${property} must be the ARN of ${form.what}, arn:aws:${form.service}:${form.global ? '' : '<Region>'}:<account>:${form.example}`;
  if (typeof arn !== 'string') {
    return `${expected}, got: ${shown(arn)}`;
  }
  if (Token.isUnresolved(arn) && !arn.startsWith('arn:')) {
    return undefined;
  }
  const [prefix, partition, service, region, account, ...rest] = arn.split(':');
  const resource = rest.join(':');
  const matches = (part: string | undefined, pattern: RegExp): boolean => Token.isUnresolved(part) || pattern.test(part ?? '');
  if (prefix !== 'arn' || !matches(partition, /^aws[a-z-]*$/) || !Token.isUnresolved(service) && service !== form.service
    || !matches(region, form.global ? /^$/ : /^[a-z]{2,}(-[a-z]+)+-\d+$/) || !matches(account, /^\d{12}$/) || !matches(resource, form.resource)) {
    return `${expected}, got: ${JSON.stringify(arn)}`;
  }
  const differs = (part: string, own: string | undefined): boolean =>
    own !== undefined && !Token.isUnresolved(part) && !Token.isUnresolved(own) && part !== own;
  const [knownRegion] = [region, form.env?.region].filter((candidate) => candidate && !Token.isUnresolved(candidate));
  const ownPartition = knownRegion === undefined ? undefined : regionInfo.RegionInfo.get(knownRegion).partition;
  if (differs(partition, ownPartition)) {
    return `${property} must be of the partition ${ownPartition}, that of the Region ${knownRegion}, got: ${JSON.stringify(arn)}`;
  }
  if (!form.global && differs(region, form.env?.region)) {
    return `${property} must be of the Region ${form.env?.region} of the daemon, got: ${JSON.stringify(arn)}`;
  }
  return differs(account, form.env?.account)
    ? `${property} must be of the account ${form.env?.account} of the daemon, got: ${JSON.stringify(arn)}`
    : undefined;
}
