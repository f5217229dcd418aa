/** The value in the middle; the lower one of two. */
export function median(values: number[]): number {
  return quantile(values, 0.5);
}

/** Half of what lies between the lower and the upper quartile, as a share of the median. */
export function spread(values: number[]): number {
  return (quantile(values, 0.75) - quantile(values, 0.25)) / 2 / median(values);
}

function quantile(values: number[], share: number): number {
  return [...values].sort((one, other) => one - other)[Math.floor((values.length - 1) * share)];
}
