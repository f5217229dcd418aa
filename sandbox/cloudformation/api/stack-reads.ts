import type { CallContext, Input, Operation } from '../../core/aws-service';
import { describeEvent, describeResource, describeStack, summarizeResource, summarizeStack, type Time } from './descriptions';
import type { Engine } from '../engine/engine';
import { templateTextOf } from '../engine/revision';
import { exportsOf } from '../engine/scope';
import type { Stack, StackResource } from '../engine/stack';
import type { StackBook } from '../engine/stack-store';
import { validationError } from '../template/template';
import { parseTemplate } from '../template/template-parser';

const EVENTS_PER_PAGE = 100;

/** Functions compare with their virtual clock; the CLI with the wall clock. */
export const timeFor = ({ caller }: CallContext): Time => (
  caller.kind === 'function' ? ({ virtual }) => virtual : ({ wallClock }) => wallClock
);

/** The operations that read stacks. */
export function stackReadings(engine: Engine, book: StackBook): Record<string, Operation> {
  return {
    DescribeStacks: async (input, context) => {
      if (!input.StackName) return { Stacks: book.live.map((stack) => describeStack(stack, timeFor(context))) };
      const stack = book.get(input.StackName);
      if (stack.inProgress && input.StackName === stack.id && context.caller.kind === 'operator') {
        await context.parked(untilChanged(stack, engine.options.longPollSeconds));
      }
      return { Stacks: [describeStack(stack, timeFor(context))] };
    },
    DescribeStackEvents: (input, context) => {
      const stack = book.find(input.StackName);
      if (!stack) throw validationError(`Stack [${String(input.StackName)}] does not exist`); // the CDK CLI recognises this text (W8)
      const start = Number(input.NextToken ?? 0);
      const end = start + (engine.world.longestPage ?? EVENTS_PER_PAGE);
      const newestFirst = stack.events.toReversed().slice(start, end); // the CDK CLI requires this order (W19)
      return {
        StackEvents: newestFirst.map((event) => describeEvent(stack, event, timeFor(context))),
        NextToken: end < stack.events.length ? String(end) : undefined,
      };
    },
    DescribeStackResources: (input, context) => {
      const stack = book.get(input.StackName);
      const resources = resourcesOf(stack).filter(({ logicalId }) => !input.LogicalResourceId || logicalId === input.LogicalResourceId);
      return { StackResources: resources.map((resource) => describeResource(stack, resource, timeFor(context))) };
    },
    DescribeStackResource: (input, context) => {
      const stack = book.get(input.StackName);
      const resource = resourcesOf(stack).find(({ logicalId }) => logicalId === input.LogicalResourceId);
      if (!resource) throw validationError(`Resource ${String(input.LogicalResourceId)} does not exist for stack ${stack.name}`);
      return {
        StackResourceDetail: {
          StackName: stack.name, StackId: stack.id, ...summarizeResource(resource, timeFor(context)),
          Metadata: resource.metadata && JSON.stringify(resource.metadata),
        },
      };
    },
    ListStackResources: (input, context) => {
      const stack = book.get(input.StackName);
      const resources = [...(stack.status === 'DELETE_COMPLETE' ? stack.deletedResources : stack.resources).values()];
      return { StackResourceSummaries: resources.map((resource) => summarizeResource(resource, timeFor(context))) };
    },
    ListStacks: (input, context) => {
      const statuses: unknown = input.StackStatusFilter;
      const filtered = Array.isArray(statuses) && statuses.length > 0;
      const stacks = book.all.toReversed().filter(({ status }) => !filtered || statuses.includes(status));
      return { StackSummaries: stacks.map((stack) => summarizeStack(stack, timeFor(context))) };
    },
    GetTemplate: (input) => ({ TemplateBody: templateOf(book, input), StagesAvailable: ['Original', 'Processed'] }),
    GetTemplateSummary: async (input) => {
      const text = input.StackName ? templateOf(book, input) : await templateTextOf(engine.world, input);
      const template = parseTemplate(text);
      return {
        Parameters: Object.entries(template.Parameters ?? {}).map(([key, { Type, Default, Description, NoEcho }]) => ({
          ParameterKey: key, ParameterType: Type, DefaultValue: Default, Description, NoEcho: String(NoEcho ?? false) === 'true',
        })),
        ResourceTypes: [...new Set(Object.values(template.Resources).map(({ Type }) => Type))],
        Description: template.Description,
      };
    },
    ValidateTemplate: async (input) => {
      const template = parseTemplate(await templateTextOf(engine.world, input));
      const parameters = Object.keys(template.Parameters ?? {}).map((key) => ({ ParameterKey: key }));
      return { Description: template.Description, Parameters: parameters };
    },
    ListExports: () => ({
      Exports: exportsOf(book.live).map(({ stack, name, value }) => ({ ExportingStackId: stack.id, Name: name, Value: value })),
    }),
    ListImports: (input) => {
      const importing = book.live.filter(({ imports }) => imports.has(String(input.ExportName)));
      if (importing.length === 0) throw validationError(`Export '${String(input.ExportName)}' is not imported by any stack.`);
      return { Imports: importing.map(({ name }) => name) };
    },
    // the CLI calls this after a failed change set, and fails if the operation is missing (W17)
    DescribeEvents: () => ({ OperationEvents: [] }),
    ListHookResults: () => ({ HookResults: [] }),
  };
}

function templateOf(book: StackBook, input: Input): string {
  if (input.ChangeSetName) return book.getChangeSet(input.ChangeSetName, input.StackName).revision.templateText;
  return book.get(input.StackName).revision?.templateText ?? '';
}

/** The current and the deleted resources of a stack (E17). */
const resourcesOf = (stack: Stack): StackResource[] => [
  ...stack.resources.values(),
  ...[...stack.deletedResources.values()].filter(({ logicalId }) => !stack.resources.has(logicalId)),
];

/** Replies when the operation has ended, so that the CLI does not poll again after 5 s (W14). This is the only real time here. */
async function untilChanged(stack: Stack, seconds: number): Promise<void> {
  let timeout: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timeout = setTimeout(() => void resolve('late'), seconds * 1000);
    timeout.unref();
  });
  while (stack.inProgress && await Promise.race([stack.statusChanged(), late]) !== 'late');
  clearTimeout(timeout);
}
