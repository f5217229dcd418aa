import { AwsError } from '../aws-error';
import type { Input, Operation } from '../service';
import { invalidParameter } from './errors';

export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** The tags of all resources. Changing them touches no instance (R12). */
export class Tags {
  public readonly operations: Readonly<Record<string, Operation>> = {
    ListTagsForResource: (input) => ({ tags: this.list(this.existing(input, 'InvalidParameterException')) }),
    TagResource: (input) => this.tag(input),
    UntagResource: (input) => this.untag(input),
  };

  private readonly resources = new Map<string, Map<string, string>>();

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
    this.resources.set(resourceArn, new Map(tags.map(({ key, value }) => [String(key), String(value ?? '')])));
  }

  public remove(resourceArn: string): void {
    this.resources.delete(resourceArn);
  }

  public list(resourceArn: string): Tag[] {
    return [...(this.resources.get(resourceArn) ?? [])].map(([key, value]) => ({ key, value }));
  }

  private tag(input: Input): Input {
    const arn = this.existing(input, 'ResourceNotFoundException');
    this.validate(input.tags ?? []);
    const merged = new Map(this.resources.get(arn));
    for (const { key, value } of input.tags ?? []) merged.set(String(key), String(value ?? ''));
    if (merged.size > 50) throw invalidParameter('The number of tags exceeds the maximum of 50.');
    this.resources.set(arn, merged);
    return {};
  }

  private untag(input: Input): Input {
    const tags = this.resources.get(this.existing(input, 'ResourceNotFoundException'))!;
    for (const key of input.tagKeys ?? []) tags.delete(String(key));
    return {};
  }

  private existing(input: Input, code: string): string {
    const arn = String(input.resourceArn);
    if (!this.resources.has(arn)) throw new AwsError(code, `The specified resource wasn't found: ${arn}`);
    return arn;
  }
}
