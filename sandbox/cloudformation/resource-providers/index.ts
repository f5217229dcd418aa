import type { ResourceProvider } from './resource-provider';
import { ecsProviders } from './ecs';
import { eventsProviders } from './events';
import { iamProviders } from './iam';
import { lambdaProviders } from './lambda';
import { logsProviders } from './logs';
import { monitoringProviders } from './monitoring';
import { stackProviders } from './nested-stack';
import { ssmProviders } from './ssm';

/** The types with a service of the sandbox behind them; all others are inert. */
export const resourceProviders: Readonly<Record<string, ResourceProvider>> = {
  ...ecsProviders, ...lambdaProviders, ...logsProviders, ...monitoringProviders, ...eventsProviders, ...iamProviders, ...ssmProviders,
  ...stackProviders,
};
