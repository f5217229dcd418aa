import { AwsError } from '../../core/aws-error';

/** Awaits a call and ignores errors of these codes: a resource that is already gone need not be deleted. */
export async function ignoring(call: Promise<unknown>, ...codes: string[]): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof AwsError && codes.includes(error.code))) throw error;
  }
}
