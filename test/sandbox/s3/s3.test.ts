import {
  CompleteMultipartUploadCommand, CreateMultipartUploadCommand, GetBucketEncryptionCommand, GetBucketLocationCommand,
  GetObjectCommand, HeadBucketCommand, HeadObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client, UploadPartCommand,
} from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '../../../sandbox';

const BUCKET = 'cdk-hnb659fds-assets-123456789012-us-east-1';

let sandbox: Sandbox;
let s3: S3Client;

beforeAll(async () => {
  sandbox = await startSandbox();
  s3 = new S3Client({
    endpoint: sandbox.endpoint, region: sandbox.region, forcePathStyle: true, credentials: { accessKeyId: sandbox.environment.AWS_ACCESS_KEY_ID!, secretAccessKey: 'any' },
  });
});

afterAll(async () => {
  s3.destroy();
  await sandbox.close();
});

test('the bootstrap bucket exists, and no other', async () => {
  await s3.send(new HeadBucketCommand({ Bucket: BUCKET }));
  expect((await s3.send(new GetBucketLocationCommand({ Bucket: BUCKET }))).LocationConstraint ?? '').toBe('');
  await expect(s3.send(new GetBucketLocationCommand({ Bucket: 'other' }))).rejects.toMatchObject({ name: 'NoSuchBucket' });
  await expect(s3.send(new GetBucketEncryptionCommand({ Bucket: BUCKET }))).rejects.toMatchObject({ name: 'ServerSideEncryptionConfigurationNotFoundError' });
});

test('an object is returned as it was put', async () => {
  const body = Buffer.from([0, 1, 2, 255, ...Buffer.from('a & <b>')]);
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'folder/a b.zip', Body: body }));
  const { Body: stored, ContentLength: length } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'folder/a b.zip' }));
  expect(Buffer.from(await stored!.transformToByteArray())).toEqual(body);
  expect(length).toBe(body.length);
  expect((await s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'folder/a b.zip' }))).ContentLength).toBe(body.length);
  const { Contents: contents } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'folder/', MaxKeys: 1 }));
  expect(contents).toMatchObject([{ Key: 'folder/a b.zip', Size: body.length }]);
  await expect(s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'missing' }))).rejects.toMatchObject({ name: 'NoSuchKey' });
  expect(await sandbox.call('s3', 'GetObject', { Bucket: BUCKET, Key: 'folder/a b.zip' })).toMatchObject({ Body: body });
});

test('a large object is uploaded in parts (W6)', async () => {
  const place = { Bucket: BUCKET, Key: 'large.zip' };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(place));
  const parts = ['second', 'first'];
  for (const [index, body] of parts.entries()) {
    await s3.send(new UploadPartCommand({ ...place, UploadId, PartNumber: 2 - index, Body: body }));
  }
  const MultipartUpload = { Parts: [{ PartNumber: 1 }, { PartNumber: 2 }] };
  const { ETag: etag } = await s3.send(new CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload }));
  expect(etag).toMatch(/^".+"$/);
  const { Body: stored } = await s3.send(new GetObjectCommand(place));
  expect(await stored!.transformToString()).toBe('firstsecond');
});
