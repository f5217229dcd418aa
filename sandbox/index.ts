import { rmSync } from 'node:fs';
import { AccessKeys } from './http/access-keys';
import { clientEnvironment } from './client-environment';
import { VirtualClock, type ClockMode } from './core/clock';
import { CloudFormation, type CloudFormationOptions } from './cloudformation';
import { CloudWatch } from './cloudwatch';
import { RequestRouter, type CallInterceptor, type RequestLogEntry } from './core/request-router';
import { Ec2 } from './ec2';
import { Ecr } from './ecr';
import { Ecs, type EcsAssumptions, type FleetSeed, type FleetTiming, type StartFailure } from './ecs';
import { Events } from './events';
import type { Page } from './http/page';
import { HttpServer } from './http/server';
import { Iam, type IamOptions } from './iam';
import { Kms } from './kms';
import { Lambda, type LambdaAssumptions } from './lambda';
import { LoadBalancers } from './load-balancers';
import { Logs } from './logs';
import { Route53 } from './route53';
import { Recorder, type Recording } from './recording';
import { followDeployments, type AlarmRehearsal } from './rehearsals';
import { createRunFolder, functionsFolder } from './run-folder';
import { S3 } from './s3';
import type { Input, Service, ServiceName } from './core/aws-service';
import { Ssm } from './ssm';
import { Sts } from './sts';
import type { World } from './core/world';

export interface SandboxOptions {
  /** @default 'jumping' */
  readonly clock?: ClockMode;
  /** When virtual time begins. @default 2026-01-01T00:00:00Z, so that every run is the same */
  readonly startTime?: Date;
  /** The seed of everything random, ids above all. @default 1 */
  readonly seed?: number;
  /** The port on 127.0.0.1. @default - a free one */
  readonly port?: number;
  /** @default us-east-1 */
  readonly region?: string;
  /** @default 123456789012 */
  readonly accountId?: string;
  /** Capacity providers that exist from the start, with instances that run application tasks. @default - none */
  readonly fleets?: readonly FleetSeed[];
  /** How many application tasks fit on an instance that a service brings. @default 2 */
  readonly applicationTasksPerInstance?: number;
  /** How long instances and tasks take. @default - as in the one published measurement */
  readonly timing?: Partial<FleetTiming>;
  /** Daemon images whose tasks do not start. @default - none */
  readonly startFailures?: readonly StartFailure[];
  /** The most entries that a page of any list has; clients must read every page (A38). @default - as AWS documents */
  readonly longestPage?: number;
  /** The assumptions about ECS where AWS documents nothing. @default - each assumption's default */
  readonly ecs?: Partial<EcsAssumptions>;
  readonly cloudFormation?: CloudFormationOptions;
  readonly lambda?: Partial<LambdaAssumptions>;
  readonly iam?: IamOptions;
  /** Alarms that go into ALARM during the rollouts that they guard. @default - none */
  readonly alarmsDuringRollouts?: readonly AlarmRehearsal[];
  /** Capacity providers whose first instance does not drain. @default - none */
  readonly hangingDrains?: readonly string[];
  /** Receives a line when a stack's operation or a rollout begins, ends or fails, and for what is not done here. @default - no lines */
  readonly onNotice?: (line: string) => void;
  /** Receives a line for every other event of a stack, a deployment or an instance. @default - no lines */
  readonly onDetail?: (line: string) => void;
}

/** A running sandbox. */
export interface Sandbox {
  readonly endpoint: string;
  readonly region: string;
  readonly accountId: string;
  /** The environment in which the CDK CLI and AWS SDK clients reach only this sandbox. */
  readonly environment: Readonly<Record<string, string>>;
  readonly clock: VirtualClock;
  readonly ecs: Ecs;
  readonly cloudWatch: CloudWatch;
  readonly cloudFormation: CloudFormation;
  readonly lambda: Lambda;
  readonly iam: Iam;
  readonly logs: Logs;
  /** The operations that are served, by the service's name in signatures. */
  readonly operations: Readonly<Record<string, readonly string[]>>;
  /** Every call so far, of any caller. */
  readonly requests: readonly RequestLogEntry[];
  /** Everything that has happened so far, on the virtual clock: what timelines are made of. */
  recording(): Recording;
  intercept(interceptor: CallInterceptor): () => void;
  /** Calls an operation as the operator would. */
  call<T = Input>(service: ServiceName, operation: string, input: Input): Promise<T>;
  close(): Promise<void>;
}

/**
 * Starts an AWS on loopback in this process. Functions get no environment variables of this process and reach no address but the sandbox;
 * they can read and write the files that this process can. The `sandbox` command closes files too.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const home = createRunFolder();
  const sandbox = await startSandboxIn(home, options);
  return {
    ...sandbox,
    close: async () => {
      await sandbox.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/**
 * Starts a sandbox that keeps its files in a folder which `createRunFolder` has created, and that also serves a page.
 *
 * @internal
 */
export async function startSandboxIn(home: string, options: SandboxOptions = {}, page?: Page): Promise<Sandbox> {
  const { region = 'us-east-1', accountId = '123456789012', seed = 1 } = options;
  const clock = new VirtualClock(options.clock ?? 'jumping', options.startTime ?? new Date('2026-01-01T00:00:00Z'));
  const accessKeys = new AccessKeys();
  const services: Partial<Record<ServiceName, Service>> = {};
  const router = new RequestRouter({ clock, services, authorize: (call, permissions) => iam.authorize(call, permissions) });
  let endpoint = '';
  const world: World = {
    partition: 'aws',
    region,
    accountId,
    get endpoint() { return endpoint; },
    clock,
    random: seededRandom(seed),
    longestPage: options.longestPage,
    call: async <T>(service: ServiceName, operation: string, input: Input, caller = { kind: 'cloudformation' } as const) => {
      const release = clock.hold();
      try {
        return await router.perform({ service, operation, input, caller }) as T;
      } finally {
        release();
      }
    },
    emit: (event) => events.emit(event),
    notice: options.onNotice,
    detail: options.onDetail,
  };
  const cloudWatch = new CloudWatch(world);
  const iam = new Iam(world, options.iam);
  const events = new Events(world);
  const logs = new Logs(world);
  const ecs = new Ecs(world, {
    assumptions: options.ecs,
    alarms: cloudWatch,
    trusts: iam.trusts,
    applicationTasksPerInstance: options.applicationTasksPerInstance,
    timing: options.timing,
    startFailures: options.startFailures,
    hangingDrains: options.hangingDrains,
  });
  const lambda = new Lambda(world, { sharedClock: clock.shared, accessKeys, folder: functionsFolder(home), assumptions: options.lambda });
  const cloudFormation = new CloudFormation(world, options.cloudFormation);
  const deployed = cloudFormation.deployed.bind(cloudFormation);
  Object.assign(services, {
    sts: new Sts(world, accessKeys), ssm: new Ssm(world), s3: new S3(world), monitoring: cloudWatch,
    cloudformation: cloudFormation, ecs, lambda,
    ec2: new Ec2(world, deployed), ecr: new Ecr(world), route53: new Route53(world),
    elasticloadbalancing: new LoadBalancers(world, deployed), kms: new Kms(world, deployed),
    logs, events, iam,
  } satisfies Partial<Record<ServiceName, Service>>);
  const server = new HttpServer({
    clock, router, services,
    callerOf: (accessKeyId) => accessKeys.callerOf(accessKeyId),
    receiveAnswer: (request) => cloudFormation.receiveAnswer(request),
    page,
  });
  endpoint = await server.listen(options.port ?? 0);
  const recorder = new Recorder(world, { ecs, cloudWatch, cloudFormation, logs, lambda });
  followDeployments(world, ecs, cloudWatch, options.alarmsDuringRollouts);
  for (const fleet of options.fleets ?? []) ecs.seedFleet(fleet);
  return {
    endpoint, region, accountId, clock, ecs, cloudWatch, cloudFormation, lambda, iam, logs,
    environment: clientEnvironment({ endpoint, region, accountId, accessKeyId: accessKeys.operator, home }),
    operations: Object.fromEntries(Object.entries(services).map(([name, service]) => [name, Object.keys(service.operations)])),
    requests: router.requests,
    recording: () => recorder.recording(),
    intercept: (interceptor) => router.intercept(interceptor),
    call: (service, operation, input) => world.call(service, operation, input, { kind: 'operator' }),
    close: async () => {
      clock.close();
      await lambda.close();
      await server.close();
    },
  };
}

/** mulberry32: small, seeded, good enough for ids and jitter. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export type { ClockMode } from './core/clock';
export type { AlarmRehearsal } from './rehearsals';
export type { Recording } from './recording';
export { ConnectionLost, type CallInterceptor, type RequestLogEntry } from './core/request-router';
export type { DeploymentStatusChange, EcsAssumptions, FleetSeed, FleetTiming, InstanceEvent, StartFailure } from './ecs';
/** @internal the template of a stack, as JSON or YAML */
export { parseTemplate } from './cloudformation/template/template-parser';
