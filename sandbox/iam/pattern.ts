const patterns = new Map<string, RegExp>();

/** Matches a text against a pattern with IAM's wildcards: `*` for any characters, `?` for one. */
export function matchesPattern(text: string, pattern: string): boolean {
  if (!/[*?]/.test(pattern)) return text === pattern;
  let expression = patterns.get(pattern);
  if (!expression) {
    const source = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.');
    patterns.set(pattern, expression = new RegExp(`^${source}$`, 's'));
  }
  return expression.test(text);
}

/** Arn operators compare the six parts of an ARN one by one: a wildcard does not reach across a colon. */
export function matchesArnPattern(arn: string, pattern: string): boolean {
  const parts = splitArn(arn);
  const patternParts = splitArn(pattern);
  if (pattern === '*') return true;
  return parts.length === patternParts.length && parts.every((part, index) => matchesPattern(part, patternParts[index]!));
}

function splitArn(arn: string): string[] {
  const parts = arn.split(':');
  return [...parts.slice(0, 5), parts.slice(5).join(':')];
}
