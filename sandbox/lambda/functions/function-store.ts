import type { AccessKeys } from '../../http/access-keys';
import { AwsError } from '../../core/aws-error';
import { parsePolicyDocument } from '../../iam/policy-document';
import { requestContext, resourcePolicyAllows } from '../../iam/policy-evaluation';
import type { Input } from '../../core/aws-service';
import { arnOf, randomUuid, type World } from '../../core/world';
import { CodeStore, type FunctionCode } from './function-code';
import { configured, describeAlias, describeVersion, type Alias, type FunctionRecord, type FunctionVersion } from './function-record';
import { parseFunctionReference } from './function-reference';
import { checkConfiguration } from './function-validation';

/** Functions with their versions and aliases. */
export class FunctionStore {
  private readonly code: CodeStore;
  private readonly records = new Map<string, FunctionRecord>();

  constructor(private readonly world: World, private readonly accessKeys: AccessKeys, folder: string) {
    this.code = new CodeStore(folder);
  }

  public async create(input: Input): Promise<Input> {
    const { FunctionName: name } = input;
    if (this.records.has(name)) throw new AwsError('ResourceConflictException', `Function already exist: ${name}`, 409);
    await this.checkRole(input.Role);
    const code = await this.loadCode(input.Code ?? {});
    if (this.records.has(name)) throw new AwsError('ResourceConflictException', `Function already exist: ${name}`, 409);
    const blank: FunctionVersion = {
      functionName: name, version: '$LATEST', roleArn: input.Role, code, timeoutSeconds: 3, memorySizeInMB: 128, environment: {},
      logGroupName: `/aws/lambda/${name}`, logFormat: 'Text', inert: {}, accessKeyId: '', revisionId: '', lastModified: new Date(0),
    };
    const record: FunctionRecord = {
      name,
      arn: arnOf(this.world, 'lambda', `function:${name}`),
      latest: blank,
      versions: new Map(),
      aliases: new Map(),
      policies: new Map(),
      maximumRetryAttempts: new Map(),
      tags: input.Tags ?? {},
      lastVersion: 0,
      deleting: new Set(),
    };
    record.latest = this.stamped(record, configured(blank, input));
    this.records.set(name, record);
    if (input.Publish) this.publish(record, {});
    return describeVersion(record, record.latest);
  }

  public async updateCode(input: Input): Promise<Input> {
    const record = this.record(input);
    const code = await this.loadCode(input);
    record.latest = this.stamped(record, { ...record.latest, code });
    return describeVersion(record, input.Publish ? this.publish(record, {}) : record.latest);
  }

  public async updateConfiguration(input: Input): Promise<Input> {
    const record = this.record(input);
    if (input.DurableConfig && !record.latest.durable) { // only a new function can be durable
      throw new AwsError('InvalidParameterValueException', 'DurableConfig can only be set when the function is created.');
    }
    if (input.Role) await this.checkRole(input.Role);
    record.latest = this.stamped(record, configured(record.latest, input));
    return describeVersion(record, record.latest);
  }

  /** Publishes the function as it is; when nothing has changed since the last version, that one is returned. */
  public publish(record: FunctionRecord, { Description, CodeSha256 }: Input): FunctionVersion {
    if (CodeSha256 !== undefined && CodeSha256 !== record.latest.code.sha256) {
      throw new AwsError('InvalidParameterValueException',
        `CodeSHA256 (${CodeSha256}) is different from current CodeSHA256 in $LATEST (${record.latest.code.sha256}).`);
    }
    const last = record.versions.get(String(record.lastVersion));
    if (last && sameFunction(last, record.latest)) return last;
    const version = { ...record.latest, version: String(++record.lastVersion), revisionId: randomUuid(this.world) };
    const accessKeyId = this.newAccessKey(record, version.roleArn);
    const published = { ...version, description: Description ?? version.description, accessKeyId };
    record.versions.set(published.version, published);
    return published;
  }

  public createAlias(input: Input): Input {
    const record = this.record(input);
    const { Name, FunctionVersion: version, Description: description, RoutingConfig: routingConfig } = input;
    if (record.aliases.has(Name)) {
      throw new AwsError('ResourceConflictException', `Alias already exists: ${record.arn}:${Name}`, 409);
    }
    this.version(record, version);
    const alias: Alias = { name: Name, version, description, routingConfig, revisionId: randomUuid(this.world) };
    record.aliases.set(Name, alias);
    return describeAlias(record, alias);
  }

  public updateAlias(input: Input): Input {
    const record = this.record(input);
    const alias = this.alias(record, input.Name);
    if (input.FunctionVersion !== undefined) this.version(record, input.FunctionVersion);
    alias.version = input.FunctionVersion ?? alias.version;
    alias.description = input.Description ?? alias.description;
    alias.routingConfig = input.RoutingConfig ?? alias.routingConfig;
    alias.revisionId = randomUuid(this.world);
    return describeAlias(record, alias);
  }

  /** The function that a request names. */
  public record(input: Input): FunctionRecord {
    const { name } = parseFunctionReference(input);
    const record = this.records.get(name);
    if (!record) throw new AwsError('ResourceNotFoundException', `Function not found: ${arnOf(this.world, 'lambda', `function:${name}`)}`, 404);
    return record;
  }

  public has(name: string): boolean {
    return this.records.has(name);
  }

  public all(): FunctionRecord[] {
    return [...this.records.values()];
  }

  /** The version that a qualifier stands for: a version, an alias, `$LATEST` or nothing. */
  public version(record: FunctionRecord, qualifier = '$LATEST'): FunctionVersion {
    const name = record.aliases.get(qualifier)?.version ?? qualifier;
    const version = name === '$LATEST' ? record.latest : record.versions.get(name);
    if (!version) throw new AwsError('ResourceNotFoundException', `Function not found: ${record.arn}:${qualifier}`, 404);
    return version;
  }

  public alias(record: FunctionRecord, name: string): Alias {
    const alias = record.aliases.get(name);
    if (!alias) throw new AwsError('ResourceNotFoundException', `Cannot find alias arn: ${record.arn}:${name}`, 404);
    return alias;
  }

  public remove(record: FunctionRecord): void {
    this.records.delete(record.name);
  }

  private stamped(record: FunctionRecord, version: Omit<FunctionVersion, 'revisionId' | 'lastModified'>): FunctionVersion {
    checkConfiguration(version);
    return {
      ...version,
      revisionId: randomUuid(this.world),
      lastModified: new Date(this.world.clock.now()),
      accessKeyId: this.newAccessKey(record, version.roleArn),
    };
  }

  /** Each version signs with its own key, by which the server identifies the caller. */
  private newAccessKey(record: FunctionRecord, roleArn: string): string {
    return this.accessKeys.issue({ kind: 'function', functionArn: record.arn, roleArn });
  }

  private async loadCode({ S3Bucket, S3Key, ZipFile }: Input): Promise<FunctionCode> {
    if (ZipFile !== undefined) return this.code.add(ZipFile);
    if (S3Bucket === undefined) throw new AwsError('InvalidParameterValueException', 'Please provide a source for function code.');
    try {
      const { Body } = await this.world.call<{ Body: Buffer }>('s3', 'GetObject', { Bucket: S3Bucket, Key: S3Key });
      return this.code.add(Body);
    } catch (error) {
      const { name, message } = error as Error;
      throw new AwsError('InvalidParameterValueException',
        `Error occurred while GetObject. S3 Error Code: ${name}. S3 Error Message: ${message}`);
    }
  }

  /** The role has to exist and to let Lambda take it on. */
  private async checkRole(roleArn = ''): Promise<void> {
    const cannot = new AwsError('InvalidParameterValueException', 'The role defined for the function cannot be assumed by Lambda.');
    const { Role } = await this.world.call('iam', 'GetRole', { RoleName: roleArn.split('/').pop() }).catch(() => {
      throw cannot;
    });
    const mayAssume = resourcePolicyAllows(
      parsePolicyDocument(decodeURIComponent(Role.AssumeRolePolicyDocument)),
      { kind: 'Service', name: 'lambda.amazonaws.com' },
      { action: 'sts:AssumeRole', resource: roleArn, context: requestContext({ 'aws:SourceAccount': this.world.accountId }) },
    );
    if (!mayAssume) throw cannot;
  }
}

const sameFunction = (a: FunctionVersion, b: FunctionVersion): boolean => fingerprint(a) === fingerprint(b);

const fingerprint = (version: FunctionVersion): string =>
  JSON.stringify({ ...version, version: '', revisionId: '', accessKeyId: '', lastModified: '', description: '' });
