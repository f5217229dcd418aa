import { Token, type aws_ecs as ecs, type Duration } from 'aws-cdk-lib';
import { unlessDefault } from '../naming/canonical-order';
import { shown } from '../validation/class-validation';
import { checkSeconds } from '../validation/number-validation';

const modes = ['CMD', 'CMD-SHELL'];
const twoWays = 'use ["CMD", "/agent", "health"] to run a program, or ["CMD-SHELL", "agent health || exit 1"] for a line of the shell';

/** Lists what is wrong with a health check. */
export function checkHealthCheck(healthCheck: ecs.HealthCheck | undefined): (string | undefined)[] {
  if (healthCheck === undefined) {
    return [];
  }
  if (!Array.isArray(healthCheck.command)) {
    return [`healthCheck.command must be a list, got: ${shown(healthCheck.command)}`];
  }
  const [wrong] = healthCheck.command.filter((entry: unknown) => typeof entry !== 'string');
  if (wrong !== undefined) {
    return [`each entry of healthCheck.command must be a string, got: ${shown(wrong)}`];
  }
  const { command, interval, timeout, retries, startPeriod } = healthCheck;
  return [
    checkCommand(command),
    checkSeconds('healthCheck.interval', interval, 5, 300),
    checkSeconds('healthCheck.timeout', timeout, 2, 60),
    checkSeconds('healthCheck.startPeriod', startPeriod, 0, 300),
    checkTimeoutWithinInterval(interval, timeout),
    retries !== undefined && !Token.isUnresolved(retries) && !(Number.isInteger(retries) && retries >= 1 && retries <= 10)
      ? `healthCheck.retries must be a whole number from 1 to 10, got: ${shown(retries)}` : undefined,
  ];
}

/** A check that cannot succeed is worse than none: the instances of a critical daemon are then replaced again and again. */
function checkCommand(command: string[]): string | undefined {
  if (Token.isUnresolved(command)) {
    return undefined;
  }
  const got = `, got: ${JSON.stringify(command)}`;
  if (command.length === 0) {
    return `healthCheck.command must have at least one entry${got}`;
  }
  if (command[0] === 'NONE') {
    return `healthCheck.command must not be NONE: ECS ignores the health check of an image anyway; leave healthCheck out${got}`;
  }
  const [mode, first, ...rest] = renderHealthCheckCommand(command);
  if (!first?.trim() || modes.includes(command[0]) && command.length === 1) {
    return `healthCheck.command must name what is run; ${twoWays}${got}`;
  }
  if (mode === 'CMD-SHELL' && rest.length > 0) {
    return `healthCheck.command must have one entry after CMD-SHELL, since the shell runs only the first; ${twoWays}${got}`;
  }
  return mode === 'CMD' && !Token.isUnresolved(first) && /\s/.test(first)
    ? `healthCheck.command must have an entry for each word, since no shell takes ${JSON.stringify(first)} apart; ${twoWays}${got}`
    : undefined;
}

function checkTimeoutWithinInterval(interval: Duration | undefined, timeout: Duration | undefined): string | undefined {
  if (interval === undefined || timeout === undefined || interval.isUnresolved() || timeout.isUnresolved()) {
    return undefined;
  }
  const [longest, given] = [interval, timeout].map((duration) => duration.toSeconds({ integral: false }));
  return given > longest ? `healthCheck.timeout must not exceed healthCheck.interval, got: timeout ${given} seconds, interval ${longest} seconds` : undefined;
}

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html for the defaults, which are left out */
export function renderHealthCheck(healthCheck: ecs.HealthCheck | undefined): ecs.CfnDaemonTaskDefinition.HealthCheckProperty | undefined {
  if (healthCheck === undefined) {
    return undefined;
  }
  return {
    command: renderHealthCheckCommand(healthCheck.command),
    interval: unlessDefault(healthCheck.interval?.toSeconds(), 30),
    timeout: unlessDefault(healthCheck.timeout?.toSeconds(), 5),
    retries: unlessDefault(healthCheck.retries, 3),
    startPeriod: unlessDefault(healthCheck.startPeriod?.toSeconds(), 0),
  };
}

/**
 * A list without a mode is run as it is, and a single entry by the shell, as in aws-ecs.
 *
 * A single absolute path is the exception: it needs no shell, which the images of most agents lack (R63).
 */
function renderHealthCheckCommand(command: string[]): string[] {
  if (command.length === 1) {
    return [isPath(command[0]) ? 'CMD' : 'CMD-SHELL', command[0]];
  }
  return modes.includes(command[0]) ? command : ['CMD', ...command];
}

/** Without blanks, and without characters that mean something to a shell. */
function isPath(entry: string): boolean {
  return /^\/[^\s;&|<>()$`\\"'*?[\]{}]+$/.test(entry);
}
