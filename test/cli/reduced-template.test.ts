import { reducedTemplate } from '../../cli/plan/reduced-template';
import type { Template } from '../../sandbox/cloudformation/template/template';

const template: Template = {
  Resources: {
    Cluster: { Type: 'AWS::ECS::Cluster', Properties: { ServiceConnectDefaults: { Namespace: { 'Fn::GetAtt': ['Space', 'Arn'] } } } },
    Space: { Type: 'AWS::ServiceDiscovery::HttpNamespace', DependsOn: 'Key' },
    Key: { Type: 'AWS::KMS::Key' },
    Report: { Type: 'AWS::Lambda::Function' },
    Bucket: { Type: 'AWS::S3::Bucket' },
  },
  Outputs: {
    Name: { Value: { Ref: 'Bucket' }, Export: { Name: 'Base:Bucket' } },
    Unused: { Value: { Ref: 'Report' } },
  },
};

describe('the part of a stack without daemons that is deployed', () => {
  test('has clusters with what they refer to and depend on', () => {
    expect(Object.keys(reducedTemplate(template, () => false)!.Resources)).toEqual(['Cluster', 'Space', 'Key']);
  });

  test('has the outputs that are used, with their resources', () => {
    const reduced = reducedTemplate(template, (name) => name === 'Base:Bucket')!;

    expect(Object.keys(reduced.Outputs!)).toEqual(['Name']);
    expect(Object.keys(reduced.Resources)).toContain('Bucket');
  });

  test('is nothing if no other stack needs anything', () => {
    expect(reducedTemplate({ Resources: { Bucket: { Type: 'AWS::S3::Bucket' } } }, () => false)).toBeUndefined();
  });
});
