import { AwsError } from '../core/aws-error';
import { parseJsonDocument } from '../core/json-document';
import type { Input } from '../core/aws-service';

/** The input of an operation: an object, whatever else might be valid JSON. */
export function parseJson(body: string): Input {
  let input: unknown;
  try {
    input = parseJsonDocument(body);
  } catch (error) {
    throw new AwsError('SerializationException', `The body is not valid JSON: ${(error as Error).message}`);
  }
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input;
  throw new AwsError('SerializationException', 'The body must be a JSON object.');
}

/** AWS JSON: times are epoch seconds with a fraction, absent fields are left out. */
export function printJson(output: unknown): string {
  return JSON.stringify(withEpochSeconds(output ?? {}));
}

export const printJsonError = (code: string, message: string): string => JSON.stringify({ __type: code, message });

function withEpochSeconds(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (Array.isArray(value)) return value.map(withEpochSeconds);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withEpochSeconds(item)]));
  }
  return value;
}
