/** The name or id that an ARN ends with. */
export const lastPartOf = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);
