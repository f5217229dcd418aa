import { createHash } from 'node:crypto';
import { escapeXml, parseForm, type Tree } from './http/query-protocol';
import type { HttpAnswer, HttpRequest, Input, Operation, RestService, Permission } from './core/aws-service';
import { arnOf, type World } from './core/world';

/** A resource of a deployed stack, as far as a lookup needs it. */
export interface DeployedResource {
  readonly type: string;
  readonly physicalId: string;
  readonly properties: Input;
}

/** The VPC that every account has. */
const DEFAULT_VPC = 'vpc-0default00000000';
const ZONES = ['a', 'b', 'c'];

/** EC2 for the lookups of the CDK CLI: zones, VPCs, security groups and images, with no behaviour of their own. */
export class Ec2 implements RestService {
  public readonly operations: Readonly<Record<string, Operation>>;

  constructor(private readonly world: World, private readonly deployed: (type: string) => DeployedResource[]) {
    this.operations = {
      DescribeAvailabilityZones: () => ({ availabilityZoneInfo: ZONES.map((zone, index) => ({
        zoneName: world.region + zone, zoneId: `az${index + 1}`, zoneState: 'available', zoneType: 'availability-zone', regionName: world.region,
      })) }),
      DescribeVpcs: (input) => ({ vpcSet: filtered([this.defaultVpc(), ...this.vpcs()], input, 'VpcId', 'vpcId') }),
      DescribeSubnets: (input) => ({ subnetSet: filtered([...this.defaultSubnets(), ...this.subnets()], input, 'SubnetId', 'subnetId') }),
      DescribeRouteTables: (input) => ({ routeTableSet: filtered(this.routeTables(), input, 'RouteTableId', 'routeTableId') }),
      DescribeVpnGateways: () => ({ vpnGatewaySet: [] }),
      DescribeSecurityGroups: (input) => ({ securityGroupInfo: this.securityGroups(input) }),
      DescribeImages: (input) => ({ imagesSet: [{
        imageId: `ami-${hash(JSON.stringify(input)).slice(0, 17)}`, name: 'sandbox', creationDate: '2026-01-01T00:00:00.000Z', imageState: 'available',
      }] }),
      DescribeVpcEndpointServices: ({ ServiceName: names }) => ({ serviceDetailSet: listOf(names).map((serviceName) => (
        { serviceName, availabilityZoneSet: ZONES.map((zone) => world.region + zone) }
      )) }),
    };
  }

  public decode({ body }: HttpRequest): { operation: string; input: Input } {
    const { operation, form } = parseForm(body.toString());
    return { operation, input: withLists(form) as Input };
  }

  public encode(operation: string, output: unknown): HttpAnswer {
    const body = `<${operation}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>sandbox</requestId>${print(output)}</${operation}Response>`;
    return { statusCode: 200, headers: { 'content-type': 'text/xml' }, body };
  }

  public encodeError({ code, message, statusCode }: { code: string; message: string; statusCode: number }): HttpAnswer {
    const error = `<Error><Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message></Error>`;
    return { statusCode, headers: { 'content-type': 'text/xml' }, body: `<Response><Errors>${error}</Errors><RequestID>sandbox</RequestID></Response>` };
  }

  public requiredPermissions(operation: string): Permission[] {
    return [{ action: `ec2:${operation}`, resources: [arnOf(this.world, 'ec2', '*')] }];
  }

  private defaultVpc(): Input {
    return { vpcId: DEFAULT_VPC, cidrBlock: '172.31.0.0/16', isDefault: true, state: 'available', ownerId: this.world.accountId, tagSet: [] };
  }

  private vpcs(): Input[] {
    return this.deployed('AWS::EC2::VPC').map(({ physicalId, properties }) => ({
      vpcId: physicalId, cidrBlock: properties.CidrBlock, isDefault: false, state: 'available', ownerId: this.world.accountId,
      tagSet: tags(properties),
    }));
  }

  private defaultSubnets(): Input[] {
    return ZONES.map((zone, index) => ({
      subnetId: `subnet-0default0000000${zone}`, vpcId: DEFAULT_VPC, availabilityZone: this.world.region + zone,
      cidrBlock: `172.31.${index * 16}.0/20`, mapPublicIpOnLaunch: true, state: 'available', ownerId: this.world.accountId, tagSet: [],
    }));
  }

  private subnets(): Input[] {
    return this.deployed('AWS::EC2::Subnet').map(({ physicalId, properties }) => ({
      subnetId: physicalId, vpcId: properties.VpcId, availabilityZone: properties.AvailabilityZone, cidrBlock: properties.CidrBlock,
      mapPublicIpOnLaunch: String(properties.MapPublicIpOnLaunch) === 'true', state: 'available', ownerId: this.world.accountId,
      tagSet: tags(properties),
    }));
  }

  private routeTables(): Input[] {
    const associations = this.deployed('AWS::EC2::SubnetRouteTableAssociation');
    const routes = this.deployed('AWS::EC2::Route');
    const own = this.deployed('AWS::EC2::RouteTable').map(({ physicalId, properties }) => ({
      routeTableId: physicalId,
      vpcId: properties.VpcId,
      associationSet: associations.filter((each) => each.properties.RouteTableId === physicalId)
        .map((each) => ({ main: false, routeTableId: physicalId, subnetId: each.properties.SubnetId })),
      routeSet: routes.filter((each) => each.properties.RouteTableId === physicalId).map((each) => ({
        destinationCidrBlock: each.properties.DestinationCidrBlock,
        gatewayId: each.properties.GatewayId,
        natGatewayId: each.properties.NatGatewayId,
        state: 'active',
      })),
      tagSet: tags(properties),
    }));
    const main = {
      routeTableId: 'rtb-0default00000000',
      vpcId: DEFAULT_VPC,
      associationSet: [{ main: true, routeTableId: 'rtb-0default00000000' }],
      routeSet: [{ destinationCidrBlock: '0.0.0.0/0', gatewayId: 'igw-0default00000000', state: 'active' }],
      tagSet: [],
    };
    return [main, ...own];
  }

  /** Accepts any id as that of an existing group: groups are not simulated. */
  private securityGroups(input: Input): Input[] {
    const known = this.deployed('AWS::EC2::SecurityGroup').map(({ physicalId, properties }) => ({
      groupId: physicalId, groupName: properties.GroupName ?? physicalId, vpcId: properties.VpcId,
      ipPermissionsEgress: [{ ipProtocol: '-1', ipRanges: [{ cidrIp: '0.0.0.0/0' }] }], tagSet: tags(properties),
    }));
    const asked = listOf(input.GroupId).filter((id) => !known.some(({ groupId }) => groupId === id));
    const unknown = asked.map((groupId) => ({ groupId, groupName: groupId, vpcId: DEFAULT_VPC, tagSet: [] }));
    return [...filtered(known, input, 'GroupId', 'groupId'), ...unknown];
  }
}

/** `Filter.1.Value.2=x` is `{ Filter: [{ Value: [.., 'x'] }] }`. */
function withLists(node: Tree | string): unknown {
  if (typeof node === 'string') return node;
  const entries = Object.entries(node);
  if (entries.length > 0 && entries.every(([key]) => /^\d+$/.test(key))) return entries.map(([, value]) => withLists(value));
  return Object.fromEntries(entries.map(([key, value]) => [key, withLists(value)]));
}

/** Returns what matches the ids and filters of a request; a filter that the sandbox does not support matches everything. */
function filtered(items: Input[], input: Input, idMember: string, idField: string): Input[] {
  const ids = listOf(input[idMember]);
  const filters = [input.Filter ?? []].flat()
    .map(({ Name: name, Value: values }: Input) => ({ name: String(name), values: listOf(values) }));
  return items.filter((item) => (ids.length === 0 || ids.includes(String(item[idField])))
    && filters.every(({ name, values }) => {
      const own = valueFor(item, name);
      return own === undefined || values.includes(own);
    }));
}

function valueFor(item: Input, filter: string): string | undefined {
  if (filter.startsWith('tag:')) return String((item.tagSet as Input[]).find(({ key }) => key === filter.slice(4))?.value ?? '');
  const field = filter.replaceAll(/-([a-z])/g, (_match, letter: string) => letter.toUpperCase());
  return Object.hasOwn(item, field) && item[field] !== undefined ? String(item[field]) : undefined;
}

const tags = ({ Tags: pairs = [] }: Input): Input[] => (pairs as Input[]).map(({ Key: key, Value: value }) => ({ key, value }));

const listOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

function print(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => `<item>${print(item)}</item>`).join('');
  if (typeof value !== 'object' || value === null) return escapeXml(String(value));
  return Object.entries(value).filter(([, item]) => item !== undefined && item !== null).map(([name, item]) => `<${name}>${print(item)}</${name}>`).join('');
}
