// Writes input-shapes.json: the inputs of the operations that the sandbox serves, with the types that the schemas of the AWS SDK have.
// Run it after a change of what is served: npm run build:sandbox && node sandbox/http/extract-input-shapes.mjs
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { startSandbox } = require('../dist/index.js');

const CLIENTS = {
  sts: 'sts', ssm: 'ssm', cloudformation: 'cloudformation', ecs: 'ecs', monitoring: 'cloudwatch', lambda: 'lambda', logs: 'cloudwatch-logs',
  iam: 'iam', ecr: 'ecr', kms: 'kms', elasticloadbalancing: 'elastic-load-balancing-v2',
};

/** EventBridge has no client among the dependencies. */
const EVENTS = {
  PutRule: { 'Name!': 's', 'ScheduleExpression': 's', 'EventPattern': 's', 'State': 's', 'Description': 's', 'RoleArn': 's', 'Tags': '[]Tag', 'EventBusName': 's' },
  DescribeRule: { 'Name!': 's', 'EventBusName': 's' },
  DeleteRule: { 'Name!': 's', 'EventBusName': 's', 'Force': 'b' },
  EnableRule: { 'Name!': 's', 'EventBusName': 's' },
  DisableRule: { 'Name!': 's', 'EventBusName': 's' },
  ListRules: { NamePrefix: 's', EventBusName: 's', NextToken: 's', Limit: 'n' },
  PutTargets: { 'Rule!': 's', 'EventBusName': 's', 'Targets!': '[]Target' },
  RemoveTargets: { 'Rule!': 's', 'EventBusName': 's', 'Ids!': '[]s', 'Force': 'b' },
  ListTargetsByRule: { 'Rule!': 's', 'EventBusName': 's', 'NextToken': 's', 'Limit': 'n' },
  TagResource: { 'ResourceARN!': 's', 'Tags!': '[]Tag' },
  UntagResource: { 'ResourceARN!': 's', 'TagKeys!': '[]s' },
  ListTagsForResource: { 'ResourceARN!': 's' },
  PutEvents: { 'Entries!': '[]Entry', 'EndpointId': 's' },
};
const EVENTS_SHAPES = {
  Tag: { 'Key!': 's', 'Value!': 's' },
  Target: { 'Id!': 's', 'Arn!': 's', 'RoleArn': 's', 'Input': 's', 'InputPath': 's', 'InputTransformer': 'InputTransformer' },
  InputTransformer: { 'InputPathsMap': '{}s', 'InputTemplate!': 's' },
  Entry: { Time: 't', Source: 's', Resources: '[]s', DetailType: 's', Detail: 's', EventBusName: 's', TraceHeader: 's' },
};

/** Operations that the installed clients do not have yet. */
const NEWER = {
  PauseDurableExecution: { 'DurableExecutionArn!': 's', 'Error': 'ErrorObject' },
  ResumeDurableExecution: { 'DurableExecutionArn!': 's' },
};

/** The kinds of a schema of the SDK, and the types of simple ones. */
const LIST = 1, MAP = 2, STRUCTURE = 3, UNION = 4;
const SIMPLE = new Map([[0, 's'], [1, 'n'], [17, 'n'], [19, 'n'], [2, 'b'], [4, 't'], [5, 't'], [6, 't'], [7, 't'], [15, '*'], [21, 'x'], [42, 'x']]);

function typeOf(schema, shapes) {
  if (typeof schema === 'function') return typeOf(schema(), shapes);
  if (typeof schema === 'number') {
    if (schema >= 128) return `{}${typeOf(schema - 128, shapes)}`;
    return schema >= 64 ? `[]${typeOf(schema - 64, shapes)}` : SIMPLE.get(schema) ?? '*';
  }
  if (typeof schema[1] !== 'string') return typeOf(schema[0], shapes); // a member with traits
  const [kind, , name] = schema;
  if (kind === LIST) return `[]${typeOf(schema[4], shapes)}`;
  if (kind === MAP) return `{}${typeOf(schema[5], shapes)}`;
  if (kind !== STRUCTURE && kind !== UNION) return typeOf(schema[4], shapes);
  if (!shapes[name]) {
    const [, , , , members, types, required = 0] = schema;
    shapes[name] = {};
    members.forEach((member, index) => { shapes[name][kind === STRUCTURE && index < required ? `${member}!` : member] = typeOf(types[index], shapes); });
  }
  return name;
}

const sandbox = await startSandbox();
const table = { events: { operations: {}, shapes: EVENTS_SHAPES } };
for (const operation of sandbox.operations.events) {
  table.events.shapes[`${operation}Request`] = EVENTS[operation];
  table.events.operations[operation] = `${operation}Request`;
}
for (const [service, client] of Object.entries(CLIENTS)) {
  const schemas = require(`@aws-sdk/client-${client}`);
  const entry = { operations: {}, shapes: {} };
  for (const operation of sandbox.operations[service]) {
    const schema = schemas[`${operation}$`];
    if (!schema) entry.shapes[`${operation}Request`] = NEWER[operation];
    entry.operations[operation] = schema ? typeOf(schema[4], entry.shapes) : `${operation}Request`;
  }
  table[service] = entry;
}
await sandbox.close();
writeFileSync(new URL('./input-shapes.json', import.meta.url), `${JSON.stringify(table)}\n`);
