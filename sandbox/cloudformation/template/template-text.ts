import { parseDocument } from 'yaml';
import { type Pair, Scalar, YAMLMap, YAMLSeq, type Schema } from 'yaml/types';
import { DEPTH_LIMIT } from '../../core/json-document';

/** Types of YAML 1.1 that templates do not have: a date stays the text that it is. */
const UNSUPPORTED_TYPES = /:(binary|omap|pairs|set|timestamp)$/;

/** Reads the text of a template, in JSON or YAML. Throws an error with a line and a column if it is neither. */
export function readTemplateText(text: string): unknown {
  return text.trimStart().startsWith('{') ? JSON.parse(text) : readYaml(text);
}

function readYaml(text: string): unknown {
  if (isNestedTooDeep(text)) throw new Error(`the template is nested deeper than ${DEPTH_LIMIT} levels.`);
  const document = parseDocument(text, {
    version: '1.1',
    merge: false,
    prettyErrors: true,
    // the declared type is a list; the library also takes a function of the schema's own tags
    customTags: ((tags: Schema.Tag[]) => tags.filter(({ tag }) => !UNSUPPORTED_TYPES.test(tag))) as unknown as Schema.Tag[],
  });
  const [error] = document.errors;
  if (error) throw error;
  return valueOf(document.contents);
}

/** Estimates the depth from brackets, and from dashes and question marks in a row: the library takes minutes for a very deep document. */
function isNestedTooDeep(text: string): boolean {
  let depth = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth = Math.max(0, depth + ('[{'.includes(bracket) ? 1 : -1));
    if (depth > DEPTH_LIMIT) return true;
  }
  return new RegExp(`(?:[-?][ \\t]+){${DEPTH_LIMIT + 1}}`).test(text);
}

/** The value of a node, with short forms of functions (`!Ref Name`) as what they stand for (`{ "Ref": "Name" }`). */
function valueOf(node: unknown): unknown {
  const value = plainValueOf(node);
  const tag = node instanceof Scalar || node instanceof YAMLMap || node instanceof YAMLSeq ? node.tag : undefined;
  if (!tag?.startsWith('!')) return value;
  const name = tag.slice(1);
  if (name === 'Ref' || name === 'Condition') return { [name]: value };
  return { [`Fn::${name}`]: name === 'GetAtt' && typeof value === 'string' ? splitOnce(value) : value };
}

function plainValueOf(node: unknown): unknown {
  if (node === null || node === undefined) return null;
  if (node instanceof Scalar) return node.value;
  if (node instanceof YAMLSeq) return node.items.map(valueOf);
  if (node instanceof YAMLMap) {
    return Object.fromEntries((node.items as Pair[]).map(({ key, value }) => [String(valueOf(key)), valueOf(value)]));
  }
  throw new Error('aliases are not supported');
}

const splitOnce = (text: string): unknown => {
  const [logicalId = '', ...attribute] = text.split('.');
  return [logicalId, attribute.join('.')];
};
