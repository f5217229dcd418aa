import { aws_lambda as lambda, CustomResource, type Stack } from 'aws-cdk-lib';
import { describePoint, disturbed, type Point, pointsIn, READ_LAGS } from './interruption-points';
import { InterruptionRig, type ResourceEvent } from './interruption-rig';
import { synthesize } from '../../simulation/app/synthesized-app';

const FAILING = 'Custom::Failing';

/** A resource in the stack of the daemon that ends when the test requests it. */
function addFailing(stack: Stack): void {
  const handler = new lambda.Function(stack, 'FailingHandler', {
    runtime: lambda.Runtime.NODEJS_22_X, handler: 'index.handler', code: lambda.Code.fromInline('exports.handler = async () => {};'),
  });
  new CustomResource(stack, 'Failing', { serviceToken: handler.functionArn, resourceType: FAILING });
}

const app = synthesize('1', addFailing);

/** Answers CloudFormation in the place of the resource's function. */
async function answer(rig: InterruptionRig, event: ResourceEvent, Status: 'SUCCESS' | 'FAILED'): Promise<void> {
  const { StackId, RequestId, LogicalResourceId } = event;
  const body = Buffer.from(JSON.stringify({ Status, Reason: 'as told', PhysicalResourceId: 'failing', StackId, RequestId, LogicalResourceId }));
  const { pathname, searchParams } = new URL(event.ResponseURL);
  await rig.sandbox.cloudFormation.receiveAnswer({
    method: 'PUT', path: pathname, query: searchParams, headers: { 'content-length': String(body.length) }, body,
  });
}

const rigs: InterruptionRig[] = [];
afterEach(async () => { for (const rig of rigs.splice(0)) await rig.close(); });

const isOfFailing = ({ ResourceType }: ResourceEvent): boolean => ResourceType === FAILING;

/** A rig in which the failing resource is deleted when the test requests it. */
async function startRig(readLag: number): Promise<InterruptionRig> {
  const rig = await InterruptionRig.start(app, readLag);
  rigs.push(rig);
  rig.onEvent((event) => { if (isOfFailing(event) && event.RequestType === 'Delete') void answer(rig, event, 'SUCCESS'); });
  return rig;
}

describe.each(READ_LAGS)('at a read lag of %d s', (readLag) => {
  test('a create that another resource interrupts, at any of its external calls, leaves nothing behind (FM14, FM27)', async () => {
    const rig = await startRig(readLag);
    const stopAnswering = rig.onEvent((event) => { if (isOfFailing(event) && event.RequestType === 'Create') void answer(rig, event, 'SUCCESS'); });
    const { result, points } = await pointsIn(rig, () => rig.change(app.template));
    stopAnswering();
    expect(result).toMatchObject({ stackStatus: 'UPDATE_COMPLETE', reasons: [], deployments: 1 });
    await rig.change(undefined);

    const left: unknown[] = [];
    for (const point of points.filter(({ moment }) => moment === 'before')) {
      const outcome = await cutShortAt(rig, point);
      const isClean = outcome.stackStatus === 'UPDATE_ROLLBACK_COMPLETE' && outcome.daemon === 'DaemonNotFoundException' && outcome.running === 0;
      if (!isClean) left.push({ point: describePoint(point), outcome });
    }
    expect(left).toEqual([]);
  }, 300_000);

  test('a delete with an id that CloudFormation has invented deletes the daemon of its properties', async () => {
    const rig = await startRig(readLag);
    const created = await daemonEvent(rig);
    await deliverDuringUpdate(rig, deleteLike(created, 'Agents-Daemon-1A2B3C4D5E6F'));
    expect(await rig.daemon()).toBe('DaemonNotFoundException');
    expect(await rig.running()).toBe(0);
  });

  test('a delete with an id that CloudFormation has invented leaves the daemon of another stack alone', async () => {
    const rig = await startRig(readLag);
    const created = await daemonEvent(rig);
    await deliverDuringUpdate(rig, { ...deleteLike(created, 'Agents-Daemon-1A2B3C4D5E6F'), StackId: created.StackId.replace(/[^/]+$/, 'another') });
    expect(await rig.daemon()).toBe('example.com/agent:1');
    expect(await rig.running()).toBe(0);
  });

  test('a delete without an operation of the stack leaves the daemon alone', async () => {
    const rig = await startRig(readLag);
    const created = await daemonEvent(rig);
    await rig.deliver(deleteLike(created, 'Agents-Daemon-1A2B3C4D5E6F'));
    await rig.sandbox.clock.sleep(1800);
    expect(await rig.daemon()).toBe('example.com/agent:1');
    expect(await rig.running()).toBe(0);
  });
});

/** Delivers an event while another resource keeps the stack in an update, since no request is trusted outside an operation of its stack. */
async function deliverDuringUpdate(rig: InterruptionRig, event: ResourceEvent): Promise<void> {
  const template = JSON.parse(app.template) as { Resources: Record<string, { Type: string; Properties: Record<string, unknown> }> };
  Object.values(template.Resources).find(({ Type }) => Type === FAILING)!.Properties.Version = '2';
  const updated = rig.change(JSON.stringify(template));
  await rig.sandbox.clock.sleep(60);
  await rig.deliver(event);
  await rig.sandbox.clock.sleep(1800);
  void answer(rig, rig.events.findLast(isOfFailing)!, 'SUCCESS');
  await updated;
}

async function cutShortAt(rig: InterruptionRig, point: Point): ReturnType<InterruptionRig['change']> {
  const fail = (): void => void answer(rig, rig.events.findLast(isOfFailing)!, 'FAILED');
  const { result, happened } = await disturbed(rig, point, fail, () => rig.change(app.template));
  if (!happened) throw new Error(`the create never came to the point ${describePoint(point)}`);
  return result;
}

/** Creates the daemon, and returns the event. */
async function daemonEvent(rig: InterruptionRig): Promise<ResourceEvent> {
  const stopAnswering = rig.onEvent((event) => { if (isOfFailing(event) && event.RequestType === 'Create') void answer(rig, event, 'SUCCESS'); });
  expect(await rig.change(app.template)).toMatchObject({ stackStatus: 'UPDATE_COMPLETE', daemon: 'example.com/agent:1' });
  stopAnswering();
  return rig.events.findLast((event) => !isOfFailing(event))!;
}

const deleteLike = (event: ResourceEvent, PhysicalResourceId: string): ResourceEvent =>
  ({ ...event, RequestType: 'Delete', RequestId: '5eb63bbb-e01e-4ed0-93cb-22bb8f5acdc3', PhysicalResourceId });
