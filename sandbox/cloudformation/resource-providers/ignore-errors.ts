import { AwsError } from '../../core/aws-error';

/** Awaits a call whose refusals of these codes do not matter: what is gone already need not be deleted. */
export async function ignoring(call: Promise<unknown>, ...codes: string[]): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof AwsError && codes.includes(error.code))) throw error;
  }
}
