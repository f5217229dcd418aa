import { isObject, type JsonObject } from '../template/template';

/**
 * The CDK's own custom resources. Their handlers work on resources that have nothing behind them here, or need Python or an AWS SDK:
 * the sandbox answers in their place and does nothing, as for other inert resources.
 */
export const INERT_TYPES: ReadonlySet<string> = new Set([
  'VpcRestrictDefaultSG', 'S3AutoDeleteObjects', 'ECRAutoDeleteImages', 'LogRetention', 'AWS', 'S3BucketNotifications', 'CDKBucketDeployment',
  'CrossRegionExportWriter', 'CrossRegionExportReader', 'CrossRegionStringParameterReader', 'DynamoDBReplica', 'OpenSearchAccessPolicy',
  'CloudwatchLogResourcePolicy', 'AWSCDKOpenIdConnectProvider', 'AWSCDK-EKS-Cluster', 'AWSCDK-EKS-FargateProfile',
  'AWSCDK-EKS-KubernetesResource', 'AWSCDK-EKS-KubernetesPatch', 'AWSCDK-EKS-KubernetesObjectValue', 'AWSCDK-EKS-HelmChart',
  'UserPoolCloudFrontDomainName', 'DescribeCognitoUserPoolClient', 'SynthesizedResource', 'AWSCDKCfnJson', 'AWSCDKCfnUtilsCfnJson',
].map((name) => `Custom::${name}`));

/** Recognizes an `AwsCustomResource` by its properties, since its type may be the user's. */
export const isInertCustomResource = (type: string, properties: JsonObject): boolean =>
  INERT_TYPES.has(type) || properties.InstallLatestAwsSdk !== undefined;

/** Marks the attributes of a custom resource without a response: every attribute is invented. */
export const STAND_IN = 'SandboxStandIn';

/** Returns the attributes of an inert custom resource: its properties, as most of the CDK's own ones return, and a mark. */
export function standInAttributes(properties: JsonObject): JsonObject {
  const { DestinationBucketName: bucket } = properties;
  return { ...properties, ...(typeof bucket === 'string' && { DestinationBucketArn: `arn:aws:s3:::${bucket}` }), [STAND_IN]: true };
}

export const isStandIn = (attributes: JsonObject): boolean => isObject(attributes) && attributes[STAND_IN] === true;
