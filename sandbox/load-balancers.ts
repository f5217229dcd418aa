import { AwsError } from './core/aws-error';
import type { DeployedResource } from './ec2';
import type { Input, Operation, Permission, Service } from './core/aws-service';
import { arnOf, type World } from './core/world';

const TYPE = 'AWS::ElasticLoadBalancingV2::LoadBalancer';

/** Elastic Load Balancing for the lookups of the CDK CLI: the load balancers and listeners of deployed stacks. */
export class LoadBalancers implements Service {
  public readonly operations: Readonly<Record<string, Operation>> = {
    DescribeLoadBalancers: ({ LoadBalancerArns: arns }) => {
      const found = this.deployed(TYPE).filter(({ physicalId }) => !Array.isArray(arns) || arns.includes(physicalId));
      if (Array.isArray(arns) && found.length < arns.length) {
        throw new AwsError('LoadBalancerNotFound', 'One or more load balancers not found');
      }
      return { LoadBalancers: found.map((each) => this.describe(each)) };
    },
    DescribeListeners: ({ LoadBalancerArn: loadBalancerArn, ListenerArns: arns }) => {
      const found = this.deployed('AWS::ElasticLoadBalancingV2::Listener').filter(({ physicalId, properties }) => (
        Array.isArray(arns) ? arns.includes(physicalId) : properties.LoadBalancerArn === loadBalancerArn
      ));
      if (Array.isArray(arns) && found.length < arns.length) throw new AwsError('ListenerNotFound', 'One or more listeners not found');
      return { Listeners: found.map(({ physicalId, properties }) => ({
        ListenerArn: physicalId, LoadBalancerArn: properties.LoadBalancerArn, Port: properties.Port, Protocol: properties.Protocol,
      })) };
    },
    DescribeTags: ({ ResourceArns: arns = [] }) => ({
      TagDescriptions: this.deployed(TYPE).filter(({ physicalId }) => (arns as unknown[]).includes(physicalId))
        .map(({ physicalId, properties: { Tags = [] } }) => ({ ResourceArn: physicalId, Tags })),
    }),
  };

  constructor(private readonly world: World, private readonly deployed: (type: string) => DeployedResource[]) {}

  public requiredPermissions(operation: string): Permission[] {
    return [{ action: `elasticloadbalancing:${operation}`, resources: [arnOf(this.world, 'elasticloadbalancing', 'loadbalancer/*')] }];
  }

  private describe({ physicalId, properties }: DeployedResource): Input {
    const [subnet] = [properties.Subnets, (properties.SubnetMappings as Input[] | undefined)?.map(({ SubnetId }) => SubnetId as unknown)]
      .flatMap((list) => (Array.isArray(list) ? list.map(String) : []));
    const name = physicalId.split('/').at(-1)!;
    return {
      LoadBalancerArn: physicalId,
      LoadBalancerName: name,
      DNSName: `${name}.elasticloadbalancing.${this.world.region}.amazonaws.com`,
      CanonicalHostedZoneId: 'Z00000000000000000000',
      Type: properties.Type ?? 'application',
      Scheme: properties.Scheme ?? 'internet-facing',
      IpAddressType: properties.IpAddressType ?? 'ipv4',
      SecurityGroups: properties.SecurityGroups,
      VpcId: this.deployed('AWS::EC2::Subnet').find((each) => each.physicalId === subnet)?.properties.VpcId,
      State: { Code: 'active' },
    };
  }
}
