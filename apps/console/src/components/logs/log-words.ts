import type { LogEntry, LogLevel } from '@sluice/client';

/** The colour of a level. */
export function levelTone(level: LogLevel): 'bad' | 'warn' | 'good' | 'quiet' {
  if (level === 'ERROR') return 'bad';
  if (level === 'WARN') return 'warn';
  return level === 'INFO' ? 'good' : 'quiet';
}

/** `14:03:27.123`, in the time of the browser. */
export function timeWords(timestamp: string): string {
  const time = new Date(timestamp.replace(',', '.'));
  if (Number.isNaN(time.getTime())) return timestamp;
  return `${time.toLocaleTimeString('en-GB')}.${String(time.getMilliseconds()).padStart(3, '0')}`;
}

/** A field as it stands behind the message. */
export function fieldWords(fields: LogEntry['fields']): readonly (readonly [string, string])[] {
  return Object.entries(fields ?? {}).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]);
}

/** `field="two words"`, as the filter reads it. */
export function conditionOf(name: string, value: string): string {
  return /^[^\s"]+$/.test(value) ? `${name}=${value}` : `${name}="${value.replaceAll('"', '')}"`;
}
