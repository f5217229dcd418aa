import type { Clock } from './clock';
import type { Caller, Input, ServiceName } from './aws-service';

/** The surroundings of every service. Services reach each other only by `call`, as on AWS. */
export interface World {
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
  /** The sandbox's URL, for example `http://127.0.0.1:4566`; set once the server listens. */
  readonly endpoint: string;
  readonly clock: Clock;
  /** The most entries that a page of a list has, whatever a client requests (A38). @default - as AWS documents */
  readonly longestPage?: number;
  /** A seeded source of numbers in [0, 1): same seed, same run. */
  random(): number;
  /** Calls an operation of another service of the sandbox; refusals are thrown as `AwsError`s. Callers default to CloudFormation. */
  call<T = Input>(service: ServiceName, operation: string, input: Input, caller?: Caller): Promise<T>;
  /** Prints a line for the user about what matters: what begins, ends and fails, and what the sandbox does not do. */
  notice?(line: string): void;
  /** Prints a line about any other event. */
  detail?(line: string): void;
  /** Puts an event on the default event bus (EventBridge), whose rules may have Lambda targets. */
  emit(event: { source: string; detailType: string; resources?: string[]; detail: Input }): void;
}

/** The ARN of a resource in the sandbox's account and Region. */
export const arnOf = (world: World, service: string, resource: string): string =>
  `arn:${world.partition}:${service}:${world.region}:${world.accountId}:${resource}`;

/** A hexadecimal string of `length` digits from the world's seeded source. */
export function randomHex(world: World, length: number): string {
  let text = '';
  while (text.length < length) text += '0123456789abcdef'[Math.floor(world.random() * 16)];
  return text;
}

/** An id of the form of a version 4 UUID from the world's seeded source. */
export const randomUuid = (world: World): string =>
  [8, 4, 4, 4, 12].map((length) => randomHex(world, length)).join('-');
