import { AwsError } from '../core/aws-error';
import type { Input, Operation } from '../core/aws-service';
import type { World } from '../core/world';
import { invalidParameter } from './errors';
import { LaggedView } from './lagged-view';

export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** The tags of all resources. Changing them touches no instance (R12). */
export class Tags {
  public readonly operations: Readonly<Record<string, Operation>> = {
    ListTagsForResource: (input) => this.listSeen(input),
    TagResource: (input) => this.tag(input),
    UntagResource: (input) => this.untag(input),
  };

  private readonly resources = new Map<string, Map<string, string>>();
  private readonly views = new Map<string, LaggedView<readonly Tag[] | undefined>>();

  constructor(private readonly world: World, private readonly lagSeconds: number, private readonly age: () => number) {}

  /** Refuses tags that ECS refuses. */
  public validate(tags: unknown): void {
    if (tags === undefined) return;
    if (!Array.isArray(tags)) throw invalidParameter('tags must be a list.');
    if (tags.length > 50) throw invalidParameter('The number of tags exceeds the maximum of 50.');
    const keys = new Set<string>();
    for (const { key, value } of tags as Input[]) {
      if (typeof key !== 'string' || key.length < 1 || key.length > 128) throw invalidParameter('Tag keys must have 1 to 128 characters.');
      if (value !== undefined && String(value).length > 256) throw invalidParameter('Tag values must have at most 256 characters.');
      if (/^aws:/i.test(key)) throw invalidParameter(`Tag keys can't start with aws: ${key}`);
      if (keys.has(key)) throw invalidParameter(`Duplicate tag key: ${key}`);
      keys.add(key);
    }
  }

  /** Starts keeping tags for a new resource. */
  public add(resourceArn: string, tags: readonly Input[] = []): void {
    this.keep(resourceArn, new Map(tags.map(({ key, value }) => [String(key), String(value ?? '')])));
  }

  public remove(resourceArn: string): void {
    this.resources.delete(resourceArn);
    this.record(resourceArn);
  }

  public list(resourceArn: string): Tag[] {
    return [...(this.resources.get(resourceArn) ?? [])].map(([key, value]) => ({ key, value }));
  }

  /** May lag behind writes (A28). */
  private listSeen(input: Input): Input {
    const arn = String(input.resourceArn);
    const tags = this.views.get(arn)?.read(this.world.clock.now());
    if (!tags) throw notFound('InvalidParameterException', arn);
    return { tags };
  }

  private tag(input: Input): Input {
    const arn = this.existing(input);
    this.validate(input.tags ?? []);
    const merged = new Map(this.resources.get(arn));
    for (const { key, value } of input.tags ?? []) merged.set(String(key), String(value ?? ''));
    if (merged.size > 50) throw invalidParameter('The number of tags exceeds the maximum of 50.');
    this.keep(arn, merged);
    return {};
  }

  private untag(input: Input): Input {
    const arn = this.existing(input);
    const left = new Map(this.resources.get(arn));
    for (const key of input.tagKeys ?? []) left.delete(String(key));
    this.keep(arn, left);
    return {};
  }

  private keep(resourceArn: string, tags: Map<string, string>): void {
    this.resources.set(resourceArn, tags);
    this.record(resourceArn);
  }

  /** Puts down the tags that reads will see when the lag has passed. */
  private record(resourceArn: string): void {
    let view = this.views.get(resourceArn);
    if (!view) this.views.set(resourceArn, view = new LaggedView(this.lagSeconds, this.age));
    view.record(this.world.clock.now(), this.resources.has(resourceArn) ? this.list(resourceArn) : undefined);
  }

  private existing(input: Input): string {
    const arn = String(input.resourceArn);
    if (!this.resources.has(arn)) throw notFound('ResourceNotFoundException', arn);
    return arn;
  }
}

const notFound = (code: string, arn: string): AwsError => new AwsError(code, `The specified resource wasn't found: ${arn}`);
