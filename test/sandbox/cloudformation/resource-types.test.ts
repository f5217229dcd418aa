import { loadAwsServiceSpec } from '@aws-cdk/aws-service-spec';
import resourceTypes from '../../../sandbox/cloudformation/template/resource-types.json';

test('replacing properties are those of the service specification (E3)', async () => {
  const database = await loadAwsServiceSpec();
  for (const [type, extracted] of Object.entries(resourceTypes)) {
    const [resource] = database.lookup('resource', 'cloudFormationType', 'equals', type);
    const replacing = Object.entries(resource!.properties).filter(([, { causesReplacement }]) => causesReplacement === 'yes').map(([name]) => name);
    expect([type, extracted]).toEqual([type, { replacing: replacing.sort(), tagProperty: resource!.tagInformation?.tagPropertyName }]);
  }
});
