/** What an image of an agent needs to do anything on AWS; the sandbox runs no images, so that only this list notices. */
export interface AgentImage {
  /** The environment variable, or the argument of the command, that carries its configuration; an image without either runs as it is. */
  readonly configuredBy?: string;

  /** Actions that its task role must allow. */
  readonly actions?: readonly string[];

  /** Programs of the image that a health check can start; none if it has no client to ask with. */
  readonly clients: readonly string[];

  /** Ports that it opens besides those that its configuration names; those on loopback clash as well. */
  readonly ports?: readonly number[];

  /** Whether it may be critical. An agent whose absence stops nobody's work may not. */
  readonly mayBeCritical: boolean;
}

/** Images by their repositories. An image that is not here was not judged yet. */
export const agentImages: Readonly<Record<string, AgentImage>> = {
  'public.ecr.aws/cloudwatch-agent/cloudwatch-agent': {
    configuredBy: 'CW_CONFIG_CONTENT', actions: ['cloudwatch:PutMetricData'], clients: [], ports: [8125], mayBeCritical: false,
  },
  'public.ecr.aws/aws-observability/aws-otel-collector': {
    configuredBy: 'AOT_CONFIG_CONTENT', actions: ['xray:PutTraceSegments', 'logs:PutLogEvents'], clients: ['/healthcheck'],
    ports: [13133, 8888], mayBeCritical: false,
  },
  'public.ecr.aws/aws-observability/aws-for-fluent-bit': {
    configuredBy: '-o', actions: ['logs:PutLogEvents'], clients: ['curl', 'sh'], ports: [2020], mayBeCritical: false,
  },
  'public.ecr.aws/datadog/agent': {
    configuredBy: 'DD_API_KEY', clients: ['agent', 'sh'], ports: [5000, 5001, 5012, 6062, 6162, 8125, 8126], mayBeCritical: false,
  },
  'docker.io/falcosecurity/falco': { clients: ['curl', 'sh'], ports: [8765], mayBeCritical: true },
  'docker.io/envoyproxy/envoy': { configuredBy: '--config-yaml', clients: ['bash', 'sh'], mayBeCritical: true },
  'docker.io/osquery/osquery': { configuredBy: '--config_plugin=tls', clients: ['pidof', 'bash', 'sh'], mayBeCritical: true },
};
