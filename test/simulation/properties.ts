import type { DaemonProperties } from '../../lambda/contract';
import { properties } from '../lambda/requests';
import type { DaemonPlan } from './scenario';
import { CLUSTER_ARN, providerArn } from './world';

/** What a template says about a daemon, with every property. */
export const completeProperties = ({ name, providers, settings }: DaemonPlan, taskDefinitionArn: string): DaemonProperties => properties({
  ClusterArn: CLUSTER_ARN,
  DaemonName: name,
  DaemonTaskDefinitionArn: taskDefinitionArn,
  CapacityProviderArns: providers.map(providerArn),
  ...settings,
});
