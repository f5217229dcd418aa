import { ApiFault, faultOf } from '../../lambda/rollout/aws/fault';

const error = (name: string, message: string, httpStatusCode?: number, more: object = {}) =>
  ({ name, message, $metadata: { httpStatusCode }, ...more });

test.each([
  ['throttled', error('ThrottlingException', 'Rate exceeded', 400)],
  ['throttled', error('Anything', 'Slow down', 429)],
  ['denied', error('AccessDeniedException', 'not authorized', 400)],
  ['denied', error('Anything', 'no', 403)],
  ['denied', error('ClientException', 'User: a is not authorized to perform: iam:PassRole', 400)],
  ['throttled', error('SlowDown', 'Rate exceeded', 503)],
  ['throttled', error('Anything', 'later', 400, { $retryable: { throttling: true } })],
  ['transient', error('ServerException', 'oops', 400, { $fault: 'server' })],
  ['transient', error('RequestTimeout', 'your socket was idle for too long', 400)],
  ['transient', error('Error', 'aborted', 200, { code: 'ECONNRESET' })],
  ['transient', error('Error', 'aborted', 403, { code: 'ECONNRESET' })],
  ['transient', error('SyntaxError', 'Unexpected end of JSON input', 200)],
  ['transient', error('SyntaxError', 'Unexpected token <', 404)],
  ['transient', error('Unknown', 'UnknownError', 400)],
  ['transient', error('Anything', 'moved', 302)],
  ['transient', error('Anything', 'oops', 500)],
  ['transient', error('TimeoutError', 'socket hang up')],
  ['not-found', error('DaemonNotFoundException', 'gone', 400)],
  ['not-found', error('ClientException', 'The specified daemon was not found.', 400)],
  ['not-found', error('ClientException', "The daemon wasn't found.", 400)],
  ['not-found', error('InvalidParameterException', 'The specified resource was not found.', 400)],
  ['not-found', error('InvalidParameterException', "The specified resource wasn't found.", 400)],
  ['refused', error('ClientException', 'The specified cluster was not found.', 400)],
  ['refused', error('InvalidParameterException', 'The alarm of the daemon was not found.', 400)],
  ['refused', error('ClientException', "The specified daemon task definition wasn't found.", 400)],
  ['refused', error('ClientException', 'The daemon has a deployment in progress.', 400)],
  ['not-active', error('DaemonNotActiveException', 'inactive', 400)],
  ['deleting', error('InvalidParameterException', 'a deployment deletion is ongoing', 400)],
  ['not-ready', error('ClusterNotFoundException', 'Cluster not found.', 400)],
  ['not-ready', error('InvalidParameterException', 'Unable to assume the service linked role.', 400)],
  ['refused', error('InvalidParameterException', 'drainPercent must be between 1 and 100', 400)],
])('%s: %j', (kind, thrown) => {
  expect(faultOf(thrown)).toEqual({ kind, name: thrown.name, message: thrown.message });
});

test.each([
  'SlowDown', 'RequestThrottled', 'RequestThrottledException', 'EC2ThrottledException', 'PriorRequestNotComplete', 'ThrottledException',
  'Throttling', 'ThrottlingException', 'TooManyRequestsException', 'RequestLimitExceeded', 'LimitExceededException',
])('%s counts as throttling by any service', (name) => {
  expect(faultOf(error(name, 'Rate exceeded', 400)).kind).toBe('throttled');
});

test('a long message is cut at its end', () => {
  expect(faultOf(error('Anything', 'x'.repeat(501), 400)).message).toBe('x'.repeat(500));
});

test('a fault is classified once', () => {
  const fault = { kind: 'refused', name: 'A', message: 'b' } as const;
  expect(faultOf(new ApiFault(fault))).toBe(fault);
});

test.each([undefined, null, 'text'])('any thrown value becomes a fault: %p', (thrown) => {
  expect(faultOf(thrown)).toMatchObject({ kind: 'transient', name: 'Error' });
});
