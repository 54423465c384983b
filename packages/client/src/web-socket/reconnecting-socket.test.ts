import { FakeClock } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { fakeWebSockets } from '../testing/fake-web-socket.ts';
import { ReconnectingSocket, type ReconnectingSocketOptions, type SocketClose } from './reconnecting-socket.ts';

function connect(options: Partial<ReconnectingSocketOptions> = {}) {
  const clock = new FakeClock();
  const sockets = fakeWebSockets();
  const socket = new ReconnectingSocket({ url: 'ws://server/ws', webSocket: sockets.webSocket, clock, random: () => 0, reconnect: { minMs: 1_000, maxMs: 4_000 }, ...options });
  const opens: number[] = [];
  const messages: string[] = [];
  const closes: SocketClose[] = [];
  socket.on('open', ({ reconnects }) => opens.push(reconnects));
  socket.on('message', (text) => messages.push(text));
  socket.on('close', (close) => closes.push(close));
  return { socket, clock, sockets, opens, messages, closes };
}

test('it takes messages while it is open, and none before and after', () => {
  const { socket, sockets, messages, opens } = connect();
  expect(socket.send('early')).toBe(false);
  sockets.latest().accept();
  expect(socket.send('hello')).toBe(true);
  sockets.latest().receiveRaw(new Uint8Array(1));
  sockets.latest().receive('world');
  expect([sockets.latest().sent, messages, opens]).toEqual([['hello'], ['world'], [0]]);
  sockets.latest().readyState = 2;
  expect(socket.send('late')).toBe(false);
  expect(sockets.latest().sent).toEqual(['hello']);
});

test('a function is asked for the token of each connection; one that fails is a failed attempt, and one that is late of no use', async () => {
  const answers: (() => Promise<string>)[] = [() => Promise.resolve('one'), () => Promise.reject(new Error('no network')), () => new Promise(() => undefined), () => Promise.resolve('four')];
  const { socket, clock, sockets, closes } = connect({ connectTimeoutMs: 3_000, token: () => answers.shift()?.() });
  await clock.advance(0);
  sockets.latest().end();
  await clock.advance(1_000);
  await clock.advance(2_000);
  await clock.advance(3_000 + 4_000);
  expect(closes.map(({ reason }) => reason)).toEqual(['', 'The token could not be had: no network', 'No connection within 3000 ms.']);
  expect(sockets.made.map(({ url }) => url)).toEqual(['ws://server/ws?token=one', 'ws://server/ws?token=four']);
  socket.drop('again');
  let give: (token: string) => void = () => undefined;
  answers.push(() => new Promise((resolve) => { give = resolve; }));
  socket.connectNow();
  socket.close();
  give('late');
  await clock.advance(60_000);
  expect([sockets.made.length, socket.state, clock.pending]).toEqual([2, 'closed', 0]);
});

test('more bytes than the bound do not wait', () => {
  const { socket, sockets } = connect({ maxBufferedBytes: 10 });
  sockets.latest().accept();
  expect(socket.send('longer than the bound, and alone')).toBe(true);
  sockets.latest().bufferedAmount = 6;
  expect(socket.send('12345')).toBe(false);
  expect(socket.send('1234')).toBe(true);
  expect(socket.bufferedBytes).toBe(6);
});

test('pauses grow while attempts fail, and begin anew after a connection that lasted', async () => {
  const { clock, sockets, closes, opens } = connect();
  for (const pause of [1_000, 2_000, 4_000, 4_000]) {
    sockets.latest().end();
    const made = sockets.made.length;
    await clock.advance(pause - 1);
    expect(sockets.made).toHaveLength(made);
    await clock.advance(1);
    expect(sockets.made).toHaveLength(made + 1);
  }
  // Taken and closed at once is no success.
  sockets.latest().accept();
  sockets.latest().end(1008, 'go away');
  await clock.advance(4_000);
  sockets.latest().accept();
  await clock.advance(5_000);
  sockets.latest().end(1001, 'restart');
  expect(closes.map(({ retryInMs }) => retryInMs)).toEqual([1_000, 2_000, 4_000, 4_000, 4_000, 1_000]);
  expect(closes.at(-2)).toEqual({ code: 1008, reason: 'go away', wasOpen: true, retryInMs: 4_000 });
  expect(closes[0]).toEqual({ code: 1006, reason: '', wasOpen: false, retryInMs: 1_000 });
  expect(opens).toEqual([0, 1]);
});

test('chance shortens a pause', () => {
  const { sockets, closes } = connect({ random: () => 0.5, reconnect: { minMs: 1_000, jitter: 0.2 } });
  sockets.latest().end();
  expect(closes[0]!.retryInMs).toBe(900);
});

test('a connection that is never made is given up, and what its socket tells later does not matter', async () => {
  const { socket, clock, sockets, closes, opens } = connect({ connectTimeoutMs: 3_000 });
  await clock.advance(3_000);
  expect(sockets.latest().closed).toBeDefined();
  expect(closes).toEqual([{ code: 1006, reason: 'No connection within 3000 ms.', wasOpen: false, retryInMs: 1_000 }]);
  await clock.advance(1_000);
  const [late, current] = sockets.made;
  late!.accept();
  late!.receive('late');
  late!.end();
  expect([closes.length, opens, socket.state]).toEqual([1, [], 'connecting']);
  current!.accept();
  await clock.advance(60_000);
  expect([closes.length, opens, socket.state]).toEqual([1, [0], 'open']);
});

test('a connection that is thought to be dead is replaced, at once if wanted', () => {
  const { socket, sockets, closes } = connect();
  sockets.latest().accept();
  socket.drop('no pong');
  expect(closes).toEqual([{ code: 1006, reason: 'no pong', wasOpen: true, retryInMs: 1_000 }]);
  expect(socket.state).toBe('waiting');
  socket.connectNow();
  socket.connectNow();
  expect([sockets.made.length, socket.state]).toEqual([2, 'connecting']);
});

test('closed is for good, wherever it happens', async () => {
  for (const moment of ['connecting', 'open', 'waiting'] as const) {
    const { socket, clock, sockets, closes } = connect();
    if (moment !== 'connecting') sockets.latest().accept();
    if (moment === 'waiting') sockets.latest().end();
    expect(socket.state).toBe(moment);
    socket.close(1000, 'bye');
    socket.close();
    sockets.latest().end();
    await clock.advance(60_000);
    expect([sockets.made.length, socket.state, clock.pending]).toEqual([1, 'closed', 0]);
    expect(closes.at(-1)).toEqual({ code: 1000, reason: 'bye', wasOpen: moment === 'open', retryInMs: undefined });
  }
});

test('without reconnect, and after the last attempt, it stays closed', async () => {
  const once = connect({ reconnect: false });
  once.sockets.latest().end();
  expect([once.socket.state, once.closes[0]!.retryInMs]).toEqual(['closed', undefined]);
  const thrice = connect({ reconnect: { minMs: 1, maxMs: 1, maxAttempts: 2 } });
  for (let attempt = 0; attempt < 3; attempt++) {
    thrice.sockets.latest().end();
    await thrice.clock.advance(10);
  }
  thrice.socket.close();
  expect([thrice.socket.state, thrice.sockets.made.length, thrice.closes.length]).toEqual(['closed', 3, 3]);
});

test.each([
  ['http://server:1/a?b=1#c', 'ws://server:1/a?b=1&token=s+e%26'],
  ['https://server/', 'wss://server/?token=s+e%26'],
  ['wss://server/x?token=old', 'wss://server/x?token=s+e%26'],
])('%s is reached at %s', (url, reached) => {
  const { sockets } = connect({ url, token: 's e&' });
  expect(sockets.latest().url).toBe(reached);
});

test.each(['', '/ws', 'ftp://server/', 'ws//x'])('%j is no URL of a WebSocket', (url) => {
  expect(() => connect({ url })).toThrow(TypeError);
});
