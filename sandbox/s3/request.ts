import { AwsError } from '../core/aws-error';
import type { HttpRequest, Input } from '../core/aws-service';

/** Returns the operation of a request by its method, its path, which the CDK CLI sends in path style (W5), and its query. */
export function decodeRequest(request: HttpRequest): { operation: string; input: Input } {
  const { method, query, body } = request;
  const [bucket, ...rest] = request.path.slice(1).split('/');
  const Bucket = decodeURIComponent(bucket ?? '');
  const Key = decodeURIComponent(rest.join('/'));
  const operation = Bucket === '' ? undefined : Key === '' ? bucketOperation(method, query) : objectOperation(method, query);
  if (operation === undefined) throw new AwsError('NotImplemented', `The sandbox does not support ${method} ${request.path}?${query}`, 400);
  const input: Input = { Bucket };
  if (Key !== '') input.Key = Key;
  if (query.has('uploadId')) input.UploadId = query.get('uploadId');
  switch (operation) {
    case 'ListObjectsV2': return { operation, input: { ...input, Prefix: query.get('prefix') ?? '', MaxKeys: Number(query.get('max-keys') ?? 1000) } };
    case 'UploadPart': return { operation, input: { ...input, PartNumber: Number(query.get('partNumber')), Body: body } };
    case 'PutObject': return { operation, input: { ...input, Body: body } };
    default: return { operation, input };
  }
}

function bucketOperation(method: string, query: URLSearchParams): string | undefined {
  if (method === 'HEAD') return 'HeadBucket';
  if (method === 'PUT') return query.size === 0 ? 'CreateBucket' : undefined;
  if (method !== 'GET') return undefined;
  if (query.has('location')) return 'GetBucketLocation';
  if (query.has('encryption')) return 'GetBucketEncryption';
  return query.get('list-type') === '2' ? 'ListObjectsV2' : undefined;
}

function objectOperation(method: string, query: URLSearchParams): string | undefined {
  switch (method) {
    case 'GET': return 'GetObject';
    case 'HEAD': return 'HeadObject';
    case 'DELETE': return query.has('uploadId') ? 'AbortMultipartUpload' : 'DeleteObject';
    case 'PUT': return query.has('partNumber') ? 'UploadPart' : 'PutObject';
    case 'POST': return query.has('uploads') ? 'CreateMultipartUpload' : query.has('uploadId') ? 'CompleteMultipartUpload' : undefined;
    default: return undefined;
  }
}
