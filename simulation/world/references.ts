/** Properties of a custom resource; their values at the top may be references. */
export type Properties = Readonly<Record<string, unknown>>;

/** `Fn::GetAtt`. */
export interface Reference {
  readonly attribute: string;
  /** A logical id. */
  readonly of: string;
}

export const reference = (of: string, attribute: string): Reference => ({ of, attribute });

export const isReference = (value: unknown): value is Reference =>
  typeof value === 'object' && value !== null && 'of' in value && 'attribute' in value;

/** CloudFormation rejects an attribute that a resource has not returned; a response without it is our error. */
export function attributeOf({ of, attribute }: Reference, attributes: Readonly<Record<string, string>> | undefined): string {
  const value = attributes?.[attribute];
  if (value === undefined) throw new Error(`${of} has no attribute ${attribute}`);
  return value;
}
