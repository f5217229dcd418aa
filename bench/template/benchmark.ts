/** `npm run bench:template`: what gates and waves take in a template. Seconds; nothing in it depends on the machine. */
import { sizeOfDaemon, sizeOfWaves, type DaemonSize, type GateSettings } from './daemon-size';

const hours = (count: number): number => count * 60;
const whole = (value: number): string => Math.round(value).toLocaleString('en');

const heads = ['', 'timeout', 'gates', 'deletion gates', 'resources', 'bytes', 'bytes a gate'];

const row = (what: string, { timeoutMinutes, daemons, gates, deletionGates, bytes, bytesPerGate }: DaemonSize): string[] => [
  what, `${whole(timeoutMinutes)} min`, whole(gates), whole(deletionGates), whole(daemons + gates + deletionGates), whole(bytes),
  bytesPerGate === 0 ? '–' : whole(bytesPerGate),
];

const chosen: [string, DaemonSize][] = [
  ['no gates', sizeOfDaemon({})],
  ...[1, 4, 36].map((count): [string, DaemonSize] => [`${count} h`, sizeOfDaemon({ timeoutMinutes: hours(count) })]),
  ['3 waves', sizeOfWaves(3, {})],
  ['3 waves of 4 h each', sizeOfWaves(3, { timeoutMinutes: hours(4) })],
];

const settings: GateSettings[] = [
  { drainPercent: 50 }, { drainPercent: 25 }, { drainPercent: 20 }, { drainPercent: 10 }, { drainPercent: 5 }, { drainPercent: 1 },
  { drainPercent: 50, bakeMinutes: 15 }, { drainPercent: 25, bakeMinutes: 3 }, { drainPercent: 25, bakeMinutes: 10 },
  { drainPercent: 25, bakeMinutes: 60 }, { drainPercent: 10, bakeMinutes: 10 }, { drainPercent: 10, bakeMinutes: 60 },
];

const print = (rows: string[][]): void => {
  const lines = [heads, heads.map((head) => (head === '' ? '---' : '---:')), ...rows];
  console.log(`\n${lines.map((line) => `| ${line.join(' | ')} |`).join('\n')}`);
};

console.log('The daemon with its gates, without task definition and provider');
print(chosen.map(([what, size]) => row(what, size)));
console.log('\nWhat settings need by themselves');
print(settings.map((setting) => row(`${setting.drainPercent} %, bake ${setting.bakeMinutes ?? 0} min`, sizeOfDaemon(setting))));
