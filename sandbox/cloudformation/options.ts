/** Behaviours of CloudFormation that AWS does not document, or that a test makes worse than usual. */
export interface CloudFormationOptions {
  /** Whether the id in the FAILED answer to an Update becomes the resource's id (E27). */
  readonly failedUpdateId?: 'adopt' | 'keep';
  /** How a custom resource that was replaced is restored when another resource fails: by its record alone, or by an Update (E28). */
  readonly replacementRollback?: 'restore' | 'update';
  /** Whether each event of a custom resource is delivered twice. */
  readonly duplicateDelivery?: boolean;
  /** How long `DescribeStacks` waits for the end of an operation, in seconds of real time (W14). */
  readonly longPollSeconds?: number;
  /** The name of a resource in place of one with a random suffix; undefined leaves it random. */
  readonly nameOf?: (stackName: string, logicalId: string) => string | undefined;
}

export const defaultOptions: Required<CloudFormationOptions> = {
  failedUpdateId: 'adopt',
  replacementRollback: 'restore',
  duplicateDelivery: false,
  longPollSeconds: 20,
  nameOf: () => undefined,
};
