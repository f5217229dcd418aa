import { spawnSync } from 'node:child_process';
import { VirtualClock } from '../../sandbox/core/clock';

const start = new Date('2026-01-01T00:00:00Z');
const secondsSince = (clock: VirtualClock): number => (clock.now() - start.getTime()) / 1000;

describe('a manual clock', () => {
  test('does not move until it is advanced', async () => {
    const clock = new VirtualClock('manual', start);
    const fired: string[] = [];
    clock.after(10, () => fired.push('ten'));

    await clock.advance(9.999);
    expect(fired).toEqual([]);
    await clock.advance(0.001);
    expect(fired).toEqual(['ten']);
    expect(secondsSince(clock)).toBe(10);
  });

  test('runs timers by time, and those of one moment in the order they were set', async () => {
    const clock = new VirtualClock('manual', start);
    const fired: string[] = [];
    for (const [name, seconds] of [['c', 3], ['a', 1], ['b1', 2], ['b2', 2]] as const) clock.after(seconds, () => fired.push(name));

    await clock.advance(5);
    expect(fired).toEqual(['a', 'b1', 'b2', 'c']);
  });

  test('shows each timer the time for which it was set', async () => {
    const clock = new VirtualClock('manual', start);
    const seen: number[] = [];
    clock.after(1, () => seen.push(secondsSince(clock)));
    clock.after(4, () => seen.push(secondsSince(clock)));

    await clock.advance(60);
    expect(seen).toEqual([1, 4]);
  });

  test('runs timers that other timers set within the advance', async () => {
    const clock = new VirtualClock('manual', start);
    const fired: number[] = [];
    const every = (): void => void clock.after(2, () => { fired.push(secondsSince(clock)); every(); });
    every();

    await clock.advance(7);
    expect(fired).toEqual([2, 4, 6]);
  });

  test('never runs a timer that was cancelled', async () => {
    const clock = new VirtualClock('manual', start);
    const fired: string[] = [];
    clock.after(1, () => fired.push('kept'));
    clock.after(1, () => fired.push('cancelled')).cancel();

    await clock.advance(2);
    expect(fired).toEqual(['kept']);
  });
});

describe('a jumping clock', () => {
  test('continues after an action that throws, although nothing else moves it', () => {
    const program = `
      const { VirtualClock } = require('./sandbox/core/clock');
      process.on('uncaughtException', ({ message }) => console.log('told of', message));
      const clock = new VirtualClock('jumping', new Date(0));
      clock.after(1, () => { throw new Error('a fault'); });
      clock.after(2, () => console.log('at', clock.now()));
    `;
    const { stdout } = spawnSync(process.execPath, ['--import', 'tsx', '-e', program], { encoding: 'utf8' });
    expect(stdout).toBe('told of a fault\nat 2000\n');
  });

  test('jumps to the next timer when nothing holds it', async () => {
    const clock = new VirtualClock('jumping', start);
    await clock.sleep(3600);
    expect(secondsSince(clock)).toBe(3600);
    clock.close();
  });

  test('does not pass while it is held, and passes when it is released', async () => {
    const clock = new VirtualClock('jumping', start);
    const release = clock.hold();
    let fired = false;
    clock.after(30, () => { fired = true; });
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect([fired, secondsSince(clock)]).toEqual([false, 0]);

    release();
    await clock.sleep(30);
    expect([fired, secondsSince(clock)]).toEqual([true, 30]);
    clock.close();
  });

  test('counts a hold once, however often it is released', async () => {
    const clock = new VirtualClock('jumping', start);
    const first = clock.hold();
    const second = clock.hold();
    first();
    first();
    clock.after(5, () => undefined);
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(secondsSince(clock)).toBe(0);
    second();
    await clock.sleep(5);
    expect(secondsSince(clock)).toBe(5);
    clock.close();
  });

  test('runs a thousand timers in order', async () => {
    const clock = new VirtualClock('jumping', start);
    const fired: number[] = [];
    for (let index = 0; index < 1000; index++) clock.after((index * 7919) % 1000, () => fired.push(secondsSince(clock)));
    await clock.sleep(1000);
    expect(fired).toHaveLength(1000);
    expect(fired).toEqual([...fired].sort((a, b) => a - b));
    clock.close();
  });
});

describe('a scaled clock', () => {
  const SCALE = 3600;

  /** Sets the wall clock. */
  beforeEach(() => void jest.useFakeTimers({ now: 0 }));
  afterEach(() => void jest.useRealTimers());

  test('runs so many times as fast as the wall clock', () => {
    const clock = new VirtualClock({ scale: SCALE }, start);
    const fired: number[] = [];
    clock.after(1800, () => fired.push(secondsSince(clock)));
    jest.advanceTimersByTime(499);
    expect(fired).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(fired).toEqual([1800]);
  });

  test('does not pass while it is held, and passes when it is released', () => {
    const clock = new VirtualClock({ scale: SCALE }, start);
    const fired: number[] = [];
    clock.after(3600, () => fired.push(secondsSince(clock)));
    jest.advanceTimersByTime(250);
    const [release, other] = [clock.hold(), clock.hold()];
    jest.advanceTimersByTime(60_000);
    other();
    jest.advanceTimersByTime(60_000);
    expect([secondsSince(clock), fired]).toEqual([900, []]);
    release();
    jest.advanceTimersByTime(750);
    expect(fired).toEqual([3600]);
  });

  test('fires a due timer only after the work of the last one is done', () => {
    const clock = new VirtualClock({ scale: SCALE }, start);
    const fired: string[] = [];
    let release = (): void => undefined;
    clock.after(1, () => release = clock.hold());
    clock.after(1, () => fired.push('second'));
    jest.advanceTimersByTime(1000);
    expect(fired).toEqual([]);
    release();
    jest.advanceTimersByTime(1);
    expect(fired).toEqual(['second']);
  });
});
