import { CfnResource, Lazy } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ContractVersion, DaemonVerificationProperties, DaemonVerificationResourceType } from '../../lambda/contract';

const resourceType: DaemonVerificationResourceType = 'Custom::ECSManagedDaemonVerification';
const contractVersion: ContractVersion = '1';

/** The properties of the resource, without the version of the contract and the services, which it adds. */
export interface VerificationResourceProps {
  readonly serviceToken: string;
  readonly settings: Omit<DaemonVerificationProperties, 'ContractVersion' | 'Services'>;
}

/** The custom resource behind services that fails the stack unless instances run the daemon. */
export class VerificationResource extends CfnResource {
  private readonly services: Set<CfnResource>;

  constructor(scope: Construct, id: string, props: VerificationResourceProps) {
    const services = new Set<CfnResource>();
    const properties: DaemonVerificationProperties = {
      ContractVersion: contractVersion,
      ...props.settings,
      Services: Lazy.list({ produce: () => [...services].map(({ logicalId }) => logicalId) }),
    };
    super(scope, id, {
      type: resourceType,
      properties: { ServiceToken: props.serviceToken, ServiceTimeout: 3600, ...properties },
    });
    this.services = services;
  }

  /** Waits for a service. CloudFormation verifies again when one more joins, since its id is one of the properties. */
  public standBehind(service: CfnResource): void {
    this.services.add(service);
    this.node.addDependency(service);
  }
}
