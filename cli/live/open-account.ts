import { InputError } from '../plan/input-error';
import type { Account, AccountOptions, Read } from './reads';

/** Opens an account; the SDK is loaded only now, because other commands do not need it. */
export async function openAccount(options: AccountOptions): Promise<Account & { readonly region: string }> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'; // it is about the next version of the SDK
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- only now
  const { openAccount: open } = require('./sdk-account') as typeof import('./sdk-account');
  const region = options.region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
  const account = open({ ...options, ...(region !== undefined && { region }) });
  return {
    region: await account.region().catch(() => { throw new InputError('The Region must be known: set AWS_REGION, or state --region.'); }),
    read: (action, input) => account.read(action, input).catch((error: Error) => { throw asInputError(action, error); }),
  };
}

const IN_PLACE_OF_AN_ACCOUNT = 'Without an account, state --from FOLDER or --new.';

/** Errors about something that does not exist stay what they are: they are an answer. */
function asInputError(action: Read, error: Error): Error {
  const message = error.message.replace(/\s+/g, ' ').trim();
  if (/NotFound|^ValidationError$|^ClientException$/.test(error.name)) return error;
  if (/^AccessDenied|^UnauthorizedOperation$/.test(error.name)) {
    return new InputError(`${action} is not allowed: ${message.replace(/\.$/, '')}. "cdk-ecs-managed-daemons policy plan" prints the permissions.`);
  }
  if (/^CredentialsProvider|^TokenProvider/.test(error.name) || /credentials/i.test(message)) {
    return new InputError(`${action} needs credentials, as the AWS CLI does: ${message.replace(/\.$/, '')}. ${IN_PLACE_OF_AN_ACCOUNT}`);
  }
  if (/Token|Signature|Unrecognized/.test(error.name)) return new InputError(`${action} needs valid credentials: ${message}`);
  return new InputError(`${action} fails: ${message}`);
}
