import { App, pipelines, Stack, Stage } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { Construct } from 'constructs';
import { DaemonCapacityProvider, ManagedDaemonWaves, type ManagedDaemon } from '../../lib';
import { StackWithDaemon } from './stack-with-daemon';

/** One wave: a stack with a daemon of its own. */
class Wave extends StackWithDaemon {
  public readonly daemon: ManagedDaemon;

  constructor(scope: Construct, id: string) {
    super(scope, id, { env: { account: '111122223333', region: 'eu-west-1' } });
    this.daemon = this.addDaemon();
  }
}

/** Both ways to have one stack deployed after another. */
const orders: [string, (later: Wave, earlier: Wave) => void][] = [
  ['a dependency between stacks', (later, earlier) => later.addStackDependency(earlier)],
  ['rolloutAfter()', (later, earlier) => later.daemon.rolloutAfter(earlier.daemon)],
];

describe.each(orders)('by %s', (_, order) => {
  test('the stack of a wave of one app is deployed after that of the wave before', () => {
    const app = new App();
    const [rest, canary] = [new Wave(app, 'Rest'), new Wave(app, 'Canary')];
    order(rest, canary);

    const assembly = app.synth();
    expect(assembly.getStackByName('Rest').dependencies.map(({ id }) => id)).toContain('Canary');
    expect(assembly.getStackByName('Canary').dependencies.map(({ id }) => id)).not.toContain('Rest');
  });

  test('the stacks of one stage of a pipeline are deployed in the order of their waves', () => {
    const runOrder = runOrders((stage) => {
      const [rest, early, canary] = [new Wave(stage, 'Rest'), new Wave(stage, 'Early'), new Wave(stage, 'Canary')];
      order(early, canary);
      order(rest, early);
    });

    expect(runOrder['Canary.Deploy']).toBeLessThan(runOrder['Early.Prepare']!);
    expect(runOrder['Early.Deploy']).toBeLessThan(runOrder['Rest.Prepare']!);
  });
});

test('the stacks of a stage are deployed at the same time without an order', () => {
  const runOrder = runOrders((stage) => ['Canary', 'Rest'].forEach((id) => new Wave(stage, id)));

  expect(runOrder['Canary.Deploy']).toBe(runOrder['Rest.Deploy']);
});

/** When each action of the only stage of a pipeline runs, by its name. */
function runOrders(fill: (stage: Stage) => void): Record<string, number> {
  const app = new App();
  const stack = new Stack(app, 'Pipeline', { env: { account: '111122223333', region: 'eu-west-1' } });
  const pipeline = new pipelines.CodePipeline(stack, 'Pipeline', {
    synth: new pipelines.ShellStep('Synth', {
      input: pipelines.CodePipelineSource.connection('shop/agents', 'main', {
        connectionArn: 'arn:aws:codeconnections:eu-west-1:111122223333:connection/1',
      }),
      commands: ['npx cdk synth'],
    }),
  });
  const stage = new Stage(app, 'Production');
  fill(stage);
  pipeline.addStage(stage);

  const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::CodePipeline::Pipeline')) as [{
    Properties: { Stages: { Name: string; Actions: { Name: string; RunOrder: number }[] }[] };
  }];
  const { Actions } = Properties.Stages.find(({ Name }) => Name === 'Production')!;
  return Object.fromEntries(Actions.map(({ Name, RunOrder }) => [Name, RunOrder]));
}

test('waves within the stack of a wave apply with the order of the stacks', () => {
  const app = new App();
  const [canary, rest] = [new Wave(app, 'Canary'), new Wave(app, 'Rest')];
  rest.addStackDependency(canary);
  const waves = new ManagedDaemonWaves(rest, 'Waves', {
    daemonTaskDefinition: rest.addTaskDefinition('Waved'),
    waves: ['one', 'two'].map((name) => ({
      waveName: name,
      targets: [{
        targetName: name, cluster: rest.cluster, capacityProviders: [DaemonCapacityProvider.fromCapacityProviderName(rest, name)],
      }],
    })),
  });

  const { Resources } = Template.fromStack(rest).toJSON();
  const [one, two] = waves.daemons.map(({ node }) => rest.getLogicalId(node.defaultChild as never));
  expect(Resources[two!].DependsOn).toContain(one);
  expect(rest.dependencies).toEqual([canary]);
});
