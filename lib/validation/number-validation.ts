import { Token, type Duration } from 'aws-cdk-lib';
import { checkOptionalClass, shown } from './class-validation';

/** A size in whole units, at least one unless another lowest size is given. */
export function checkWholeNumber(property: string, unit: string, value: number | undefined, lowest = 1): string | undefined {
  if (value === undefined || Token.isUnresolved(value) || (Number.isInteger(value) && value >= lowest)) {
    return undefined;
  }
  return `${property} must be a whole number of ${unit} ${lowest > 0 ? 'above 0' : 'from 0 up'}, got: ${shown(value)}`;
}

/** A whole number of seconds within a range. */
export function checkSeconds(property: string, duration: Duration | undefined, lowest: number, highest?: number): string | undefined {
  const wrongClass = checkOptionalClass(property, 'a Duration', 'toSeconds', duration);
  if (duration === undefined || wrongClass !== undefined || duration.isUnresolved()) {
    return wrongClass;
  }
  const seconds = duration.toSeconds({ integral: false });
  if (Number.isInteger(seconds) && seconds >= lowest && seconds <= (highest ?? Infinity)) {
    return undefined;
  }
  const range = highest === undefined ? `at least ${lowest} whole seconds` : `${lowest} to ${highest} whole seconds`;
  return `${property} must be ${range}, got: ${seconds} seconds`;
}
