import { App, aws_ecs as ecs, aws_iam as iam, Lazy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { DaemonTaskDefinition, DaemonVolume } from '../../lib';
import { image } from './stack-with-daemon';

const type = 'AWS::ECS::DaemonTaskDefinition';
let stack: Stack;

beforeEach(() => {
  stack = new Stack(new App(), 'Stack');
});

function withContainer(taskDefinition: DaemonTaskDefinition): DaemonTaskDefinition {
  taskDefinition.addContainer('agent', { image, memoryLimitMiB: 512 });
  return taskDefinition;
}

describe('the rendered task definition', () => {
  test('contains family, sizes, roles and containers', () => {
    withContainer(new DaemonTaskDefinition(stack, 'Agent', { family: 'agent', cpu: 1024, memoryMiB: 512 }));

    Template.fromStack(stack).templateMatches({
      Resources: {
        Agent255F68E9: {
          Type: type,
          Properties: {
            Family: 'agent',
            Cpu: '1024',
            Memory: '512',
            TaskRoleArn: { 'Fn::GetAtt': ['AgentTaskRole12021E96', 'Arn'] },
            ExecutionRoleArn: Match.absent(),
            Volumes: Match.absent(),
            ContainerDefinitions: [{
              Name: 'agent',
              Image: 'public.ecr.aws/cloudwatch-agent/cloudwatch-agent:1.300',
              Essential: true,
              Memory: 512,
            }],
          },
        },
      },
    });
  });

  test('omits the sizes that are not given', () => {
    withContainer(new DaemonTaskDefinition(stack, 'Agent'));

    Template.fromStack(stack).hasResourceProperties(type, { Cpu: Match.absent(), Memory: Match.absent() });
  });

  test('derives the family from the stack and the path', () => {
    const { family } = withContainer(new DaemonTaskDefinition(stack, 'Agent'));

    expect(family).toMatch(/^Stack-Agent-[0-9A-F]{8}$/);
    Template.fromStack(stack).hasResourceProperties(type, { Family: family });
  });

  test('adds volumes of the host', () => {
    const taskDefinition = withContainer(new DaemonTaskDefinition(stack, 'Agent'));
    taskDefinition.addVolume(DaemonVolume.host('proc', '/proc'));
    taskDefinition.addVolume(DaemonVolume.host('scratch'));

    Template.fromStack(stack).hasResourceProperties(type, {
      Volumes: [{ Name: 'proc', Host: { SourcePath: '/proc' } }, { Name: 'scratch', Host: {} }],
    });
  });

  test('passes on numbers that are known only at deployment', () => {
    const cpu = Lazy.number({ produce: () => 256 });
    withContainer(new DaemonTaskDefinition(stack, 'Agent', { cpu }));

    Template.fromStack(stack).hasResourceProperties(type, { Cpu: '256' });
  });
});

describe('the revisions of a task definition', () => {
  test('are retained, except the newest, which is deleted with the stack (A19)', () => {
    withContainer(new DaemonTaskDefinition(stack, 'Agent'));

    Template.fromStack(stack).hasResource(type, { UpdateReplacePolicy: 'Retain', DeletionPolicy: 'Delete' });
  });

  test('are deleted if the removal policy requires it', () => {
    withContainer(new DaemonTaskDefinition(stack, 'Agent', { retainOldRevisions: false }));

    Template.fromStack(stack).hasResource(type, { UpdateReplacePolicy: Match.absent(), DeletionPolicy: Match.absent() });
  });
});

describe('the roles of a task definition', () => {
  test('include a task role for ECS tasks', () => {
    withContainer(new DaemonTaskDefinition(stack, 'Agent'));

    Template.fromStack(stack).resourceCountIs('AWS::IAM::Role', 1);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'ecs-tasks.amazonaws.com' } }] },
    });
  });

  test('include no execution role as long as nothing needs one', () => {
    expect(withContainer(new DaemonTaskDefinition(stack, 'Agent')).executionRole).toBeUndefined();
  });

  test('include one execution role', () => {
    const taskDefinition = withContainer(new DaemonTaskDefinition(stack, 'Agent'));

    expect(taskDefinition.obtainExecutionRole()).toBe(taskDefinition.obtainExecutionRole());
    expect(taskDefinition.executionRole).toBe(taskDefinition.obtainExecutionRole());
    Template.fromStack(stack).hasResourceProperties(type, { ExecutionRoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^AgentExecutionRole'), 'Arn'] } });
  });

  test('are those of the user if given', () => {
    const role = (name: string): iam.IRole => iam.Role.fromRoleArn(stack, name, `arn:aws:iam::111122223333:role/${name}`);
    const taskDefinition = new DaemonTaskDefinition(stack, 'Agent', { taskRole: role('task'), executionRole: role('execution') });
    taskDefinition.addContainer('agent', { image, memoryLimitMiB: 512, logging: ecs.LogDrivers.awsLogs({ streamPrefix: 'agent' }) });

    Template.fromStack(stack).resourceCountIs('AWS::IAM::Role', 0);
    Template.fromStack(stack).hasResourceProperties(type, {
      TaskRoleArn: 'arn:aws:iam::111122223333:role/task',
      ExecutionRoleArn: 'arn:aws:iam::111122223333:role/execution',
    });
  });

  test('have their permissions before the revision is created', () => {
    const taskDefinition = withContainer(new DaemonTaskDefinition(stack, 'Agent'));
    taskDefinition.addToTaskRolePolicy(new iam.PolicyStatement({ actions: ['cloudwatch:PutMetricData'], resources: ['*'] }));
    taskDefinition.addToExecutionRolePolicy(new iam.PolicyStatement({ actions: ['ecr:GetAuthorizationToken'], resources: ['*'] }));

    Template.fromStack(stack).hasResource(type, {
      DependsOn: Match.arrayWith([
        Match.stringLikeRegexp('^AgentExecutionRoleDefaultPolicy'), Match.stringLikeRegexp('^AgentTaskRoleDefaultPolicy'),
      ]),
    });
  });
});

describe('an imported task definition', () => {
  const arn = 'arn:aws:ecs:eu-west-1:111122223333:daemon-task-definition/agent:7';

  test('has unknown roles if it comes from an ARN', () => {
    const imported = DaemonTaskDefinition.fromDaemonTaskDefinitionArn(stack, 'Imported', arn);

    expect(imported.daemonTaskDefinitionArn).toBe(arn);
    expect(imported.daemonTaskDefinitionRef).toEqual({ daemonTaskDefinitionArn: arn });
    expect(imported.passedRoles).toBeUndefined();
    expect(imported.env).toEqual({ account: '111122223333', region: 'eu-west-1' });
  });

  test('has the roles of its attributes', () => {
    const taskRole = iam.Role.fromRoleArn(stack, 'TaskRole', 'arn:aws:iam::111122223333:role/task');

    expect(DaemonTaskDefinition.fromDaemonTaskDefinitionAttributes(stack, 'Imported', { daemonTaskDefinitionArn: arn, taskRole }).passedRoles)
      .toEqual([taskRole]);
  });

  test('has no roles if its attributes have none', () => {
    expect(DaemonTaskDefinition.fromDaemonTaskDefinitionAttributes(stack, 'Imported', { daemonTaskDefinitionArn: arn }).passedRoles).toEqual([]);
  });
});

describe('synth of a task definition', () => {
  const messageOf = (): string => {
    try {
      Template.fromStack(stack);
      return 'no error';
    } catch (error) {
      return (error as Error).message;
    }
  };

  test('fails without a container', () => {
    new DaemonTaskDefinition(stack, 'Agent');

    expect(messageOf()).toContain('[Stack/Agent] a daemon task definition must have at least one container, got: none (use addContainer)');
  });

  test('fails without an essential container', () => {
    const taskDefinition = new DaemonTaskDefinition(stack, 'Agent');
    taskDefinition.addContainer('agent', { image, memoryLimitMiB: 512, essential: false });

    expect(messageOf()).toContain('[Stack/Agent] at least one container must be essential, got: "agent", none of them essential');
  });

  test('fails if a container has neither memory nor a reservation', () => {
    new DaemonTaskDefinition(stack, 'Agent', { memoryMiB: 512 }).addContainer('agent', { image });

    expect(messageOf()).toContain('[Stack/Agent] container "agent" must have memoryLimitMiB or memoryReservationMiB, got: neither');
  });

  test('fails if a container mounts a volume that does not exist', () => {
    const taskDefinition = withContainer(new DaemonTaskDefinition(stack, 'Agent'));
    taskDefinition.addVolume(DaemonVolume.host('proc', '/proc'));
    taskDefinition.addContainer('second', {
      image, memoryLimitMiB: 512, mountPoints: [{ containerPath: '/sys', sourceVolume: 'sys', readOnly: true }],
    });

    expect(messageOf()).toContain('[Stack/Agent] container "second" mounts the volume "sys", which does not exist; volumes: "proc"');
  });

  test('fails if two volumes or two containers have the same name', () => {
    const taskDefinition = withContainer(new DaemonTaskDefinition(stack, 'Agent'));
    taskDefinition.addContainer('other', { image, memoryLimitMiB: 512, containerName: 'agent' });
    taskDefinition.addVolume(DaemonVolume.host('proc', '/proc'));
    taskDefinition.addVolume(DaemonVolume.host('proc', '/proc'));

    expect(messageOf()).toContain('each container must have a name of its own, got more than once: "agent"');
    expect(messageOf()).toContain('each volume must have a name of its own, got more than once: "proc"');
  });

  test('fails if the containers reserve more CPU than the task definition has', () => {
    const taskDefinition = new DaemonTaskDefinition(stack, 'Agent', { cpu: 256 });
    taskDefinition.addContainer('first', { image, memoryLimitMiB: 512, cpu: 200 });
    taskDefinition.addContainer('second', { image, memoryLimitMiB: 512, cpu: 57 });

    expect(messageOf()).toContain('the containers must not reserve more CPU units than the 256 of the task definition, got: 257');
  });

  test('reports all problems at once', () => {
    const taskDefinition = new DaemonTaskDefinition(stack, 'Agent');
    taskDefinition.addContainer('agent', { image, essential: false, mountPoints: [{ containerPath: '/sys', sourceVolume: 'sys', readOnly: true }] });

    expect(messageOf().match(/\[Stack\/Agent\]/g)).toHaveLength(3);
  });

  test('succeeds if the containers reserve exactly the available CPU', () => {
    const taskDefinition = new DaemonTaskDefinition(stack, 'Agent', { cpu: 256 });
    taskDefinition.addContainer('first', { image, memoryLimitMiB: 512, cpu: 200 });
    taskDefinition.addContainer('second', { image, memoryReservationMiB: 512, cpu: 56, essential: false });

    expect(messageOf()).toBe('no error');
  });
});

describe('the constructor', () => {
  test.each([
    [{ family: 'two words' }, '[Stack/Agent] family must have 1 to 255 letters, digits, hyphens and underscores, got: "two words"'],
    [{ family: '' }, '[Stack/Agent] family must have 1 to 255 letters, digits, hyphens and underscores, got: ""'],
    [{ cpu: 0 }, '[Stack/Agent] cpu must be a whole number of CPU units above 0, got: 0'],
    [{ memoryMiB: 0.5 }, '[Stack/Agent] memoryMiB must be a whole number of MiB above 0, got: 0.5'],
    [{ cpu: -1, memoryMiB: -2 }, '[Stack/Agent] cpu must be a whole number of CPU units above 0, got: -1\n'
      + '[Stack/Agent] memoryMiB must be a whole number of MiB above 0, got: -2'],
  ])('fails for %j', (props, message) => {
    expect(() => new DaemonTaskDefinition(stack, 'Agent', props)).toThrow(new Error(message));
  });

  test.each(['a', 'a'.repeat(255), 'A_b-9'])('accepts the family %s', (family) => {
    expect(new DaemonTaskDefinition(stack, 'Agent', { family }).family).toBe(family);
  });
});
