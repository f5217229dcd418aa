import { Token, type Duration, type aws_ecs as ecs } from 'aws-cdk-lib';
import type { DaemonContainerDefinitionOptions } from './daemon-container-definition';
import { checkName } from './resource-name';

/** The log drivers that the Guide names for daemons (R49); the API's own enum is wider (A21). */
export const documentedLogDrivers = ['awslogs', 'splunk', 'awsfirelens'];

/** The settings that aws-ecs knows and a daemon does not have (R44). */
const foreignLinuxParameters = ['maxSwap', 'sharedMemorySize', 'swappiness'] as const;

/** What can be said of a container from its own settings alone. */
export function checkContainerSettings(containerName: string, options: DaemonContainerDefinitionOptions): (string | undefined)[] {
  return [
    checkName('containerName', containerName),
    checkWholeNumber('cpu', 'CPU units', options.cpu),
    checkWholeNumber('memoryLimitMiB', 'MiB', options.memoryLimitMiB),
    checkWholeNumber('memoryReservationMiB', 'MiB', options.memoryReservationMiB),
    checkMemory(options.memoryLimitMiB, options.memoryReservationMiB),
    ...checkHealthCheck(options.healthCheck),
  ];
}

/** A size in whole units, at least one. */
export function checkWholeNumber(property: string, unit: string, value: number | undefined): string | undefined {
  if (value === undefined || Token.isUnresolved(value) || (Number.isInteger(value) && value > 0)) {
    return undefined;
  }
  return `${property} must be a whole number of ${unit} above 0, got: ${value}`;
}

/** Lists what a `LinuxParameters` asks for beyond what a daemon can have. */
export function checkLinuxParameters(linuxParameters: ecs.LinuxParameters | undefined): string[] {
  const rendered = linuxParameters?.renderLinuxParameters();
  return foreignLinuxParameters
    .filter((parameter) => rendered?.[parameter] !== undefined)
    .map((parameter) => `linuxParameters must not set ${parameter}: a daemon has capabilities, devices, tmpfs and initProcessEnabled`
      + `, got: ${parameter} ${JSON.stringify(rendered?.[parameter])}`);
}

function checkMemory(limit: number | undefined, reservation: number | undefined): string | undefined {
  if (limit === undefined || reservation === undefined || Token.isUnresolved(limit) || Token.isUnresolved(reservation)) {
    return undefined;
  }
  return limit < reservation
    ? `memoryReservationMiB must not exceed memoryLimitMiB, got: reservation ${reservation}, limit ${limit}`
    : undefined;
}

function checkHealthCheck(healthCheck: ecs.HealthCheck | undefined): (string | undefined)[] {
  if (healthCheck === undefined) {
    return [];
  }
  const { command, interval, timeout, retries, startPeriod } = healthCheck;
  return [
    !Token.isUnresolved(command) && command.length === 0 ? 'healthCheck.command must have at least one entry, got: []' : undefined,
    checkSeconds('healthCheck.interval', interval, 5, 300),
    checkSeconds('healthCheck.timeout', timeout, 2, 60),
    checkSeconds('healthCheck.startPeriod', startPeriod, 0, 300),
    retries !== undefined && !Token.isUnresolved(retries) && !(Number.isInteger(retries) && retries >= 1 && retries <= 10)
      ? `healthCheck.retries must be a whole number from 1 to 10, got: ${retries}` : undefined,
  ];
}

function checkSeconds(property: string, duration: Duration | undefined, lowest: number, highest: number): string | undefined {
  if (duration === undefined || duration.isUnresolved()) {
    return undefined;
  }
  const seconds = duration.toSeconds({ integral: false });
  return Number.isInteger(seconds) && seconds >= lowest && seconds <= highest
    ? undefined
    : `${property} must be ${lowest} to ${highest} whole seconds, got: ${seconds} seconds`;
}
