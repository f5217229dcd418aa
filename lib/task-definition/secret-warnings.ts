import { Annotations, type aws_ecs as ecs } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** What of a container names secrets, as it is rendered. */
export interface NamedSecrets {
  readonly secrets?: { [name: string]: ecs.Secret };
  readonly image?: ecs.ContainerImageConfig;
  readonly logging?: ecs.LogDriverConfig;
}

/** Annotates a container that names a secret of Secrets Manager without the six characters at the end of its ARN: ECS does not find it. */
export function warnOfPartialSecretArns(container: IConstruct, { secrets = {}, image, logging }: NamedSecrets): void {
  const credentials = image?.repositoryCredentials?.credentialsParameter;
  const named = [
    ...Object.entries(secrets).map(([name, secret]) => [`the secret ${JSON.stringify(name)}`, secret.arn]),
    ...(logging?.secretOptions ?? []).map(({ name, valueFrom }) => [`the log option ${JSON.stringify(name)}`, valueFrom]),
    ['the credentials of the image', credentials ?? ''],
  ];
  for (const [what] of named.filter(([, arn]) => isPartial(arn))) {
    Annotations.of(container).addWarningV2(
      'cdk-ecs-managed-daemons:partialSecretArn',
      `${what} is named without the six characters that Secrets Manager adds to its ARN, and ECS does not find it; use`
      + ' Secret.fromSecretCompleteArn() instead of fromSecretNameV2() or fromSecretPartialArn()',
    );
  }
}

function isPartial(arn: string): boolean {
  const name = /^arn:[^:]+:secretsmanager:[^:]*:[^:]*:secret:([^:$]+)(:|$)/.exec(arn)?.[1];
  return name !== undefined && !/-[A-Za-z0-9]{6}$/.test(name);
}
