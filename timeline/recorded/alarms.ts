import type { Alarm, AlarmPeriod } from '../model';
import type { RecordedAlarmChange } from '../recording';

/** The states of the deployment alarms over a rollout; before its first change an alarm has no data. */
export function alarmsOf(changes: readonly RecordedAlarmChange[], names: readonly string[], start: number, end: number): Alarm[] {
  return names.map((name) => {
    const ofAlarm = changes.filter(({ alarmName }) => alarmName === name);
    const before = ofAlarm.findLast(({ time }) => Date.parse(time) <= start);
    const first: AlarmPeriod = before ? { state: before.to, from: 0, reason: before.reason } : { state: ofAlarm[0]?.from ?? 'INSUFFICIENT_DATA', from: 0 };
    const later = ofAlarm.filter(({ time }) => Date.parse(time) > start && Date.parse(time) <= end)
      .map(({ to, time, reason }) => ({ state: to, from: Date.parse(time) - start, reason }));
    return { name, states: [first, ...later] };
  });
}
