import { expect, test } from 'vitest';
import type { ServerEvent } from '../api/server-events.ts';
import { EVENT_KINDS, filterEvents } from './event-filter.ts';

const session = { sessionId: 'abc', type: 'play', role: 'viewer', stream: { app: 'live', stream: 'demo' }, protocol: 'whep', client: { address: '192.0.2.1', port: 5 } } as const;
const events: readonly ServerEvent[] = [
  { at: 4, type: 'session-closed', data: { ...session, reason: 'Kicked by an administrator', durationMs: 1, bytesReceived: 1, bytesSent: 1 } },
  { at: 3, type: 'missed', data: {} },
  { at: 2, type: 'session-opened', data: session },
  { at: 1, type: 'stream-changed', data: { stream: { app: 'live', stream: 'camera' }, live: true } },
];

const ALL = new Set(EVENT_KINDS);
const found = (text: string, kinds = ALL): number[] => filterEvents(events, { kinds, text }).map(({ at }) => at);

test('finds words anywhere in an event, all of them, whatever their capitals; gaps stay', () => {
  expect(found('')).toEqual([4, 3, 2, 1]);
  expect(found('live/demo')).toEqual([4, 3, 2]);
  expect(found(' kicked  192.0.2.1 ')).toEqual([4, 3]);
  expect(found('WHEP opened')).toEqual([3, 2]);
  expect(found('live/c')).toEqual([3, 1]);
  expect(found('nothing')).toEqual([3]);
});

test('shows only the kinds that were chosen', () => {
  expect(found('', new Set(['stream-changed']))).toEqual([3, 1]);
  expect(found('abc', new Set(['session-opened']))).toEqual([3, 2]);
});
