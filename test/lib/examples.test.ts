import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { exampleNames, sourcesOf, SynthesizedExample } from '../example-synthesis';
import { agentImages } from './agent-images';
import { TemplateOrder, type OrderedTemplate } from './template-order';
import { findingsIn } from './template-validator';

const examples = new Map<string, SynthesizedExample>();
afterAll(() => examples.forEach((example) => example.remove()));

const synthesize = (name: string, context: Record<string, string> = {}): SynthesizedExample => {
  const key = name + JSON.stringify(context);
  const example = examples.get(key) ?? new SynthesizedExample(name, context);
  examples.set(key, example);
  return example;
};

/** The only container of the daemon task definition. */
const container = (example: SynthesizedExample): Record<string, unknown> =>
  (example.resource('AWS::ECS::DaemonTaskDefinition').Properties.ContainerDefinitions as Record<string, unknown>[])[0]!;

/** The container of the application. */
const applicationContainer = (example: SynthesizedExample): Record<string, unknown> =>
  (example.resource('AWS::ECS::TaskDefinition').Properties.ContainerDefinitions as Record<string, unknown>[])[0]!;

describe.each(exampleNames)('%s', (name) => {
  const example = synthesize(name);

  test('synthesizes without warnings or errors', () => {
    expect(example.messages).toEqual([]);
  });

  test('leaves the offline CloudFormation validator nothing to find', () => {
    expect(findingsIn(example.assembly.stacks.map(({ templateFullPath }) => templateFullPath), new App())).toEqual([]);
  });

  test("leaves cdk-nag's AwsSolutions pack nothing to find that is not acknowledged", () => {
    expect(example.violations).toEqual([]);
  });

  test('acknowledges nothing that cdk-nag does not find', () => {
    expect(example.idleAcknowledgements).toEqual([]);
  });

  test('can be copied: it imports published packages and files of its own folder', () => {
    const specifiers = sourcesOf(name).flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/ from '([^']+)'/g)].map(([, specifier]) => specifier!));
    expect(specifiers).toContain('cdk-ecs-managed-daemons');
    expect(specifiers.filter((specifier) => !/^(aws-cdk-lib|cdk-ecs-managed-daemons|constructs|node:\w+|\.\/[\w-]+)$/.test(specifier))).toEqual([]);
  });

  test('has an application that comes after the daemon', () => {
    // behind its gates, if it has any
    const held = ['Custom::ECSManagedDaemon', 'Custom::ECSManagedDaemonGate'].flatMap((type) => example.logicalIds(type));
    expect(example.resource('AWS::ECS::Service').DependsOn!.filter((logicalId) => held.includes(logicalId))).toHaveLength(1);
  });

  test('writes the output of the daemon to a log', () => {
    expect(container(example).LogConfiguration).toMatchObject({ LogDriver: 'awslogs' });
  });

  test('pins the images by a tag with a version', () => {
    const version = expect.stringMatching(/:v?\d[\w.-]+$/);
    expect([container(example).Image, applicationContainer(example).Image]).toEqual([version, version]);
  });

  describe('gives the image of its daemon', () => {
    const { Image, Environment = [], Secrets = [], Command = [], HealthCheck } = container(example) as {
      readonly Image: string;
      readonly Environment?: { Name: string }[];
      readonly Secrets?: { Name: string }[];
      readonly Command?: string[];
      readonly HealthCheck?: { Command: string[] };
    };
    const agent = agentImages[Image.replace(/:[^:]*$/, '')]!;

    test('a configuration, without which it does nothing', () => {
      expect(agent).toBeDefined();
      const given = [...Environment, ...Secrets].map(({ Name }) => Name).concat(Command);
      expect(given).toEqual(expect.arrayContaining(agent.configuredBy ? [agent.configuredBy] : []));
    });

    test('the permissions that it needs', () => {
      const policies = example.logicalIds('AWS::IAM::Policy').map((id) => JSON.stringify(example.assembly.stacks[0]!.template.Resources[id]));
      expect(agent.actions?.filter((action) => !policies.some((policy) => policy.includes(`"${action}"`))) ?? []).toEqual([]);
    });

    test('the ports that it opens, so that no other daemon of the instance takes one', () => {
      const source = sourcesOf(name).map((file) => readFileSync(file, 'utf8')).join('\n');
      expect(agent.ports?.filter((port) => !source.includes(`port: ${port}`)) ?? []).toEqual([]);
    });

    test('a health check only with a program that it contains', () => {
      const [kind, program] = HealthCheck?.Command ?? [];
      expect([undefined, 'CMD']).toContain(kind);
      expect([undefined, ...agent.clients]).toContain(program);
    });

    test('no critical place where its absence stops nobody', () => {
      const { Critical = true } = example.resource('Custom::ECSManagedDaemon').Properties;
      expect(agent.mayBeCritical || Critical === false).toBe(true);
    });
  });
});

describe('cloudwatch-agent', () => {
  test("is the article's own: image, 1 vCPU, 0.5 GB, an execution role", () => {
    const example = synthesize('cloudwatch-agent');
    expect(example.resource('AWS::ECS::DaemonTaskDefinition').Properties).toMatchObject({
      Cpu: '1024',
      Memory: '512',
      ExecutionRoleArn: expect.anything(),
      ContainerDefinitions: [expect.objectContaining({ Image: expect.stringMatching(/^public\.ecr\.aws\/cloudwatch-agent\/cloudwatch-agent:/) })],
    });
    expect(example.resource('AWS::ECS::Service').Properties).toMatchObject({ DesiredCount: 24 });
  });

  test('is driven by context', () => {
    const driven = synthesize('cloudwatch-agent', { imageTag: '1.2.3', costCenter: '4711', drainPercent: '50', bakeMinutes: '5' });

    expect(container(driven).Image).toMatch(/:1\.2\.3$/);
    expect(driven.resource('Custom::ECSManagedDaemon').Properties).toMatchObject({
      DrainPercent: 50, BakeTimeInMinutes: 5, Tags: [{ key: 'costCenter', value: '4711' }],
    });
  });
});

describe('open-telemetry-collector', () => {
  test('is given its configuration, and sent to at the address of the daemons', () => {
    const example = synthesize('open-telemetry-collector');
    const { Value: configuration } = (container(example).Environment as { Name: string; Value: { 'Fn::Join': [string, unknown[]] } }[])
      .find(({ Name }) => Name === 'AOT_CONFIG_CONTENT')!;
    const text = configuration['Fn::Join'][1].map((part) => typeof part === 'string' ? part : 'reference').join('');

    expect(JSON.parse(text)).toMatchObject({ receivers: { otlp: { protocols: { http: { endpoint: '0.0.0.0:4318' } } } } });
    expect(applicationContainer(example).Environment).toEqual([
      { Name: 'OTEL_EXPORTER_OTLP_ENDPOINT', Value: 'http://169.254.172.2:4318' },
      { Name: 'OTEL_EXPORTER_OTLP_PROTOCOL', Value: 'http/protobuf' },
    ]);
  });

  test('is not critical, so what the first instances run is verified', () => {
    const example = synthesize('open-telemetry-collector');
    expect(example.resource('Custom::ECSManagedDaemon').Properties).toMatchObject({ Critical: false });
    expect(example.resource('Custom::ECSManagedDaemonVerification').DependsOn).toEqual([expect.stringMatching(/^Service/)]);
  });
});

describe('falco', () => {
  test('sees the files and containers of the instance, can change neither, and is not among its processes', () => {
    const example = synthesize('falco');
    expect(example.resource('AWS::ECS::DaemonTaskDefinition').Properties).not.toHaveProperty('PidMode');
    const { Privileged, MountPoints, LinuxParameters } = container(example);
    expect(Privileged).toBeUndefined();
    expect(MountPoints).toHaveLength(4);
    expect((MountPoints as { ReadOnly: boolean }[]).every(({ ReadOnly }) => ReadOnly)).toBe(true);
    expect(LinuxParameters).toMatchObject({ Capabilities: { Drop: ['ALL'], Add: ['BPF', 'PERFMON', 'SYS_PTRACE', 'SYS_RESOURCE'] } });
  });
});

describe('envoy', () => {
  test('is given the configuration beside it, and is the proxy of the application', () => {
    const example = synthesize('envoy');
    expect(container(example).Command).toEqual(['envoy', '--config-yaml', expect.stringContaining('port_value: 3128')]);
    expect(applicationContainer(example).Environment).toContainEqual({ Name: 'HTTPS_PROXY', Value: 'http://169.254.172.2:3128' });
  });
});

describe('osquery', () => {
  test('is critical, and its instances are of the architecture that its image has', () => {
    const example = synthesize('osquery');
    expect(example.resource('Custom::ECSManagedDaemon').Properties).toMatchObject({ Critical: true });
    expect(JSON.stringify(example.resource('AWS::ECS::CapacityProvider').Properties)).toContain('"CpuManufacturers":["intel","amd"]');
  });
});

describe('waves', () => {
  test('roll out one after the other, the canary with more time for a fault to show', () => {
    const example = synthesize('waves');
    const daemons = example.logicalIds('Custom::ECSManagedDaemon');
    const [canary, early] = daemons;
    const { template } = example.assembly.stacks[0]!;
    const order = new TemplateOrder(template as OrderedTemplate);
    expect(daemons.map((daemon) => daemons.filter((other) => order.outlives(daemon).has(other)))).toEqual([[], [canary], [canary, early]]);
    expect(daemons.map((daemon) => template.Resources[daemon].Properties.BakeTimeInMinutes)).toEqual([30, 10, 10]);
  });
});

describe('waves-over-stacks', () => {
  test('deploys the stack of the second wave after that of the first', () => {
    const [canary, rest] = synthesize('waves-over-stacks').assembly.stacks;
    expect([canary!.stackName, rest!.stackName]).toEqual(['Canary', 'Rest']);
    expect(rest!.dependencies.map(({ id }) => id)).toContain('Canary');
    expect(canary!.dependencies.map(({ id }) => id)).not.toContain('Rest');
  });
});
