import * as cdk from 'aws-cdk-lib';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import type { Construct } from 'constructs';
import type { DaemonProperties } from '../lambda/contract';
/** A foo. */
@propertyInjectable
export class Foo extends cdk.Resource {
  public static readonly PROPERTY_INJECTION_ID = 'x';
  private readonly p?: DaemonProperties;
  /** x */
  constructor(scope: Construct, id: string) { super(scope, id); void this.p; }
}
