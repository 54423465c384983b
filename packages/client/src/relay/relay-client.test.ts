import { FakeClock, rejectionOf } from '@sluice/core/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fakeWebSockets } from '../testing/fake-web-socket.ts';
import { RelayClient, type RelayClientOptions } from './relay-client.ts';
import type { ReceivedRelayMessage } from './relay-message.ts';

function connect(options: Partial<RelayClientOptions> = {}) {
  const clock = new FakeClock();
  const sockets = fakeWebSockets();
  const client = new RelayClient({ url: 'ws://server/relay', clientId: 'me', webSocket: sockets.webSocket, clock, random: () => 0, reconnect: { minMs: 1_000, maxMs: 4_000 }, ...options });
  const received: ReceivedRelayMessage[] = [];
  const errors: string[] = [];
  const registered: boolean[] = [];
  client.on('message', (message) => received.push(message));
  client.on('error', ({ code }) => errors.push(code));
  client.on('registered', ({ again }) => registered.push(again));
  return { client, clock, sockets, received, errors, registered };
}

/** One that the relay has taken. */
function register(options: Partial<RelayClientOptions> = {}) {
  const connected = connect(options);
  welcome(connected.sockets);
  return connected;
}

function welcome(sockets: ReturnType<typeof fakeWebSockets>): void {
  sockets.latest().accept();
  sockets.latest().receive({ type: 'registered', client_id: 'me' });
}

test('it registers, sends to one and to all, and tells what others send', async () => {
  const { client, sockets, received } = connect();
  const ready = client.registered();
  sockets.latest().accept();
  expect(client.send('b', { type: 'early' })).toBe(false);
  sockets.latest().receive({ type: 'registered', client_id: 'me' });
  await ready;
  expect(client.state).toBe('registered');
  expect(client.send('b', { type: 'offer', sdp: 'v=0', target_id: 'c' })).toBe(true);
  expect(client.broadcast({ type: 'hello', target_id: 'c' })).toBe(true);
  expect(sockets.latest().messages).toEqual([{ type: 'register', client_id: 'me' }, { type: 'offer', sdp: 'v=0', target_id: 'b' }, { type: 'hello', target_id: '' }]);
  sockets.latest().receive({ type: 'error', from: 'b', code: 'mine' });
  expect(received).toEqual([{ from: 'b', message: { type: 'error', code: 'mine' } }]);
  expect(client.metrics).toMatchObject({ sent: 2, received: 1, dropped: 1, errors: 0 });
  expect(() => client.send('', {})).toThrow(RangeError);
});

test('after a loss it comes back and registers again', async () => {
  const { client, clock, sockets, registered } = register();
  sockets.latest().end(1001);
  expect(client.state).toBe('waiting');
  expect(client.send('b', {})).toBe(false);
  await clock.advance(1_000);
  welcome(sockets);
  expect([registered, client.send('b', {}), client.metrics.reconnects]).toEqual([[false, true], true, 1]);
});

test('clients are listed, once for all who ask', async () => {
  const { client, sockets } = register();
  const lists = [client.list(), client.list()];
  sockets.latest().receive({ type: 'clients', clients: ['me', 'b'] });
  expect(await Promise.all(lists)).toEqual([['me', 'b'], ['me', 'b']]);
  expect(sockets.latest().sent).toHaveLength(2);
});

test('a list that does not come is given up, and so is one whose connection is lost', async () => {
  const { client, clock, sockets } = register();
  const late = rejectionOf(client.list());
  await clock.advance(10_000);
  expect(await late).toMatchObject({ code: 'timeout' });
  const lost = rejectionOf(client.list());
  sockets.latest().end();
  expect(await lost).toMatchObject({ code: 'offline' });
  await expect(client.list()).rejects.toMatchObject({ code: 'offline' });
  const closed = rejectionOf(client.registered());
  client.close();
  expect(await closed).toMatchObject({ code: 'closed' });
});

test('errors of the relay are told, and do not end a connection that is registered', () => {
  const { client, sockets, errors } = register();
  sockets.latest().receive({ type: 'error', code: 'unknown_target', message: 'Nobody.', target_id: 'x' });
  sockets.latest().receive({ type: 'error', message: 'of an old relay' });
  expect([errors, client.state]).toEqual([['unknown_target', 'unknown'], 'registered']);
});

test('an id that its own lost connection still has is asked for again', async () => {
  const { client, clock, sockets, errors } = connect();
  const ready = rejectionOf(client.registered());
  sockets.latest().accept();
  sockets.latest().receive({ type: 'error', code: 'duplicate_client_id', message: 'me is alive' });
  expect(await ready).toMatchObject({ code: 'duplicate_client_id' });
  expect(client.state).toBe('waiting');
  await clock.advance(1_000);
  welcome(sockets);
  expect([client.state, errors]).toEqual(['registered', ['duplicate_client_id']]);
});

test.each(['token_incorrect', 'bad_client_id'])('%s ends it for good', async (code) => {
  const { client, clock, sockets } = connect();
  sockets.latest().accept();
  sockets.latest().receive({ type: 'error', code, message: 'No.' });
  await clock.advance(60_000);
  expect([client.state, sockets.made.length, clock.pending]).toEqual(['closed', 1, 0]);
});

test('a relay that does not answer is left, at registration and later', async () => {
  const { client, clock, sockets } = connect({ requestTimeoutMs: 3_000, keepAliveMs: 5_000 });
  sockets.latest().accept();
  await clock.advance(3_000);
  expect(client.state).toBe('waiting');
  await clock.advance(1_000);
  welcome(sockets);
  await clock.advance(5_000);
  expect(sockets.latest().messages.at(-1)).toEqual({ type: 'keep_alive', target_id: 'me' });
  await clock.advance(7);
  sockets.latest().receive({ type: 'keep_alive', from: 'me' });
  expect([client.metrics.rttMs, client.metrics.received]).toEqual([7, 0]);
  await clock.advance(5_000);
  expect(client.state).toBe('registered');
  await clock.advance(5_000);
  expect(client.state).toBe('waiting');
});

test('messages that the relay would close the connection for are refused here', () => {
  const { client, sockets } = register({ maxMessageBytes: 40 });
  expect(() => client.broadcast({ text: 'é'.repeat(20) })).toThrow(RangeError);
  expect(client.broadcast({ a: 'é' })).toBe(true);
  expect(sockets.latest().sent).toHaveLength(2);
});

test('whatever else the relay sends is counted, and changes nothing', () => {
  const { client, sockets, received } = register();
  const noise = fc.oneof(fc.json(), fc.string(), fc.record({ type: fc.constantFrom('registered', 'clients', 'strange', 1), client_id: fc.jsonValue(), clients: fc.jsonValue() }).map((value) => JSON.stringify(value)));
  fc.assert(
    fc.property(noise, (text) => {
      sockets.latest().receive(text);
      return client.state === 'registered' && received.length === 0;
    }),
  );
  expect(client.metrics.malformed).toBeGreaterThan(50);
});
