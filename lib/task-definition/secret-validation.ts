import { checkArn, parameterArn, secretArn } from '../validation/arn-validation';
import type { NamedSecrets } from './secret-warnings';

/** Lists the ARNs that name no secret. Those of other Regions and accounts pass: ECS accepts their full ARN. */
export function checkSecrets({ secrets = {}, image, logging }: NamedSecrets): (string | undefined)[] {
  const credentials = image?.repositoryCredentials?.credentialsParameter;
  return [
    ...Object.entries(secrets).map(([name, { arn }]) => checkValue(`the secret ${JSON.stringify(name)}`, arn)),
    ...(logging?.secretOptions ?? []).map(({ name, valueFrom }) => checkValue(`the log option ${JSON.stringify(name)}`, valueFrom)),
    credentials?.startsWith('arn:') ? checkArn('the credentials of the image', credentials, secretArn) : undefined,
  ];
}

/** A parameter of the same Region may be named without its ARN. */
function checkValue(what: string, valueFrom: string): string | undefined {
  if (!valueFrom.startsWith('arn:') || checkArn(what, valueFrom, parameterArn) === undefined) {
    return undefined;
  }
  const alternative = `, or that of ${parameterArn.what}, arn:aws:ssm:<Region>:<account>:${parameterArn.example}`;
  return checkArn(what, valueFrom, secretArn)?.replace(', got: ', `${alternative}, got: `);
}
