import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';

const rooms = ['dispatcher', 'rollout'] as const;
const shipped = (room: string): string => resolve('lambda', 'dist', room, 'index.js');

describe.each([{ room: 'rollout', kilobytes: 185 }, { room: 'dispatcher', kilobytes: 115 }])('the $room bundle', ({ room, kilobytes }) => {
  test(`is at most ${kilobytes} KB gzipped`, () => {
    expect(gzipSync(readFileSync(shipped(room)), { level: 9 }).length).toBeLessThanOrEqual(kilobytes * 1000);
  });

  test('exports the handler, and nothing that Lambda would not call', () => {
    const load = createRequire(__filename);
    expect(typeof load(shipped(room)).handler).toBe('function');
  });

  test('names no folder of the machine that built it', () => {
    expect(readFileSync(shipped(room), 'utf8')).not.toContain(resolve('.'));
  });
});

test('a build in another folder gives the same bytes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'another-checkout-'));
  try {
    cpSync(resolve('lambda'), join(folder, 'lambda'), { recursive: true, filter: (source) => !source.endsWith('dist') });
    for (const file of ['package.json', 'tsconfig.json']) cpSync(resolve(file), join(folder, file));
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    const { status, stderr } = spawnSync(process.execPath, [join(folder, 'lambda', 'build.mjs')], { cwd: folder, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const hash = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');
    expect(rooms.map((room) => hash(join(folder, 'lambda', 'dist', room, 'index.js')))).toEqual(rooms.map((room) => hash(shipped(room))));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
