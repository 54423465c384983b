import { serve } from '@hono/node-server';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { settle, testManager } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { ADMIN_TOKEN, type Fixture, type FixtureOptions, OFFER, createFixture } from '../../testing/fixture.ts';
import { EventFeed } from './event-feed.ts';
import { eventStream } from './event-stream.ts';

const AUTHORISED = { authorization: `Bearer ${ADMIN_TOKEN}` };
const URL_OF_EVENTS = 'http://localhost:8080/api/v1/events';

interface SentEvent {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: unknown;
}

/** One client: reads events until it has enough. */
function listen({ app }: Pick<Fixture, 'app'>, query = '', headers: Record<string, string> = {}) {
  const request = app.request(`${URL_OF_EVENTS}${query}`, { headers: { ...AUTHORISED, ...headers } });
  let buffer = '';
  let reader: ReadableStreamDefaultReader<string> | undefined;
  return {
    request,
    async take(count: number): Promise<SentEvent[]> {
      reader ??= (await request).body!.pipeThrough(new TextDecoderStream()).getReader();
      const events: SentEvent[] = [];
      while (events.length < count) {
        const { value, done } = await reader.read();
        if (done) throw new Error(`The stream ended after ${events.length} events.`);
        buffer += value;
        const blocks = buffer.split('\n\n');
        buffer = blocks.pop() ?? '';
        events.push(...blocks.flatMap(eventOf));
      }
      return events;
    },
    close: () => reader?.cancel(),
  };
}

function eventOf(block: string): SentEvent[] {
  const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s, 2)));
  return fields['event'] === undefined ? [] : [{ id: fields['id'], event: fields['event'], data: JSON.parse(fields['data'] ?? '') }];
}

function create(http: FixtureOptions['http'] = {}) {
  return createFixture({ http });
}

async function publish({ app, manager, engine }: Fixture) {
  await app.request('/index/api/webrtc?app=live&stream=a&type=push&key=secret', { method: 'POST', body: OFFER });
  engine.lastTransport.setState('connected');
  const { id } = manager.sessions.list().at(-1)!;
  await manager.closeSession(id, 'enough');
  return id;
}

test('tells what becomes of streams and sessions, and no secret', async () => {
  await using fixture = await create();
  const client = listen(fixture);
  expect((await client.request).headers.get('content-type')).toBe('text/event-stream');
  const sessionId = await publish(fixture);
  const events = await client.take(5);
  expect(events.map(({ event }) => event).toSorted()).toEqual(['session-closed', 'session-opened', 'session-state', 'stream-changed', 'stream-changed']);
  expect(events.find(({ event }) => event === 'session-closed')?.data).toMatchObject({ sessionId, type: 'push', role: 'publisher', reason: 'enough', durationMs: 0 });
  expect(JSON.stringify(events)).not.toContain('secret');
  await client.close();
});

test('tells only the types that were asked for', async () => {
  await using fixture = await create();
  const client = listen(fixture, '?types=session-closed,session-state');
  await client.request;
  await publish(fixture);
  expect((await client.take(2)).map(({ event }) => event)).toEqual(['session-state', 'session-closed']);
  await client.close();
  const wrong = await fixture.app.request(`${URL_OF_EVENTS}?types=x`, { headers: AUTHORISED });
  expect([wrong.status, await wrong.json()]).toEqual([400, expect.objectContaining({ code: 'ARGUMENT_INVALID' })]);
});

test('who comes back is told what it has missed, or that this is not known any more', async () => {
  await using fixture = await create({ eventReplay: 7 });
  const first = listen(fixture);
  await first.request;
  await publish(fixture);
  const seen = await first.take(2);
  await first.close();
  const rest = await listen(fixture, '', { 'last-event-id': seen[1]!.id! }).take(3);
  expect(rest.map(({ id }) => id?.split('-')[1])).toEqual(['3', '4', '5']);
  expect((await listen(fixture, `?lastEventId=${seen[1]!.id!}`).take(3)).map(({ id }) => id)).toEqual(rest.map(({ id }) => id));
  await publish(fixture);
  for (const lost of [seen[0]!.id!, 'othr-9', 'x', `${seen[0]!.id!}99`]) {
    expect(await listen(fixture, '', { 'last-event-id': lost }).take(1)).toEqual([{ id: undefined, event: 'missed', data: { at: expect.any(Number) } }]);
  }
});

test('the name of a run may have hyphens', async () => {
  const { manager } = testManager();
  const feed = new EventFeed(manager, Date.now, '-a-b-');
  for (const live of [true, false]) manager.notify('stream-changed', { stream: { vhost: 'v', app: 'a', stream: 's' }, live });
  await settle();
  const told: (string | undefined)[] = [];
  feed.subscribe(({ id }) => told.push(id), '-a-b--1');
  expect(told).toEqual(['-a-b--2']);
});

test('only so many clients are taken, and their place is free again when they leave', async () => {
  await using fixture = await create({ maxEventClients: 1 });
  const client = listen(fixture);
  await client.request;
  const refused = await fixture.app.request(URL_OF_EVENTS, { headers: AUTHORISED });
  expect([refused.status, refused.headers.has('retry-after')]).toEqual([503, true]);
  await publish(fixture);
  await client.take(1);
  await client.close();
  await expect.poll(async () => (await listen(fixture).request).status).toBe(200);
});

/** A stream of its own feed, without an app. */
function ownStream() {
  const { manager, clock } = testManager();
  const feed = new EventFeed(manager);
  const stream = eventStream({ feed, clock, heartbeatMs: 1000, maxQueued: 4, lastEventId: undefined, types: undefined });
  return { clock, feed, stream, manager };
}

test('a client that does not read is cut and counted, and holds no timer', async () => {
  const { clock, feed, stream, manager } = ownStream();
  for (let count = 0; count < 10; count++) manager.notify('stream-changed', { stream: { vhost: 'v', app: 'a', stream: 's' }, live: true });
  await settle();
  expect(feed.figures).toMatchObject({ clients: 0, clientsCut: 1, told: 10 });
  expect(clock.pending).toBe(0);
  await expect(stream.getReader().read()).rejects.toThrow('too slowly');
});

test('a quiet connection is kept alive by comments', async () => {
  const { clock, stream } = ownStream();
  const reader = stream.getReader();
  const next = async (): Promise<string> => new TextDecoder().decode((await reader.read()).value);
  expect(await next()).toBe('retry: 2000\n\n');
  await clock.advance(2000);
  expect([await next(), await next()]).toEqual([': heartbeat\n\n', ': heartbeat\n\n']);
  await reader.cancel();
  await clock.advance(2000);
  expect(clock.pending).toBe(0);
});

test('over a real socket an event arrives at once, and a client that is gone is forgotten', async () => {
  await using fixture = await create();
  const server = serve({ fetch: fixture.app.fetch, port: 0, hostname: '127.0.0.1' });
  await once(server, 'listening');
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`;
  const gone = new AbortController();
  const response = await fetch(`${base}/events?types=stream-changed`, { headers: AUTHORISED, signal: gone.signal });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader.read()).value).toContain('retry');
  await publish(fixture);
  expect((await reader.read()).value).toContain('event: stream-changed');
  const clients = async (): Promise<unknown> => ((await (await fetch(`${base}/stats`, { headers: AUTHORISED })).json()) as { events: { clients: number } }).events.clients;
  expect(await clients()).toBe(1);
  gone.abort();
  await expect.poll(clients).toBe(0);
  server.close();
});
