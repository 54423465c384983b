import { type JsonMessage, MediaError } from '@sluice/core';
import { FakeClock, MemoryLogger, fakeEngine, settle } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { Refusal } from '../refusal.ts';
import { HISTORY_ID } from '../registration.ts';
import type { Party } from '../room.ts';
import { Subscription } from '../subscription.ts';
import { type HistoryGroupOptions, completeHistoryOptions } from './history-options.ts';
import { History } from './history.ts';

const CANDIDATE = 'candidate:1 1 udp 1 192.0.2.1 5000 typ host';

function createHistory(options: HistoryGroupOptions = {}, maxMessageBytes = 65_536) {
  const [engine, clock, logger] = [fakeEngine(), new FakeClock(), new MemoryLogger()];
  const history = new History({ limits: { ...completeHistoryOptions(options), maxMessageBytes }, engine, clock, logger });
  const ask = (message: JsonMessage, room = 'default'): JsonMessage => {
    const answer = history.answer(partyOf({ id: 'c', role: 'consumer', room }), { type: 'history_request', ...message });
    return answer instanceof Refusal ? { refused: answer.code } : JSON.parse(answer);
  };
  const textsOf = (systemName: string, room?: string): unknown[] => (ask({ system_name: systemName }, room)['entries'] as { entry: { message: string } }[]).map(({ entry }) => entry.message);
  return { history, recorder: history.recorder, engine, clock, ask, textsOf };
}

function partyOf(changes: Partial<Party> = {}): Party & { readonly told: JsonMessage[] } {
  const told: JsonMessage[] = [];
  const id = changes.id ?? 'p';
  return { role: 'producer', room: 'default', systemName: 'shop', metadata: {}, subscription: new Subscription(1), tell: (message) => void told.push(message), ...changes, id, told };
}

function entry(message: string): string {
  return JSON.stringify({ timestamp: '2026-11-28T09:00:00Z', level: 'INFO', target: 't', message });
}

test('a producer is asked for its logs, answered, and written down', async () => {
  const { recorder, engine, ask } = createHistory();
  const producer = partyOf();
  recorder.welcome(producer);
  expect(producer.told).toEqual([{ type: 'consumer_connected', consumer_id: HISTORY_ID }]);
  expect(await recorder.receive(producer, { type: 'webrtc_offer', sdp: 'v=0', connection: 'one' })).toBeUndefined();
  expect(producer.told.at(-1)).toMatchObject({ type: 'webrtc_answer', from: HISTORY_ID, to: 'p', sdp: expect.stringContaining('v=0'), connection: 'one' });
  expect(engine.lastTransport.answered?.capabilities).toEqual({ data: true });
  const channel = engine.lastTransport.openDataChannel('logs');
  const other = engine.lastTransport.openDataChannel('other');
  channel.receive(entry('first'));
  channel.receive(`[${entry('second')},{}]`);
  other.receive(entry('not a log'));
  expect(other.open).toBe(false);
  const { entries } = ask({ system_name: 'shop' }) as { entries: JsonMessage[] };
  expect(entries).toEqual(['first', 'second'].map((message) => ({ seq: expect.any(Number), producer_id: 'p', entry: JSON.parse(entry(message)) })));
  expect(recorder.counters).toMatchObject({ received: 2, dropped: { malformed: 1 } });
});

test('candidates are taken before and after the answer, and those of another connection are not', async () => {
  const { recorder, engine } = createHistory();
  const producer = partyOf();
  const answered = recorder.receive(producer, { type: 'webrtc_offer', sdp: 'v=0', connection: 'one' });
  const early = recorder.receive(producer, { type: 'ice_candidate', candidate: CANDIDATE, sdpMLineIndex: 0 });
  expect(engine.lastTransport.candidates).toHaveLength(0);
  await Promise.all([answered, early]);
  await recorder.receive(producer, { type: 'ice_candidate', candidate: { candidate: CANDIDATE }, connection: 'one' });
  await recorder.receive(producer, { type: 'ice_candidate', candidate: CANDIDATE, connection: 'before' });
  await recorder.receive(producer, { type: 'ice_candidate', candidate: '' });
  expect(engine.lastTransport.candidates).toEqual([{ candidate: CANDIDATE }, { candidate: CANDIDATE }]);
  expect(await recorder.receive(producer, { type: 'ice_candidate', candidate: 1 })).toMatchObject({ code: 'bad_candidate' });
});

test('a new offer takes the place of the connection before', async () => {
  const { recorder, engine, textsOf } = createHistory();
  const producer = partyOf();
  await recorder.receive(producer, { type: 'webrtc_offer', sdp: 'v=0' });
  await recorder.receive(producer, { type: 'webrtc_offer', sdp: 'v=0' });
  await settle();
  expect(engine.transports.map(({ state }) => state)).toEqual(['closed', 'new']);
  expect(recorder.size).toBe(1);
  engine.lastTransport.openDataChannel('logs').receive(entry('still'));
  expect(textsOf('shop')).toEqual(['still']);
});

test('what cannot be answered is refused, and leaves nothing open', async () => {
  const { recorder, engine } = createHistory({ maxProducers: 1 });
  expect(await recorder.receive(partyOf(), { type: 'webrtc_offer', sdp: 1 })).toMatchObject({ code: 'bad_offer' });
  engine.answerError = new MediaError('OFFER_UNACCEPTABLE', 'no');
  expect(await recorder.receive(partyOf(), { type: 'webrtc_offer', sdp: 'v=0' })).toMatchObject({ code: 'bad_offer', message: 'no' });
  engine.answerError = new Error('a bug');
  expect(await recorder.receive(partyOf(), { type: 'webrtc_offer', sdp: 'v=0' })).toMatchObject({ code: 'history_unavailable' });
  expect([engine.transportCount, recorder.size]).toEqual([0, 0]);
  engine.answerError = undefined;
  await recorder.receive(partyOf(), { type: 'webrtc_offer', sdp: 'v=0' });
  const second = partyOf({ id: 'second' });
  recorder.welcome(second);
  expect(second.told).toEqual([]);
  expect(await recorder.receive(second, { type: 'webrtc_offer', sdp: 'v=0' })).toMatchObject({ code: 'history_full' });
  engine.lastTransport.setState('closed', 'gone');
  expect(await recorder.receive(second, { type: 'webrtc_offer', sdp: 'v=0' })).toBeUndefined();
});

test('entries, bytes per second and systems have bounds', async () => {
  const { history, recorder, engine, clock, textsOf } = createHistory({ entries: 2, maxEntryBytes: 200, maxSystems: 2, maxBytesPerSecond: 1_000 });
  await recorder.receive(partyOf(), { type: 'webrtc_offer', sdp: 'v=0' });
  const channel = engine.lastTransport.openDataChannel('logs');
  for (const text of ['a', 'b', 'x'.repeat(200), 'c']) channel.receive(entry(text));
  expect(textsOf('shop')).toEqual(['b', 'c']);
  expect(recorder.counters.dropped).toMatchObject({ oversized: 1, rate: 0 });
  channel.receive(`[${' '.repeat(2_000)}]`);
  channel.receive(entry('too much'));
  expect(recorder.counters.dropped.rate).toBe(1);
  await clock.advance(3_000);
  channel.receive(entry('again'));
  expect(textsOf('shop')).toEqual(['c', 'again']);
  const add = (systemName: string): void => history.archive.add({ room: 'default', systemName }, 'q', [entry('x')]);
  for (const systemName of ['second', 'shop', 'third']) add(systemName);
  expect([textsOf('shop'), textsOf('second'), history.archive.size, history.archive.evicted]).toEqual([['again', 'x'], [], 2, 1]);
});

test('after a change the newest that fit are kept, and a producer that is recorded keeps its bounds', async () => {
  const { history, recorder, engine, ask, textsOf } = createHistory({ entries: 4 });
  await recorder.receive(partyOf(), { type: 'webrtc_offer', sdp: 'v=0' });
  const channel = engine.lastTransport.openDataChannel('logs');
  history.archive.add({ room: 'default', systemName: 'old' }, 'q', [entry('x')]);
  for (const text of ['a', 'b', 'c', 'd', 'e']) channel.receive(entry(text));
  const limits = { ...completeHistoryOptions({ entries: 2, maxSystems: 1, maxEntryBytes: 10, maxProducers: 1 }), maxMessageBytes: 1_024 + 100 };
  history.configure(limits);
  expect([textsOf('old'), history.archive.entries, history.archive.evicted]).toEqual([[], 2, 1]);
  expect(ask({ system_name: 'shop' })).toMatchObject({ entries: [], more: true });
  history.configure({ ...limits, entries: 3, maxMessageBytes: 65_536 });
  channel.receive(entry('f'));
  expect(textsOf('shop')).toEqual(['d', 'e', 'f']);
  channel.receive(entry('g'));
  expect(textsOf('shop')).toEqual(['e', 'f', 'g']);
  expect(await recorder.receive(partyOf({ id: 'p2' }), { type: 'webrtc_offer', sdp: 'v=0' })).toMatchObject({ code: 'history_full' });
  await recorder.receive(partyOf(), { type: 'webrtc_offer', sdp: 'v=0' });
  engine.lastTransport.openDataChannel('logs').receive(entry('too long now'));
  expect(recorder.counters.dropped.oversized).toBe(1);
});

test('a history comes in pages that fit into a message, each entry once and in order', () => {
  const { history, ask } = createHistory({}, 4_096);
  const texts = Array.from({ length: 200 }, (_, index) => `${index} ${'ä'.repeat(100)}`);
  history.archive.add({ room: 'default', systemName: 'shop' }, 'p', texts.map(entry));
  const pages: JsonMessage[] = [];
  for (let page = ask({ system_name: 'shop' }); ; page = ask({ system_name: 'shop', after: page['next'] })) {
    pages.push(page);
    if (page['more'] !== true) break;
  }
  expect(pages.length).toBeGreaterThan(10);
  expect(Math.max(...pages.map((page) => Buffer.byteLength(JSON.stringify(page))))).toBeLessThanOrEqual(4_096);
  expect(pages.flatMap(({ entries }) => (entries as { entry: { message: string } }[]).map((row) => row.entry.message))).toEqual(texts);
  const newest = ask({ system_name: 'shop', last: 2 });
  expect(newest).toMatchObject({ more: false, entries: [{ entry: { message: texts[198] } }, { entry: { message: texts[199] } }] });
  expect(ask({ system_name: 'shop', after: newest['next'] })).toMatchObject({ entries: [], more: false, next: newest['next'] });
});

test('each room has its own, and lists its systems', () => {
  const { history, ask, textsOf } = createHistory();
  history.archive.add({ room: 'default', systemName: 'shop' }, 'p', [entry('a')]);
  history.archive.add({ room: 'other', systemName: 'shop' }, 'p', [entry('b')]);
  expect([textsOf('shop'), textsOf('shop', 'other'), textsOf('shop', 'third')]).toEqual([['a'], ['b'], []]);
  expect(ask({})).toEqual({ type: 'history_systems', systems: [{ system_name: 'shop', entries: 1, bytes: entry('a').length, oldest: expect.any(Number), newest: expect.any(Number) }] });
  expect(ask({}, 'third')).toEqual({ type: 'history_systems', systems: [] });
});

test.each([{ system_name: 1 }, { system_name: '' }, { system_name: 's', after: -1 }, { system_name: 's', after: 'x' }, { system_name: 's', last: 1.5 }])('%j is no request', (message) => {
  expect(createHistory().ask(message)).toEqual({ refused: 'bad_history_request' });
});
