import type { HttpAnswer, Input } from '../core/aws-service';

const XML_HEADERS = { 'content-type': 'application/xml' };

/** The element around each answer that is XML. */
const ROOTS: Readonly<Record<string, string>> = {
  GetBucketLocation: 'LocationConstraint',
  ListObjectsV2: 'ListBucketResult',
  CreateMultipartUpload: 'InitiateMultipartUploadResult',
  CompleteMultipartUpload: 'CompleteMultipartUploadResult',
};

export function encodeAnswer(operation: string, output: unknown): HttpAnswer {
  const values = (output ?? {}) as Input;
  if (operation === 'GetBucketLocation') return xml('LocationConstraint', escaped(values.LocationConstraint ?? ''));
  const root = ROOTS[operation];
  if (root !== undefined) return xml(root, elements(values));
  const headers: Record<string, string> = {};
  if (values.ETag) headers.etag = values.ETag;
  if (values.LastModified) headers['last-modified'] = (values.LastModified as Date).toUTCString();
  if (values.ContentLength !== undefined) headers['content-length'] = String(values.ContentLength);
  const statusCode = operation.startsWith('Delete') || operation.startsWith('Abort') ? 204 : 200;
  return { statusCode, headers, body: values.Body as Buffer | undefined };
}

export const encodeFault = ({ code, message, statusCode }: { code: string; message: string; statusCode: number }): HttpAnswer => ({
  statusCode, headers: XML_HEADERS, body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${escaped(code)}</Code><Message>${escaped(message)}</Message></Error>`,
});

const xml = (root: string, content: string): HttpAnswer => ({
  statusCode: 200,
  headers: XML_HEADERS,
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content}</${root}>`,
});

/** Lists repeat their element, unlike the query protocol's. */
function elements(values: Input): string {
  return Object.entries(values).flatMap(([name, value]: [string, unknown]) => (
    [value].flat().map((element) => (element === undefined ? '' : `<${name}>${content(element)}</${name}>`))
  )).join('');
}

function content(element: unknown): string {
  if (element instanceof Date) return element.toISOString();
  return typeof element === 'object' && element !== null ? elements(element as Input) : escaped(element);
}

const escaped = (value: unknown): string => String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
