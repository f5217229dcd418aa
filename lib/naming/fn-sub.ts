import { Lazy, Token } from 'aws-cdk-lib';

/** Renders a string with references as `Fn::Sub`, which needs a third of the bytes of the `Fn::Join` that CDK renders. */
export function substitution(text: string): string {
  return Token.asString(Lazy.uncachedAny({ produce: (context) => shortened(context.resolve(text)) }));
}

interface Joined { readonly 'Fn::Join'?: [string, unknown[]] }

interface Reference {
  readonly Ref?: string;
  readonly 'Fn::GetAtt'?: [string, string];
}

function shortened(resolved: Joined | string): unknown {
  const [separator, parts] = (typeof resolved === 'object' && resolved['Fn::Join']) || [undefined, []];
  const texts = parts.map((part) => typeof part === 'string' ? literal(part) : placeholder(part as Reference));
  return separator === '' && texts.every((text) => text !== undefined) ? { 'Fn::Sub': texts.join('') } : resolved;
}

const literal = (text: string): string => text.replaceAll('${', '${!');

/** Undefined for what `Fn::Sub` cannot name, such as what another stack exports. */
function placeholder({ Ref: id, 'Fn::GetAtt': attribute }: Reference): string | undefined {
  const name = id ?? attribute?.join('.');
  return name === undefined ? undefined : `\${${name}}`;
}
