/**
 * In the place of the SDK's chain of credential providers, which is a fifth of a bundle: Lambda puts the credentials of the role
 * into the environment of each function.
 */
export const defaultProvider = () => async () => ({
  accessKeyId: process.env['AWS_ACCESS_KEY_ID'] ?? '',
  secretAccessKey: process.env['AWS_SECRET_ACCESS_KEY'] ?? '',
  sessionToken: process.env['AWS_SESSION_TOKEN'],
});
