import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startLambdaRig, type LambdaRig } from './lambda-rig';

let rig: LambdaRig;
let other: Server;
let connections: number;

beforeEach(async () => {
  rig = await startLambdaRig();
  connections = 0;
  other = createServer((_incoming, outgoing) => void outgoing.end('reached')).on('connection', () => void connections++);
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  other.closeAllConnections();
  other.close();
  await rig.close();
});

test('the code of a function reaches no address but the sandbox, and cannot leave its thread', async () => {
  const FunctionName = await rig.createFunction('escapes.escapes');
  const event = { port: (other.address() as AddressInfo).port, files: [] };
  const { Payload } = await rig.sandbox.call('lambda', 'Invoke', { FunctionName, Payload: JSON.stringify(event) });
  expect(JSON.parse(Payload.toString())).toEqual([]);
  expect(connections).toBe(0);
});

test('modules are resolved only within the folder of the function', async () => {
  const FunctionName = await rig.createFunction('ordinary.looksUp');
  const { Payload } = await rig.sandbox.call('lambda', 'Invoke', { FunctionName, Payload: JSON.stringify({ module: 'outside' }) });
  expect(JSON.parse(Payload.toString())).toEqual({ code: 'MODULE_NOT_FOUND', paths: expect.not.arrayContaining(['/tmp/node_modules', '/node_modules']) });
});
