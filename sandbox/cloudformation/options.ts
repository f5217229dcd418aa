/** Behaviours of CloudFormation that AWS does not document, or that a test wants worse than usual. */
export interface CloudFormationOptions {
  /** Whether the id in the FAILED answer to an Update becomes the resource's id (E27; design § 4). */
  readonly failedUpdateId?: 'adopt' | 'keep';
  /** How a custom resource that was replaced comes back when another resource fails: taken up again, or by an Update (E28). */
  readonly replacementRollback?: 'restore' | 'update';
  /** Delivers each event of a custom resource twice. */
  readonly duplicateDelivery?: boolean;
  /** How long `DescribeStacks` waits for the end of an operation, in seconds of real time (W14). */
  readonly longPollSeconds?: number;
}

export const defaultOptions: Required<CloudFormationOptions> = {
  failedUpdateId: 'adopt',
  replacementRollback: 'restore',
  duplicateDelivery: false,
  longPollSeconds: 20,
};
