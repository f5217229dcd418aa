import { Token, type Duration } from 'aws-cdk-lib';

/** A size in whole units, at least one. */
export function checkWholeNumber(property: string, unit: string, value: number | undefined): string | undefined {
  if (value === undefined || Token.isUnresolved(value) || (Number.isInteger(value) && value > 0)) {
    return undefined;
  }
  return `${property} must be a whole number of ${unit} above 0, got: ${value}`;
}

/** A whole number of seconds within a range. */
export function checkSeconds(property: string, duration: Duration | undefined, lowest: number, highest?: number): string | undefined {
  if (duration === undefined || duration.isUnresolved()) {
    return undefined;
  }
  const seconds = duration.toSeconds({ integral: false });
  if (Number.isInteger(seconds) && seconds >= lowest && seconds <= (highest ?? Infinity)) {
    return undefined;
  }
  const range = highest === undefined ? `at least ${lowest} whole seconds` : `${lowest} to ${highest} whole seconds`;
  return `${property} must be ${range}, got: ${seconds} seconds`;
}
