import { merge, type Json } from '../merge-patch';
import type { ConsoleView } from '../view';
import { Announcements } from './announcements';
import { showAlarms, showLog, showRequests } from './aside';
import { showClusters } from './clusters';
import { byId, html, write } from './dom';
import { showRollouts } from './rollouts';
import { count, timeOfDay } from './words';

let view: ConsoleView | undefined;
/** The parts of the view that have changed since they were drawn. */
const changed = new Set<string>();
let frame: number | undefined;

const announcements = new Announcements((message) => write(byId('announcement'), message), (action, pause) => void setTimeout(action, pause));

/** The parts of the page, by what they show. */
const PARTS: readonly (readonly [keyof ConsoleView, (present: ConsoleView) => void])[] = [
  ['rollouts', showRollouts], ['providers', showClusters], ['alarms', showAlarms], ['log', showLog], ['requests', showRequests],
  ['now', ({ now }) => write(byId('clock'), `${timeOfDay(now)} UTC`)],
  ['about', ({ about }) => write(byId('about'), `${about.clock} · ${about.region} · ${about.accountId}`)],
];

function draw(): void {
  frame = undefined;
  for (const [part, show] of PARTS) if (changed.has(part)) show(view!);
  if (['rollouts', 'providers', 'alarms'].some((part) => changed.has(part))) showNumbers(view!);
  changed.clear();
}

function receive(parts: readonly string[]): void {
  announcements.receive(view!);
  write(document.head.querySelector('title')!, titleOf(view!));
  for (const part of parts) changed.add(part);
  frame ??= requestAnimationFrame(draw); // a page in the background draws nothing
}

function titleOf({ rollouts }: ConsoleView): string {
  const running = Object.values(rollouts).findLast(({ isRunning }) => isRunning);
  return running ? `${running.word}${running.progress === undefined ? '' : `: ${running.progress}`} · sandbox` : 'Sandbox';
}

function showNumbers({ rollouts, providers, alarms }: ConsoleView): void {
  const cells = Object.values(providers).flatMap((provider) => Object.values(provider.cells));
  const clusters = new Set(Object.values(providers).map(({ cluster }) => cluster)).size;
  const uncovered = cells.filter((cell) => cell[1] === 'u').length;
  const states = Object.values(alarms).map(({ state }) => state);
  const firing = states.filter((state) => state === 'ALARM').length;
  const numbers: [number, string, string][] = [
    [Object.values(rollouts).filter(({ isRunning }) => isRunning).length, 'rollouts in progress', ''],
    [cells.length, `instances, ${count(clusters)} ${clusters === 1 ? 'cluster' : 'clusters'}`, ''],
    [uncovered, 'without the daemon', uncovered > 0 ? 'failed' : 'ok'],
    [firing, `in ALARM, ${count(states.filter((state) => state === 'OK').length)} OK`, firing > 0 ? 'failed' : ''],
  ];
  byId('numbers').replaceChildren(...numbers.map(([number, words, css]) => html('div', { class: css }, html('dt', {}, words), html('dd', {}, count(number)))));
}

const connection = (words: string): void => write(byId('connection'), words);
const events = new EventSource('/console/events');
events.addEventListener('all', ({ data }: MessageEvent<string>) => {
  view = JSON.parse(data) as ConsoleView;
  receive(Object.keys(view));
});
events.addEventListener('change', ({ data }: MessageEvent<string>) => {
  const patch = JSON.parse(data) as Record<string, Json>;
  merge(view as unknown as Record<string, Json>, patch);
  receive(Object.keys(patch));
});
events.addEventListener('open', () => connection('● live'));
events.addEventListener('error', () => connection(
  events.readyState === EventSource.CLOSED ? '✕ ended: open the address that the sandbox prints' : '○ interrupted, connecting again'));
