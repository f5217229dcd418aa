import { aws_lambda as lambda, aws_logs as logs } from 'aws-cdk-lib';
import { argument, instance, oneOf, typeCheck } from '../validation/type-checks';
import type { ManagedDaemonProviderProps } from './managed-daemon-provider';

/** Lists the settings of the functions that have another type than TypeScript demands: JavaScript lets them through. */
export const checkTypesOfProvider = argument<ManagedDaemonProviderProps>('props', {
  logRetention: typeCheck('one of logs.RetentionDays', (days) => typeof days === 'number' && days in logs.RetentionDays),
  logEncryptionKey: instance('a kms.Key or another reference to a key', 'keyRef'),
  logLevel: oneOf(lambda.ApplicationLogLevel),
  tracing: oneOf(lambda.Tracing),
});
