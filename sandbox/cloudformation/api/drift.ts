import type { AwsError } from '../../core/aws-error';
import type { Input, Operation } from '../../core/aws-service';
import { randomUuid } from '../../core/world';
import type { Engine } from '../engine/engine';
import type { Moment } from '../engine/timestamps';
import { sameValue, stringified } from '../template/property-values';
import type { Stack, StackResource } from '../engine/stack';
import type { StackBook } from '../engine/stack-store';
import { timeFor } from './stack-reads';
import { validationError, type Json, type JsonObject } from '../template/template';

interface ResourceDrift {
  readonly resource: StackResource;
  /** None if the resource is gone. */
  readonly actual?: JsonObject;
  readonly differing: readonly string[];
}

interface Detection {
  readonly id: string;
  readonly stack: Stack;
  readonly moment: Moment;
  readonly drifts: readonly ResourceDrift[];
}

type Read = (physicalId: string, call: Engine['world']['call']) => Promise<Input>;

/** Reads the properties that are compared. All other types are not checked, as on AWS the custom resources are not. */
const READS: Readonly<Record<string, Read>> = {
  'AWS::ECS::Daemon': async (daemonArn, call) => {
    const { daemon } = await call('ecs', 'DescribeDaemon', { daemonArn });
    const [revision, ...others] = daemon.currentRevisions as Input[];
    if (!revision || others.length > 0) return {}; // a deployment is under way
    const { daemonRevisions: [found] } = await call('ecs', 'DescribeDaemonRevisions', { daemonRevisionArns: [revision.arn] });
    return { DaemonTaskDefinitionArn: String(found?.daemonTaskDefinitionArn) };
  },
  'AWS::Lambda::Function': async (FunctionName, call) => {
    const { Handler, Runtime, Timeout, MemorySize, Environment } = await call('lambda', 'GetFunctionConfiguration', { FunctionName });
    return { Handler, Runtime, Timeout, MemorySize, Environment };
  },
  'AWS::SSM::Parameter': async (Name, call) => {
    const { Parameter: { Type, Value } } = await call('ssm', 'GetParameter', { Name });
    return { Type, Value };
  },
  'AWS::IAM::Role': async (RoleName, call) => {
    await call('iam', 'GetRole', { RoleName });
    return {};
  },
};

const GONE = /NotFound|NoSuchEntity/;

/** The operations of `cdk drift`. */
export function driftOperations(engine: Engine, book: StackBook): Record<string, Operation> {
  const detections: Detection[] = [];
  return {
    DetectStackDrift: async (input) => {
      const stack = book.get(input.StackName);
      const drifts = await Promise.all([...stack.resources.values()].map((resource) => driftOf(engine, resource)));
      const id = randomUuid(engine.world);
      detections.push({ id, stack, moment: engine.moments.next(), drifts: drifts.filter((drift) => drift !== undefined) });
      return { StackDriftDetectionId: id };
    },
    DescribeStackDriftDetectionStatus: ({ StackDriftDetectionId: id }, context) => {
      const detection = detections.find((each) => each.id === id);
      if (!detection) throw validationError(`Stack drift detection id ${String(id)} does not exist`);
      const drifted = detection.drifts.filter((drift) => statusOf(drift) !== 'IN_SYNC').length;
      return {
        StackId: detection.stack.id,
        StackDriftDetectionId: id,
        DetectionStatus: 'DETECTION_COMPLETE',
        StackDriftStatus: drifted > 0 ? 'DRIFTED' : 'IN_SYNC',
        DriftedStackResourceCount: drifted,
        Timestamp: timeFor(context)(detection.moment),
      };
    },
    DescribeStackResourceDrifts: ({ StackName: name, StackResourceDriftStatusFilters: statuses }, context) => {
      const stack = book.get(name);
      const { drifts = [], moment } = detections.findLast((detection) => detection.stack === stack) ?? {};
      const found = drifts.filter((drift) => !Array.isArray(statuses) || statuses.length === 0 || statuses.includes(statusOf(drift)));
      return { StackResourceDrifts: found.map((drift) => ({ ...describe(stack, drift), Timestamp: timeFor(context)(moment!) })) };
    },
  };
}

async function driftOf({ world }: Engine, resource: StackResource): Promise<ResourceDrift | undefined> {
  const { type, physicalId, properties } = resource;
  const read = READS[type]; // no name of Object.prototype: the parser refuses a type without colons
  if (!read || physicalId === undefined) return undefined;
  try {
    const actual = await read(physicalId, world.call.bind(world));
    const differing = Object.keys(actual).filter((name) => Object.hasOwn(properties, name) && !sameText(properties[name]!, actual[name]!));
    return { resource, actual, differing };
  } catch (error) {
    if (GONE.test((error as AwsError).code)) return { resource, differing: [] };
    throw error;
  }
}

/** Templates have numbers as text, and the other way round. */
const sameText = (expected: Json, actual: Json): boolean => sameValue(stringified(expected), stringified(actual));

const statusOf = ({ actual, differing }: ResourceDrift): string => {
  if (!actual) return 'DELETED';
  return differing.length > 0 ? 'MODIFIED' : 'IN_SYNC';
};

function describe(stack: Stack, drift: ResourceDrift): Input {
  const { resource: { logicalId, physicalId, type, properties }, actual, differing } = drift;
  return {
    StackId: stack.id,
    LogicalResourceId: logicalId,
    PhysicalResourceId: physicalId,
    ResourceType: type,
    StackResourceDriftStatus: statusOf(drift),
    ExpectedProperties: JSON.stringify(properties),
    ActualProperties: actual && JSON.stringify({ ...properties, ...actual }),
    PropertyDifferences: differing.map((name) => ({
      PropertyPath: `/${name}`, ExpectedValue: asText(properties[name]!), ActualValue: asText(actual![name]!), DifferenceType: 'NOT_EQUAL',
    })),
  };
}

const asText = (value: Json): string => typeof value === 'object' ? JSON.stringify(value) : String(value);
