import type { ServerEvent } from '../api/server-events.ts';
import type { EventKind } from '../state/event-filter.ts';
import { formatBytes, formatDuration } from '../format.ts';
import { type Standing, socketText, titleOf } from './server-session-words.ts';

/** An event as a person reads it. */
export interface EventWords extends Standing {
  /** What it is about: `Viewer of live/demo`. */
  readonly subject: string;
  readonly facts: readonly string[];
  /** The session behind it. */
  readonly sessionId?: string;
}

/** For the choice of what is shown. */
export const KIND_LABELS: Readonly<Record<EventKind, string>> = {
  'stream-changed': 'Streams',
  'session-opened': 'Opened',
  'session-state': 'Connected, silent',
  'session-closed': 'Ended',
};

/** Says what has happened. A gap has words of its own. */
export function eventWords(event: Exclude<ServerEvent, { type: 'missed' }>): EventWords {
  if (event.type === 'stream-changed') {
    const { stream, live } = event.data;
    return { word: live ? 'Live' : 'Off', tone: live ? 'good' : 'quiet', subject: `${stream.app}/${stream.stream}`, facts: [] };
  }
  const { sessionId, client, protocol } = event.data;
  return { ...standingOf(event), subject: titleOf(event.data), facts: [socketText(client), protocol, ...endFacts(event)], sessionId };
}

function standingOf(event: Exclude<ServerEvent, { type: 'missed' | 'stream-changed' }>): Standing {
  if (event.type === 'session-opened') return { word: 'Opened', tone: 'quiet' };
  if (event.type === 'session-closed') return { word: 'Ended', tone: 'quiet' };
  return event.data.state === 'connected' ? { word: 'Connected', tone: 'good' } : { word: 'Silent', tone: 'warn' };
}

function endFacts(event: ServerEvent): readonly string[] {
  if (event.type !== 'session-closed') return [];
  const { reason, durationMs, bytesReceived, bytesSent } = event.data;
  return [reason, `after ${formatDuration(durationMs)}`, `${formatBytes(bytesReceived)} in, ${formatBytes(bytesSent)} out`].filter((fact) => fact !== '');
}
