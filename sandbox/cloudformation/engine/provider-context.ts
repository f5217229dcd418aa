import type { Input, ServiceName } from '../../core/aws-service';
import { randomHex, type World } from '../../core/world';
import { Interrupted, ResourceFailure, type ProviderContext } from '../resource-providers/resource-provider';
import type { Stack } from './stack';

const POLL_SECONDS = 5;
const WAIT_LIMIT_SECONDS = 3600;
const SUFFIX_LENGTH = 12;

export interface ProviderContextOptions {
  readonly world: World;
  readonly stack: Stack;
  readonly resource: { readonly logicalId: string; readonly type: string };
  readonly interruption: AbortSignal;
  readonly nameOf: (stackName: string, logicalId: string) => string | undefined;
  initiated(physicalId: string): void;
}

export function providerContext({ world, stack, resource, interruption, nameOf, initiated }: ProviderContextOptions): ProviderContext {
  return {
    world,
    stackId: stack.id,
    stackName: stack.name,
    logicalId: resource.logicalId,
    resourceType: resource.type,
    interruption,
    initiated,
    call: <T = Input>(service: ServiceName, operation: string, input: Input) => world.call<T>(service, operation, input),
    generatedName: (maximumLength = 255) => {
      const given = nameOf(stack.name, resource.logicalId);
      if (given !== undefined) return given;
      // both parts are shortened, as on AWS, so that the suffix stays whole
      const room = maximumLength - SUFFIX_LENGTH - 2;
      const logicalId = resource.logicalId.slice(0, Math.max(room - stack.name.length, Math.ceil(room / 2)));
      const stackName = stack.name.slice(0, room - logicalId.length);
      return `${stackName}-${logicalId}-${randomHex(world, SUFFIX_LENGTH).toUpperCase()}`;
    },
    waitFor: async (what, done) => {
      const end = world.clock.now() + WAIT_LIMIT_SECONDS * 1000;
      while (!await done()) {
        if (interruption.aborted) throw new Interrupted(`interrupted while waiting for ${what}`);
        if (world.clock.now() >= end) throw new ResourceFailure(`Exceeded attempts to wait for ${what}`);
        await pause(world, interruption);
      }
    },
  };
}

/** Pauses between two polls, in virtual time. The pause ends early when the operation is interrupted. */
function pause(world: World, interruption: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      timer.cancel();
      interruption.removeEventListener('abort', end);
      resolve();
    };
    const timer = world.clock.after(POLL_SECONDS, end);
    interruption.addEventListener('abort', end);
  });
}
