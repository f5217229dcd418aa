import { AwsError } from '../core/aws-error';
import type { HttpAnswer, HttpRequest, Input, Operation, RestService, Permission } from '../core/aws-service';
import { randomHex, type World } from '../core/world';
import { Buckets, type StoredObject } from './buckets';
import { decodeRequest } from './request';
import { encodeAnswer, encodeFault } from './answer';

/** S3, as far as assets and templates need it. */
export class S3 implements RestService {
  public readonly operations: Readonly<Record<string, Operation>>;
  private readonly buckets = new Buckets();
  private readonly uploads = new Map<string, Map<number, Buffer>>();

  constructor(private readonly world: World) {
    this.buckets.create(`cdk-hnb659fds-assets-${world.accountId}-${world.region}`);
    const bucket = ({ Bucket: name }: Input): Map<string, StoredObject> => this.buckets.get(String(name));
    this.operations = {
      CreateBucket: ({ Bucket: name }) => this.buckets.create(String(name)),
      HeadBucket: (input) => void bucket(input),
      GetBucketLocation: (input) => {
        bucket(input);
        return { LocationConstraint: world.region === 'us-east-1' ? undefined : world.region };
      },
      GetBucketEncryption: (input) => {
        bucket(input);
        throw new AwsError('ServerSideEncryptionConfigurationNotFoundError', 'The server side encryption configuration was not found', 404);
      },
      ListObjectsV2: (input) => {
        const { Prefix: prefix = '', MaxKeys: maximum = 1000 } = input;
        const found = [...bucket(input)]
          .filter(([key]) => key.startsWith(String(prefix)))
          .sort(([left], [right]) => (left < right ? -1 : 1));
        const shown = found.slice(0, Number(maximum));
        return {
          Name: input.Bucket, Prefix: prefix, KeyCount: shown.length, MaxKeys: Number(maximum), IsTruncated: shown.length < found.length,
          Contents: shown.map(([key, { body, etag, modified }]) => (
            { Key: key, LastModified: modified, ETag: etag, Size: body.length, StorageClass: 'STANDARD' }
          )),
        };
      },
      PutObject: (input) => {
        bucket(input);
        return { ETag: this.buckets.put(String(input.Bucket), String(input.Key), toBuffer(input.Body)) };
      },
      GetObject: (input) => this.object(input),
      HeadObject: (input) => ({ ...this.object(input), Body: undefined }),
      DeleteObject: (input) => void bucket(input).delete(String(input.Key)),
      CreateMultipartUpload: (input) => {
        bucket(input);
        const uploadId = randomHex(this.world, 32);
        this.uploads.set(uploadId, new Map());
        return { Bucket: input.Bucket, Key: input.Key, UploadId: uploadId };
      },
      UploadPart: (input) => {
        const body = toBuffer(input.Body);
        this.upload(input).set(Number(input.PartNumber), body);
        return { ETag: this.buckets.etagOf(body) };
      },
      CompleteMultipartUpload: (input) => {
        const parts = [...this.upload(input)].sort(([left], [right]) => left - right).map(([, body]) => body);
        this.uploads.delete(String(input.UploadId));
        const etag = this.buckets.put(String(input.Bucket), String(input.Key), Buffer.concat(parts));
        return { Bucket: input.Bucket, Key: input.Key, ETag: etag };
      },
      AbortMultipartUpload: (input) => void this.uploads.delete(String(input.UploadId)),
    };
  }

  public decode(request: HttpRequest): { operation: string; input: Input } {
    return decodeRequest(request);
  }

  public encode(operation: string, output: unknown): HttpAnswer {
    return encodeAnswer(operation, output);
  }

  public encodeError(error: { code: string; message: string; statusCode: number }): HttpAnswer {
    return encodeFault(error);
  }

  public requiredPermissions(operation: string, input: Input): Permission[] {
    const resource = [input.Bucket, input.Key].filter((part) => part !== undefined).join('/');
    return [{ action: `s3:${ACTIONS[operation] ?? operation}`, resources: [`arn:${this.world.partition}:s3:::${resource}`] }];
  }

  private object(input: Input): { Body: Buffer; ContentLength: number; ETag: string; LastModified: Date } {
    const object = this.buckets.get(String(input.Bucket)).get(String(input.Key));
    if (!object) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
    return { Body: object.body, ContentLength: object.body.length, ETag: object.etag, LastModified: object.modified };
  }

  private upload({ UploadId: id }: Input): Map<number, Buffer> {
    const upload = this.uploads.get(String(id));
    if (!upload) throw new AwsError('NoSuchUpload', 'The specified upload does not exist.', 404);
    return upload;
  }
}

/** Operations whose permission has another name. */
const ACTIONS: Readonly<Record<string, string>> = {
  ListObjectsV2: 'ListBucket', HeadBucket: 'ListBucket', HeadObject: 'GetObject', GetBucketEncryption: 'GetEncryptionConfiguration',
  CreateMultipartUpload: 'PutObject', UploadPart: 'PutObject', CompleteMultipartUpload: 'PutObject',
};

const toBuffer = (body: unknown): Buffer => (Buffer.isBuffer(body) ? body : Buffer.from((body as string | Uint8Array | undefined) ?? ''));
