import { AwsError } from '../core/aws-error';
import { DEPTH_LIMIT } from '../core/json-document';
import type { Input } from '../core/aws-service';

/** The AWS query protocol: form bodies in, XML out (W2, W3). */

/** `Tags.member.1.Key=a` becomes `{ Tags: [{ Key: 'a' }] }`; `Parameters=` is an empty list. */
export function parseQuery(body: string): { operation: string; input: Input } {
  const { operation, form } = parseForm(body);
  return { operation, input: withLists(form) as Input };
}

/** `a.b=c` becomes `{ a: { b: 'c' } }`; none of the objects has a prototype. */
export function parseForm(body: string): { operation: string; form: Tree } {
  const form = newTree();
  for (const [name, value] of new URLSearchParams(body)) {
    const path = name.split('.');
    if (path.length > DEPTH_LIMIT) throw new AwsError('MalformedInput', `The name of a member has more than ${DEPTH_LIMIT} parts.`);
    const leaf = path.pop()!;
    const branch = path.reduce<Tree>((node, key) => {
      const next = node[key];
      if (typeof next === 'object') return next;
      return (node[key] = newTree());
    }, form);
    branch[leaf] = value;
  }
  const { Action: operation = '' } = form;
  delete form.Action;
  delete form.Version;
  return { operation: typeof operation === 'string' ? operation : '', form };
}

export function printQuery(operation: string, output: unknown, requestId: string): string {
  const result = output === undefined || output === null ? '' : printValue(output);
  return `<${operation}Response><${operation}Result>${result}</${operation}Result>`
    + `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${operation}Response>`;
}

export function printQueryError(code: string, message: string, requestId: string): string {
  return `<ErrorResponse><Error><Type>Sender</Type><Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message></Error>`
    + `<RequestId>${requestId}</RequestId></ErrorResponse>`;
}

export const escapeXml = (text: string): string =>
  text.replace(/[&<>\r]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#xD;' })[character]!);

export interface Tree { [key: string]: Tree | string }

/** Without a prototype: names come from outside, and `a.__proto__.b` must not reach every object there is. */
const newTree = (): Tree => Object.create(null) as Tree;

function withLists(node: Tree | string): unknown {
  if (typeof node === 'string') return node;
  const members = node.member;
  if (typeof members === 'object') {
    return Object.entries(members).sort(([a], [b]) => Number(a) - Number(b)).map(([, item]) => withLists(item));
  }
  return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, withLists(item)]));
}

function printValue(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((item) => `<member>${printValue(item)}</member>`).join('');
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .filter(([, item]) => item !== undefined && item !== null)
      .map(([name, item]) => `<${name}>${printValue(item)}</${name}>`)
      .join('');
  }
  return escapeXml(String(value));
}
