import type { World } from '../../core/world';
import type { Moments } from './timestamps';
import type { CloudFormationOptions } from '../options';
import type { ResourceProvider } from '../resource-providers/resource-provider';
import type { Stack } from './stack';

/** The parts that all operations of all stacks share. */
export interface Engine {
  readonly world: World;
  readonly moments: Moments;
  readonly options: Required<CloudFormationOptions>;
  /** Every stack that is not deleted. */
  stacks(): readonly Stack[];
  providerOf(resourceType: string): ResourceProvider;
}
