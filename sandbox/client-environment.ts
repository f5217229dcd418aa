import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ClientEnvironmentOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly accountId: string;
  readonly accessKeyId: string;
  /** A folder of the sandbox's own. */
  readonly home: string;
}

/**
 * Variables that could lead a client to other credentials or another endpoint and have no harmless value: a shell must unset them.
 * The endpoints of single services (`AWS_ENDPOINT_URL_ECS` …) are to be unset too.
 */
export const VARIABLES_TO_UNSET: readonly string[] = [
  'AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_SESSION_TOKEN', 'AWS_CREDENTIAL_EXPIRATION', 'AWS_ROLE_ARN', 'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI', 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
];

const ENDPOINT_OF_A_SERVICE = /^AWS_ENDPOINT_URL_/;

/** Builds the environment in which clients reach only this sandbox. */
export function clientEnvironment({ endpoint, region, accountId, accessKeyId, home }: ClientEnvironmentOptions): Record<string, string> {
  const emptyFile = join(home, 'no-aws-configuration');
  writeFileSync(emptyFile, '');
  return {
    // an endpoint of a single service comes before the general one
    ...Object.fromEntries(Object.keys(process.env).filter((name) => ENDPOINT_OF_A_SERVICE.test(name)).map((name) => [name, endpoint])),
    AWS_ENDPOINT_URL: endpoint,
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'false',
    AWS_USE_FIPS_ENDPOINT: 'false',
    AWS_USE_DUALSTACK_ENDPOINT: 'false',
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: 'sandbox',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_CONFIG_FILE: emptyFile,
    AWS_SHARED_CREDENTIALS_FILE: emptyFile,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    CDK_DEFAULT_ACCOUNT: accountId,
    CDK_DEFAULT_REGION: region,
    CDK_HOME: home,
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    CDK_DISABLE_VERSION_CHECK: '1',
    NO_PROXY: '127.0.0.1,localhost',
    no_proxy: '127.0.0.1,localhost',
  };
}

/** An environment without what could lead a client elsewhere. */
export const inheritedWithout = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv => Object.fromEntries(
  Object.entries(environment).filter(([name]) => !VARIABLES_TO_UNSET.includes(name) && !ENDPOINT_OF_A_SERVICE.test(name)),
);

/** Lines for a POSIX shell that leave nothing in its environment that could lead elsewhere. */
export function shellLines(environment: Readonly<Record<string, string>>): string[] {
  return [
    `unset ${VARIABLES_TO_UNSET.join(' ')}`,
    "for name in $(env | sed -n 's/^\\(AWS_ENDPOINT_URL_[A-Z0-9_]*\\)=.*/\\1/p'); do unset \"$name\"; done",
    ...Object.entries(environment)
      .filter(([name]) => !ENDPOINT_OF_A_SERVICE.test(name))
      .map(([name, value]) => `export ${name}='${value}'`),
  ];
}
