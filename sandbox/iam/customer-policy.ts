import type { Statement } from './policy-document';

interface PolicyVersion {
  readonly id: string;
  readonly document: string;
  readonly statements: Statement[];
  readonly createdAt: Date;
}

/** A customer managed policy with its versions, one of which is in force. */
export class CustomerPolicy {
  public readonly versions: PolicyVersion[] = [];
  private defaultVersionId = 'v1';
  private lastVersion = 0;

  constructor(
    public readonly name: string,
    public readonly path: string,
    public readonly arn: string,
    public readonly id: string,
    public readonly description: string | undefined,
  ) {}

  public get defaultVersion(): PolicyVersion {
    return this.versions.find(({ id }) => id === this.defaultVersionId)!;
  }

  public addVersion(document: string, statements: Statement[], createdAt: Date, makeDefault: boolean): PolicyVersion {
    const version = { id: `v${++this.lastVersion}`, document, statements, createdAt };
    this.versions.push(version);
    if (makeDefault) this.defaultVersionId = version.id;
    return version;
  }

  public removeVersion(id: string): boolean {
    const index = this.versions.findIndex((version) => version.id === id);
    if (index >= 0) this.versions.splice(index, 1);
    return index >= 0;
  }

  public describe(version: PolicyVersion): object {
    return {
      VersionId: version.id,
      IsDefaultVersion: version.id === this.defaultVersionId,
      CreateDate: version.createdAt,
      Document: encodeURIComponent(version.document),
    };
  }
}
