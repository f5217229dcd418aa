import { arnOf, randomHex, type World } from '../../core/world';
import type { ResourceProvider } from './resource-provider';
import type { Json } from '../template/template';

/** Formats of the physical ids that a service assigns itself. */
const ID_PREFIXES: Readonly<Record<string, string>> = {
  'AWS::EC2::VPC': 'vpc', 'AWS::EC2::Subnet': 'subnet', 'AWS::EC2::SecurityGroup': 'sg', 'AWS::EC2::InternetGateway': 'igw',
  'AWS::EC2::NatGateway': 'nat', 'AWS::EC2::RouteTable': 'rtb', 'AWS::EC2::Route': 'r', 'AWS::EC2::EIP': 'eipalloc',
  'AWS::EC2::SubnetRouteTableAssociation': 'rtbassoc', 'AWS::EC2::VPCEndpoint': 'vpce', 'AWS::EC2::LaunchTemplate': 'lt',
  'AWS::EC2::NetworkAcl': 'acl', 'AWS::EFS::FileSystem': 'fs', 'AWS::EFS::AccessPoint': 'fsap', 'AWS::EC2::FlowLog': 'fl',
};

/** Types whose Ref is an ARN. */
const ARN_IDS: Readonly<Record<string, (name: string) => [service: string, resource: string]>> = {
  'AWS::SNS::Topic': (name) => ['sns', name],
  'AWS::SecretsManager::Secret': (name) => ['secretsmanager', `secret:${name}`],
  'AWS::ElasticLoadBalancingV2::LoadBalancer': (name) => ['elasticloadbalancing', `loadbalancer/app/${name}`],
  'AWS::ElasticLoadBalancingV2::TargetGroup': (name) => ['elasticloadbalancing', `targetgroup/${name}`],
  'AWS::ElasticLoadBalancingV2::Listener': (name) => ['elasticloadbalancing', `listener/app/${name}`],
  'AWS::StepFunctions::StateMachine': (name) => ['states', `stateMachine:${name}`],
};

const NAME_PROPERTIES = [
  'Name', 'BucketName', 'TopicName', 'QueueName', 'InstanceProfileName', 'RepositoryName', 'TableName', 'SecretName', 'AliasName',
  'DashboardName', 'StateMachineName', 'DomainName', 'ScheduleGroupName',
];

/** Types that are not simulated: accepted, with an id in the format of the type. */
export const inert: ResourceProvider = {
  create: async (properties, { world, resourceType, generatedName }) => {
    const prefix = ID_PREFIXES[resourceType];
    if (prefix !== undefined) return { physicalId: `${prefix}-${randomHex(world, 17)}` };
    const named = NAME_PROPERTIES.map((name) => properties[name]).find((name) => typeof name === 'string');
    const name = named === undefined ? generatedName(63) : String(named);
    const arn = ARN_IDS[resourceType]?.(name);
    if (arn) return { physicalId: arnOf(world, ...arn) };
    return { physicalId: resourceType === 'AWS::S3::Bucket' ? name.toLowerCase() : name };
  },
  update: async (_properties, { physicalId, attributes }) => ({ physicalId, attributes }),
  replaces: (properties, before) => NAME_PROPERTIES.some((name) => properties[name] !== before[name]),
  delete: async () => undefined,
};

/** Invents values for `Fn::GetAtt` from the id and the name of the attribute. */
export function inertAttribute(world: World, type: string, physicalId: string, attribute: string): Json {
  const [, service = 'unknown', kind = 'resource'] = type.split('::');
  const name = physicalId.split(/[:/]/).at(-1)!;
  if (attribute.endsWith('Arn') || attribute === 'LoadBalancerFullName') {
    if (physicalId.startsWith('arn:')) return physicalId;
    if (type === 'AWS::S3::Bucket') return `arn:${world.partition}:s3:::${name}`;
    if (service === 'IAM') {
      const resource = kind.replace(/([a-z])([A-Z])/g, '$1-$2').toLowerCase();
      return `arn:${world.partition}:iam::${world.accountId}:${resource}/${name}`;
    }
    if (service === 'SQS' || service === 'SNS') return arnOf(world, service.toLowerCase(), name);
    return arnOf(world, service.toLowerCase(), `${kind.toLowerCase()}/${name}`);
  }
  switch (attribute) {
    case 'GroupId': case 'VpcId': case 'SubnetId': case 'InternetGatewayId': case 'AllocationId': case 'Id': return physicalId;
    case 'CidrBlock': return '10.0.0.0/16';
    case 'CidrBlockAssociations': case 'Ipv6CidrBlocks': case 'DnsEntries': return [];
    case 'DefaultSecurityGroup': return `sg-${name.slice(-17)}`;
    case 'DefaultNetworkAcl': return `acl-${name.slice(-17)}`;
    case 'AvailabilityZone': return `${world.region}a`;
    case 'LatestVersionNumber': case 'DefaultVersionNumber': return '1';
    case 'DomainName': case 'RegionalDomainName': case 'DNSName': return `${name}.${service.toLowerCase()}.${world.region}.amazonaws.com`;
    case 'RepositoryUri': return `${world.accountId}.dkr.ecr.${world.region}.amazonaws.com/${name}`;
    default: return `${name}-${attribute}`;
  }
}
