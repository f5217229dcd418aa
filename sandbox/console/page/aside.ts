import type { AlarmView, ConsoleView, LogView, RequestView } from '../view';
import { arrange, byId, html, Keyed, set, write } from './dom';
import { timeOfDay } from './words';

const SIGNS = { OK: '✓', ALARM: '▲', INSUFFICIENT_DATA: '?' } as const;

interface Entry {
  readonly element: HTMLElement;
  readonly sign: HTMLElement;
  readonly state: HTMLElement;
  readonly button: HTMLButtonElement;
  readonly fault: HTMLElement;
  /** What the button sets. */
  next: 'ALARM' | 'OK';
}

const none = html('p', { class: 'muted' }, 'No alarms.');

const alarms = new Keyed((name): Entry => {
  const [sign, state, fault] = [html('span', { 'aria-hidden': 'true' }), html('span', { class: 'muted' }), html('span', { role: 'alert' })];
  const button = html('button', { type: 'button' });
  const element = html('div', { class: 'alarm' }, sign, html('span', {}, name, html('br'), state, fault), button);
  const entry: Entry = { element, sign, state, button, fault, next: 'ALARM' };
  button.addEventListener('click', () => void setAlarm(name, entry));
  return entry;
});

async function setAlarm(name: string, { next, fault }: Entry): Promise<void> {
  write(fault, '');
  try {
    const body = JSON.stringify({ name, state: next });
    const answer = await fetch('/console/alarms', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    if (!answer.ok) write(fault, ` ${await answer.text()}`);
  } catch {
    write(fault, ' The sandbox does not answer.');
  }
}

export function showAlarms({ alarms: all }: ConsoleView): void {
  const names = Object.keys(all).sort();
  alarms.keep(names);
  for (const name of names) updateAlarm(name, all[name]!);
  arrange(byId('alarms'), names.length === 0 ? [none] : names.map((name) => alarms.of(name).element));
}

function updateAlarm(name: string, { state, reason, since }: AlarmView): void {
  const entry = alarms.of(name);
  entry.next = state === 'ALARM' ? 'OK' : 'ALARM';
  write(entry.sign, SIGNS[state]);
  set(entry.element, 'class', `alarm ${state}`);
  write(entry.state, `${state} since ${timeOfDay(since)}${state === 'ALARM' ? `: ${reason}` : ''}`);
  write(entry.button, `Set to ${entry.next}`);
  set(entry.button, 'aria-label', `Set to ${entry.next}: ${name}`);
}

/** The newest lines first; a line that is there does not change. */
function showLines<Line>(list: HTMLElement, lines: Readonly<Record<number, Line>>, make: (line: Line) => HTMLElement): void {
  const numbers = Object.keys(lines).sort((one, other) => Number(other) - Number(one));
  const present = new Map([...list.children].map((line) => [(line as HTMLElement).dataset.number!, line]));
  arrange(list, numbers.map((number) => {
    const line = present.get(number) ?? make(lines[Number(number)]!);
    (line as HTMLElement).dataset.number = number;
    return line;
  }));
}

function listIn(id: string, name: string): HTMLElement {
  const list = html('ol', { class: 'lines' });
  byId(id).append(html('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `${name}, the newest first` }, list));
  return list;
}

const log = listIn('log', 'Lines of the log');
const requests = listIn('requests', 'Newest requests');
const time = (at: number): HTMLElement => html('span', { class: 'muted' }, timeOfDay(at));

export const showLog = (view: ConsoleView): void => showLines(log, view.log, ({ at, text }: LogView) => html('li', {}, time(at), html('span', {}, text)));

export const showRequests = (view: ConsoleView): void => showLines(requests, view.requests, requestLine);

function requestLine({ at, service, operation, caller, error }: RequestView): HTMLElement {
  const failure = error === undefined ? [] : [html('b', { class: 'failed' }, ` ✕ ${error}`)];
  return html('li', {}, time(at), html('span', { class: 'code' }, operation, ...failure, html('span', { class: 'muted', title: caller }, `${service} · ${caller}`)));
}
