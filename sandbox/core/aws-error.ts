/** An error as an AWS service answers it. */
export class AwsError extends Error {
  constructor(
    /** The error's name on the wire, for example `DaemonNotFoundException`. */
    public readonly code: string,
    message: string,
    public readonly statusCode: number = 400,
  ) {
    super(message);
    this.name = code;
  }
}
