import { readFileSync } from 'node:fs';
import type { Template } from '../../sandbox/cloudformation/template/template';
import { matchesPattern } from '../../sandbox/iam/pattern';
import type { AssemblyStack } from './assembly';
import { DAEMON_TYPE } from './daemon-requests';
import { InputError } from './input-error';
import { reducedTemplate } from './reduced-template';

/** A stack with the part of its template that is deployed. */
export interface PlannedStack {
  readonly stack: AssemblyStack;
  readonly template: Template;
}

/**
 * The stacks of an app that are deployed for a plan, in order. Of a stack without daemons only the part that others need; one that has had
 * daemons before is deployed as a whole.
 */
export function plannedStacks(stacks: readonly AssemblyStack[], before: readonly AssemblyStack[] = []): PlannedStack[] {
  const withDaemons = stacks.filter((stack) => hasDaemons(stack) || before.some(({ stackName }) => stackName === stack.stackName));
  const used = JSON.stringify(stacks.map(({ template }) => template.Resources));
  return stacks.flatMap((stack) => {
    if (withDaemons.includes(stack)) return [{ stack, template: stack.template }];
    const template = reducedTemplate(stack.template, (name) => used.includes(JSON.stringify(name)));
    return template ? [{ stack, template }] : [];
  });
}

/** The stacks whose id or name matches one of the patterns, and those that they depend on; without patterns all. */
export function selectedStacks(stacks: readonly AssemblyStack[], patterns: readonly string[]): AssemblyStack[] {
  if (patterns.length === 0) return [...stacks];
  const matches = (pattern: string) => ({ id, stackName }: AssemblyStack): boolean =>
    matchesPattern(id, pattern) || matchesPattern(stackName, pattern);
  const unknown = patterns.find((pattern) => !stacks.some(matches(pattern)));
  if (unknown !== undefined) {
    throw new InputError(`The stack ${JSON.stringify(unknown)} must be in the app, which has: ${stacks.map(({ id }) => id).join(', ')}.`);
  }
  const selected = new Set<AssemblyStack>();
  const select = (stack: AssemblyStack): void => {
    if (selected.has(stack)) return;
    selected.add(stack);
    stacks.filter(({ stackName }) => stack.dependencies.includes(stackName)).forEach(select);
  };
  for (const pattern of patterns) stacks.filter(matches(pattern)).forEach(select);
  return stacks.filter((stack) => selected.has(stack));
}

const mentionsDaemon = (text: string): boolean => text.includes(`"${DAEMON_TYPE}"`);

export const hasDaemons = ({ template, files }: AssemblyStack): boolean => {
  const text = JSON.stringify(template);
  return mentionsDaemon(text)
    || files.some(({ path, objectKey }) => path.endsWith('.nested.template.json') && text.includes(objectKey) && mentionsDaemon(readFileSync(path, 'utf8')));
};
