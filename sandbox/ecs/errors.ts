import { AwsError } from '../core/aws-error';

export const invalidParameter = (message: string): AwsError => new AwsError('InvalidParameterException', message);

export const clientException = (message: string): AwsError => new AwsError('ClientException', message);

export const clusterNotFound = (): AwsError => new AwsError('ClusterNotFoundException', 'Cluster not found.');

export const daemonNotFound = (daemonArn: string): AwsError =>
  new AwsError('DaemonNotFoundException', `The specified daemon wasn't found: ${daemonArn}`);
