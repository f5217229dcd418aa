import { createHash } from 'node:crypto';
import { AwsError } from './core/aws-error';
import { escapeXml } from './http/query-protocol';
import type { HttpAnswer, HttpRequest, Input, Operation, RestService, Permission } from './core/aws-service';
import type { World } from './core/world';

/** Route 53 for the lookups of the CDK CLI: every domain has a public hosted zone without records. */
export class Route53 implements RestService {
  public readonly operations: Readonly<Record<string, Operation>> = {
    ListHostedZonesByName: ({ DNSName: name }) => ({ name, id: createHash('sha256').update(String(name)).digest('hex').slice(0, 20).toUpperCase() }),
  };

  constructor(private readonly world: World) {}

  public decode({ method, path, query }: HttpRequest): { operation: string; input: Input } {
    if (method === 'GET' && path.endsWith('/hostedzonesbyname')) return { operation: 'ListHostedZonesByName', input: { DNSName: query.get('dnsname') ?? '' } };
    throw new AwsError('UnknownOperationException', `the sandbox does not support route53:${method} ${path}`);
  }

  public encode(operation: string, output: unknown): HttpAnswer {
    const { name, id } = output as { name: string; id: string };
    const zone = `<HostedZone><Id>/hostedzone/Z${id}</Id><Name>${escapeXml(name)}${name.endsWith('.') ? '' : '.'}</Name>`
      + '<CallerReference>sandbox</CallerReference><Config><PrivateZone>false</PrivateZone></Config></HostedZone>';
    const body = `<${operation}Response><HostedZones>${zone}</HostedZones><IsTruncated>false</IsTruncated><MaxItems>100</MaxItems></${operation}Response>`;
    return { statusCode: 200, headers: { 'content-type': 'text/xml' }, body };
  }

  public encodeError({ code, message, statusCode }: { code: string; message: string; statusCode: number }): HttpAnswer {
    const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message></Error></ErrorResponse>`;
    return { statusCode, headers: { 'content-type': 'text/xml' }, body };
  }

  public requiredPermissions(operation: string): Permission[] {
    return [{ action: `route53:${operation}`, resources: [`arn:${this.world.partition}:route53:::hostedzone/*`] }];
  }
}
