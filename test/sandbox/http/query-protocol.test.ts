import { parseQuery, printQuery, printQueryError } from '../../../sandbox/http/query-protocol';

describe('a query request (W2)', () => {
  test.each([
    { name: 'scalars', body: 'Action=DescribeStacks&Version=2010-05-15&StackName=a%20b', operation: 'DescribeStacks', input: { StackName: 'a b' } },
    { name: 'a list', body: 'Action=A&Capabilities.member.1=X&Capabilities.member.2=Y', operation: 'A', input: { Capabilities: ['X', 'Y'] } },
    {
      name: 'a list of more than nine, in order',
      body: `Action=A&${Array.from({ length: 11 }, (_, index) => `L.member.${index + 1}=${index}`).join('&')}`,
      operation: 'A',
      input: { L: Array.from({ length: 11 }, (_, index) => String(index)) },
    },
    {
      name: 'structures in a list',
      body: 'Action=A&Tags.member.1.Key=k&Tags.member.1.Value=v',
      operation: 'A',
      input: { Tags: [{ Key: 'k', Value: 'v' }] },
    },
    { name: 'an empty list', body: 'Action=A&Parameters=', operation: 'A', input: { Parameters: '' } },
  ])('is parsed: $name', ({ body, operation, input }) => {
    expect(parseQuery(body)).toEqual({ operation, input });
  });
});

test('the names in a query request change no other object', () => {
  parseQuery('Action=A&a.__proto__.polluted=1&__proto__.polluted=1&constructor.prototype.polluted=1');
  expect({}).not.toHaveProperty('polluted');
});

describe('a query response (W2, W3)', () => {
  test('prints lists as members, times as ISO 8601, and omits absent fields', () => {
    const output = { Stacks: [{ Name: 'a<b&c', Time: new Date('2026-01-01T00:00:00.5Z'), Reason: undefined, Flag: true }] };
    expect(printQuery('DescribeStacks', output, 'id')).toBe(
      '<DescribeStacksResponse><DescribeStacksResult><Stacks><member><Name>a&lt;b&amp;c</Name><Time>2026-01-01T00:00:00.500Z</Time>'
      + '<Flag>true</Flag></member></Stacks></DescribeStacksResult><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata>'
      + '</DescribeStacksResponse>',
    );
  });

  test('contains code and message of an error', () => {
    expect(printQueryError('ValidationError', 'Stack with id a does not exist', 'id')).toContain(
      '<Code>ValidationError</Code><Message>Stack with id a does not exist</Message>',
    );
  });
});
