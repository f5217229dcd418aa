/** The source of the module `cfn-response`, which Lambda puts beside code that stands in a template. */
export const CFN_RESPONSE = `
const https = require('https');

exports.SUCCESS = 'SUCCESS';
exports.FAILED = 'FAILED';

exports.send = (event, context, status, data, physicalResourceId, noEcho) => new Promise((resolve) => {
  const { StackId, RequestId, LogicalResourceId } = event;
  const body = Buffer.from(JSON.stringify({
    Status: status,
    Reason: 'See the details in CloudWatch Log Stream: ' + context.logStreamName,
    PhysicalResourceId: physicalResourceId || context.logStreamName,
    StackId, RequestId, LogicalResourceId,
    NoEcho: noEcho || false,
    Data: data,
  }));
  const end = (fault) => {
    if (fault) console.log('send(..) failed: ' + fault);
    if (context.done) context.done();
    resolve();
  };
  const { hostname, pathname, search } = new URL(event.ResponseURL);
  const headers = { 'content-type': '', 'content-length': body.length };
  const request = https.request({ hostname, port: 443, path: pathname + search, method: 'PUT', headers }, (answer) => {
    answer.resume();
    answer.on('end', () => end());
  });
  request.on('error', end);
  request.end(body);
});
`;
