import { z } from 'zod';
import { count, milliseconds, named, text, wallClock } from './schema.ts';
import { sessionRole } from './session.ts';
import { streamKey } from './stream.ts';

const sessionIdentity = {
  sessionId: text,
  type: text,
  plugin: text,
  role: sessionRole,
  stream: streamKey.optional(),
  protocol: text,
  client: z.strictObject({ address: text, port: count }),
};

/** `data` of each event of `GET /api/v1/events`, by its name. */
export const eventData = {
  'stream-changed': named('StreamChangedEvent', 'A stream has become live, or has ended.', { at: wallClock, stream: streamKey, live: z.boolean() }),
  'session-opened': named('SessionOpenedEvent', 'A session has got its answer; its peer is not connected yet.', { at: wallClock, ...sessionIdentity }),
  'session-state': named('SessionStateEvent', 'The peer of a session has connected, or has fallen silent.', {
    at: wallClock,
    ...sessionIdentity,
    state: z.enum(['connected', 'disconnected']),
  }),
  'session-closed': named('SessionClosedEvent', 'A session has ended.', {
    at: wallClock,
    ...sessionIdentity,
    reason: text,
    durationMs: milliseconds,
    bytesReceived: count,
    bytesSent: count,
  }),
  missed: named('MissedEvent', 'Events behind Last-Event-ID are not kept any more; ask for the lists again.', { at: wallClock }),
} as const;

export type EventType = keyof typeof eventData;

export const EVENT_TYPES = ['stream-changed', 'session-opened', 'session-state', 'session-closed'] as const satisfies readonly EventType[];
