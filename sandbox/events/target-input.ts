import type { Input } from '../core/aws-service';

interface InputTransformer {
  /** A name for each JSON path into the event. */
  readonly InputPathsMap?: Readonly<Record<string, string>>;
  readonly InputTemplate: string;
}

/** Returns the input of a target: the event, a part of it, a constant, or a template filled from it. */
export function targetInput(target: Input, event: object): string {
  if (target.Input !== undefined) return target.Input;
  if (target.InputPath !== undefined) return JSON.stringify(valueAt(event, target.InputPath) ?? {});
  if (target.InputTransformer !== undefined) return transform(target.InputTransformer, event);
  return JSON.stringify(event);
}

/** A placeholder in quotation marks is filled as text, one without as JSON. */
function transform({ InputPathsMap = {}, InputTemplate }: InputTransformer, event: object): string {
  return InputTemplate.replace(/<([^<>]+)>/g, (whole, name: string, offset: number) => {
    const value = name === 'aws.events.event.json' || name === 'aws.events.event' ? event
      : Object.hasOwn(InputPathsMap, name) ? valueAt(event, InputPathsMap[name]!) : whole;
    const isQuoted = (InputTemplate.slice(0, offset).match(/(?<!\\)"/g) ?? []).length % 2 === 1;
    if (!isQuoted) return JSON.stringify(value ?? null);
    return typeof value === 'string' ? JSON.stringify(value).slice(1, -1) : JSON.stringify(JSON.stringify(value ?? '')).slice(1, -1);
  });
}

/** `$.detail.items[0].name`. */
const valueAt = (event: unknown, path: string): unknown =>
  path.replace(/^\$\.?/, '').split(/[.[\]]+/).filter(Boolean)
    .reduce<unknown>((value, key) => (
      typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined
    ), event);
