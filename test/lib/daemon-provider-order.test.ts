import { aws_iam as iam } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { DaemonTaskDefinition } from '../../lib';
import { StackWithDaemon } from './stack-with-daemon';
import { TemplateOrder, type OrderedTemplate } from './template-order';

const daemonType = 'Custom::ECSManagedDaemon';
const policyTypes = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'];

let stack: StackWithDaemon;

beforeEach(() => {
  stack = new StackWithDaemon();
});

const template = (): OrderedTemplate => Template.fromStack(stack).toJSON() as OrderedTemplate;
const ofProvider = (order: TemplateOrder, ...types: string[]): string[] =>
  types.flatMap((type) => order.idsOf(type)).filter((id) => id.startsWith('ManagedDaemonProvider'));

/** Daemons on one capacity provider, which are chained, whose task definitions pass so many roles that they take more policies. */
const withRoles = (daemons: number): void => {
  for (let index = 0; index < daemons; index++) {
    const role = (name: string): iam.IRole => iam.Role.fromRoleArn(stack, `${name}${index}`, `arn:aws:iam::111122223333:role/${name}${index}`.padEnd(90, 'x'));
    stack.addDaemon(`Daemon${index}`, {
      daemonTaskDefinition: DaemonTaskDefinition.fromDaemonTaskDefinitionAttributes(stack, `TaskDefinition${index}`, {
        daemonTaskDefinitionArn: `arn:aws:ecs:eu-west-1:111122223333:daemon-task-definition/agent${index}:1`,
        taskRole: role('Task'), executionRole: role('Execution'),
      }),
    });
  }
};
const withoutRoles = (): void => {
  stack.addDaemon('Daemon', {
    daemonTaskDefinition: DaemonTaskDefinition.fromDaemonTaskDefinitionAttributes(stack, 'TaskDefinition', {
      daemonTaskDefinitionArn: 'arn:aws:ecs:eu-west-1:111122223333:daemon-task-definition/agent:1',
    }),
  });
};
const withOwnRoles = (...ids: string[]): void => ids.forEach((id) => {
  const daemonTaskDefinition = stack.addTaskDefinition(`${id}TaskDefinition`);
  stack.addDaemon(id, { daemonTaskDefinition });
  daemonTaskDefinition.addToTaskRolePolicy(new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::agents/*'] }));
  daemonTaskDefinition.addToExecutionRolePolicy(new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::secrets/*'] }));
});

describe.each<[string, number, () => void]>([
  ['one daemon that passes no roles', 1, withoutRoles],
  ['one daemon with roles of its own', 1, () => withOwnRoles('Daemon')],
  ['three chained daemons with roles of their own', 3, () => withOwnRoles('First', 'Second', 'Third')],
  ['60 chained daemons with so many roles that they take more than one policy', 60, () => withRoles(60)],
])('the provider of %s', (_, daemons, define) => {
  let order: TemplateOrder;
  beforeEach(() => {
    define();
    order = new TemplateOrder(template());
  });

  test('exists from before the first call until after the last, with policies, roles, functions, alias, log and watchdog (FM21)', () => {
    const { Resources } = template();
    const provider = Object.keys(Resources).filter((id) => id.startsWith('ManagedDaemonProvider'));

    expect(order.idsOf(daemonType)).toHaveLength(daemons);
    for (const daemon of order.idsOf(daemonType)) {
      expect(provider.filter((id) => !order.outlives(daemon).has(id))).toEqual([]);
    }
  });

  test('has functions that are created after all their permissions, and deleted before them (FM27)', () => {
    const rights = ofProvider(order, ...policyTypes, 'AWS::IAM::Role');
    const [dispatcher] = ofProvider(order, 'AWS::Lambda::Function').filter((id) => id.includes('Dispatcher'));

    expect(rights.length).toBeGreaterThanOrEqual(4);
    expect(rights.filter((id) => !order.outlives(dispatcher).has(id))).toEqual([]);
    for (const rollout of [...ofProvider(order, 'AWS::Lambda::Version'), ...ofProvider(order, 'AWS::Lambda::Alias')]) {
      expect(rights.filter((id) => id.includes('Rollout') && !order.outlives(rollout).has(id))).toEqual([]);
    }
  });

  test('waits for no daemon, so that there is no circle', () => {
    const all = Object.keys(template().Resources);

    expect(all.filter((id) => order.outlives(id).has(id))).toEqual([]);
    expect(ofProvider(order, ...policyTypes, 'AWS::Lambda::Function')
      .filter((id) => order.idsOf(daemonType).some((daemon) => order.outlives(id).has(daemon)))).toEqual([]);
  });

  test('costs each daemon one dependency', () => {
    const { Resources } = template();
    const own = (id: string): string[] => [Resources[id].DependsOn ?? []].flat().filter((other) => other.startsWith('ManagedDaemonProvider'));

    expect(order.idsOf(daemonType).map((id) => own(id).length)).toEqual(Array(daemons).fill(1));
  });
});

test('the roles of a task definition exist, with their permissions, before its daemon and after it', () => {
  withOwnRoles('First', 'Second');
  const order = new TemplateOrder(template());
  const [first, second] = order.idsOf(daemonType);
  const rights = [...order.idsOf('AWS::IAM::Role'), ...order.idsOf('AWS::IAM::Policy')];
  const of = (name: string): string[] => rights.filter((id) => id.startsWith(`${name}TaskDefinition`));

  expect(of('First')).toHaveLength(4);
  expect(of('First').filter((id) => !order.outlives(first).has(id))).toEqual([]);
  expect(of('Second').filter((id) => !order.outlives(second).has(id))).toEqual([]);
});

test('the permission to pass many roles is in several policies', () => {
  withRoles(60);

  expect(new TemplateOrder(template()).idsOf('AWS::IAM::ManagedPolicy').length).toBeGreaterThanOrEqual(1);
});
