import { AwsError } from '../core/aws-error';
import { DEPTH_LIMIT } from '../core/json-document';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

export const ALARM_STATES: readonly AlarmState[] = ['OK', 'ALARM', 'INSUFFICIENT_DATA'];

/** The rule of a composite alarm, ready to be evaluated. */
export interface AlarmRule {
  /** The names or ARNs of the alarms in the rule. */
  readonly children: readonly string[];
  /** `stateOf` answers with undefined for an alarm that does not exist: no expression on it is true. */
  holds(stateOf: (alarm: string) => AlarmState | undefined): boolean;
}

type Expression = (stateOf: (alarm: string) => AlarmState | undefined) => boolean;

/** Reads a rule such as `ALARM("a") AND NOT (OK(b) OR INSUFFICIENT_DATA("c"))`; NOT binds before AND, AND before OR. */
export function parseAlarmRule(text: string): AlarmRule {
  const children: string[] = [];
  const tokens = tokenize(text);
  let position = 0;
  let depth = 0;
  const refuse = (): never => {
    throw new AwsError('ValidationException', `Error in AlarmRule: unexpected '${tokens[position] ?? 'end of rule'}'`);
  };
  const accept = (token: string): boolean => {
    if (tokens[position] !== token) return false;
    position++;
    return true;
  };

  const parseOr = (): Expression => {
    const terms = [parseAnd()];
    while (accept('OR')) terms.push(parseAnd());
    return (stateOf) => terms.some((term) => term(stateOf));
  };
  const parseAnd = (): Expression => {
    const terms = [parseNot()];
    while (accept('AND')) terms.push(parseNot());
    return (stateOf) => terms.every((term) => term(stateOf));
  };
  const parseNot = (): Expression => {
    if (tokens[position] === '(' || tokens[position] === 'NOT') depth++;
    if (depth > DEPTH_LIMIT) throw new AwsError('ValidationException', `Error in AlarmRule: it has more than ${DEPTH_LIMIT} parentheses and NOTs`);
    if (accept('NOT')) {
      const term = parseNot();
      return (stateOf) => !term(stateOf);
    }
    if (accept('(')) {
      const inner = parseOr();
      if (!accept(')')) refuse();
      return inner;
    }
    return parseTerm();
  };
  const parseTerm = (): Expression => {
    if (accept('TRUE')) return () => true;
    if (accept('FALSE')) return () => false;
    for (const state of ALARM_STATES) {
      if (!accept(state)) continue;
      if (!accept('(')) refuse();
      const name = unquote(tokens[position++] ?? refuse());
      if (!accept(')')) refuse();
      children.push(name);
      return (stateOf) => stateOf(name) === state;
    }
    return refuse();
  };

  const expression = parseOr();
  if (position < tokens.length) refuse();
  return { children, holds: expression };
}

const tokenize = (text: string): string[] => text.match(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[()]|[^\s()"']+/g) ?? [];

const unquote = (token: string): string => (/^["']/.test(token) ? token.slice(1, -1).replace(/\\(.)/g, '$1') : token);
