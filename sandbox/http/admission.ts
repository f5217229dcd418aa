import type { IncomingHttpHeaders } from 'node:http';
import { AwsError } from '../core/aws-error';

/** Refuses what no client of this sandbox sends: requests of web pages, and names that somebody else's DNS gives to this address. */
export function refuseForeign({ host = '', origin }: IncomingHttpHeaders, port: number, isAnswer: boolean): AwsError | undefined {
  const isOwn = [`127.0.0.1:${port}`, `localhost:${port}`].includes(host.toLowerCase()) || (isAnswer && ANSWER_HOST.test(host));
  if (!isOwn) {
    return forbidden(`The Host header must be 127.0.0.1:${port} or localhost:${port}, got: ${JSON.stringify(host)}.`);
  }
  return origin === undefined ? undefined : forbidden('Requests from web pages (with an Origin header) are not allowed.');
}

/** The host that AWS gives to custom resources for their answers; connections of functions to it lead here. */
export const ANSWER_HOST = /^cloudformation-custom-resource-response-[a-z0-9]+\.s3\.[a-z0-9.-]*amazonaws\.com$/;

/** Returns the error of AWS for an unknown access key, by the name that the service's clients expect. */
export function unknownAccessKey(service: string): AwsError {
  const code = service === 's3' ? 'InvalidAccessKeyId' : QUERY_SERVICES.has(service) ? 'InvalidClientTokenId' : 'UnrecognizedClientException';
  return new AwsError(code, 'The access key is not of this run of the sandbox. Export the environment that the running sandbox printed.', 403);
}

const QUERY_SERVICES: ReadonlySet<string> = new Set(['sts', 'cloudformation', 'iam', 'ec2', 'sns', 'sqs', 'elasticloadbalancing', 'autoscaling', 'rds']);

const forbidden = (message: string): AwsError => new AwsError('AccessDenied', message, 403);
