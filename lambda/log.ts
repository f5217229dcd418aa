/** One line in the log group that dispatcher and rollout share, for people: the CDK CLI prints it after a failure (W24). */
export const log = (line: string): void => void process.stdout.write(`${line}\n`);
