// Writes resource-types.json: which properties replace (E3), and which property holds tags, of the types that are not inert.
// Run it after an update of @aws-cdk/aws-service-spec: node sandbox/cloudformation/template/extract-resource-types.mjs
import { loadAwsServiceSpec } from '@aws-cdk/aws-service-spec';
import { writeFileSync } from 'node:fs';

const TYPES = [
  'AWS::ECS::Cluster', 'AWS::ECS::CapacityProvider', 'AWS::ECS::ClusterCapacityProviderAssociations', 'AWS::ECS::Daemon',
  'AWS::ECS::DaemonTaskDefinition', 'AWS::ECS::TaskDefinition', 'AWS::ECS::Service',
  'AWS::Lambda::Function', 'AWS::Lambda::Version', 'AWS::Lambda::Alias', 'AWS::Lambda::Permission', 'AWS::Lambda::EventInvokeConfig',
  'AWS::Logs::LogGroup', 'AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm', 'AWS::CloudWatch::LogAlarm', 'AWS::Events::Rule',
  'AWS::IAM::Role', 'AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy', 'AWS::SSM::Parameter',
];

const database = await loadAwsServiceSpec();
const types = {};
for (const type of TYPES) {
  const [resource] = database.lookup('resource', 'cloudFormationType', 'equals', type);
  types[type] = {
    replacing: Object.entries(resource.properties).filter(([, property]) => property.causesReplacement === 'yes').map(([name]) => name).sort(),
    tagProperty: resource.tagInformation?.tagPropertyName,
  };
}
writeFileSync(new URL('./resource-types.json', import.meta.url), `${JSON.stringify(types, undefined, 2)}\n`);
