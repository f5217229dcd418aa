import { createHash } from 'node:crypto';
import { AwsError } from '../core/aws-error';

export interface StoredObject {
  readonly body: Buffer;
  readonly etag: string;
  readonly modified: Date;
}

/** Buckets and what is in them. */
export class Buckets {
  private readonly buckets = new Map<string, Map<string, StoredObject>>();

  public create(name: string): void {
    if (!this.buckets.has(name)) this.buckets.set(name, new Map());
  }

  public get(name: string): Map<string, StoredObject> {
    const bucket = this.buckets.get(name);
    if (!bucket) throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404);
    return bucket;
  }

  public put(name: string, key: string, body: Buffer): string {
    const etag = this.etagOf(body);
    this.get(name).set(key, { body, etag, modified: new Date() });
    return etag;
  }

  public etagOf(body: Buffer): string {
    return `"${createHash('md5').update(body).digest('hex')}"`;
  }
}
