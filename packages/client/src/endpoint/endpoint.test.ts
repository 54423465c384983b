import { FakeClock } from '@sluice/core/testing';
import { expect, onTestFinished, test, vi } from 'vitest';
import { ANSWER, FakePeerConnection, RESTARTED } from '../testing/fake-peer-connection.ts';
import { FakeServer } from '../testing/fake-server.ts';
import { Endpoint } from './endpoint.ts';
import type { EndpointError } from './endpoint-error.ts';
import type { EndpointOptions } from './options.ts';

/** A page without one: what the server does, what the network does and what time it is say the tests. */
function setUp(options: Partial<EndpointOptions> = {}) {
  const server = new FakeServer();
  const clock = new FakeClock();
  const peers: FakePeerConnection[] = [];
  class Peer extends FakePeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      peers.push(this);
    }
  }
  const endpoint = new Endpoint({ url: 'http://media.example/whep/live/a', peerConnection: Peer, fetch: server.fetch, clock, random: () => 0, ...options });
  const states: string[] = [];
  const errors: EndpointError[] = [];
  endpoint.on('state', ({ state }) => states.push(state));
  endpoint.on('error', (error) => errors.push(error));
  onTestFinished(() => endpoint.close());

  /** The newest peer connection. */
  const peer = (): FakePeerConnection => peers.at(-1) ?? new FakePeerConnection();
  const settle = (): Promise<void> => clock.advance(0);
  async function connect(): Promise<void> {
    await settle();
    peer().become('connected');
    await settle();
  }
  return { server, clock, peers, peer, endpoint, states, errors, settle, connect };
}

test('starts by itself, asks the server, and is connected when media can flow', async () => {
  const { endpoint, server, peer, states, settle, connect } = setUp({ token: () => Promise.resolve('secret') });
  const steps: string[] = [];
  endpoint.on('step', (step) => steps.push(step));
  expect(endpoint.state).toBe('new');
  await settle();
  expect([endpoint.state, endpoint.step]).toEqual(['connecting', 'transport']);
  expect(peer().transceivers).toMatchObject([{ kind: 'audio', init: { direction: 'recvonly' } }, { kind: 'video', init: { direction: 'recvonly' } }]);
  await connect();
  await endpoint.start();
  expect(states).toEqual(['connecting', 'connected']);
  expect(steps).toEqual(['negotiating', 'transport']);
  expect(server.seen).toMatchObject([{ method: 'POST', path: '/whep/live/a', authorization: 'Bearer secret' }]);
});

test('does not start before it is told to, with autoStart false', async () => {
  const { endpoint, settle, server } = setUp({ autoStart: false });
  await settle();
  expect([endpoint.state, server.seen.length]).toEqual(['new', 0]);
  void endpoint.start();
  await settle();
  expect(server.methods()).toEqual(['POST']);
});

test('close deletes the session before it ends the connection, once', async () => {
  const { endpoint, server, peer, connect, states, settle, clock } = setUp();
  await connect();
  let isClosedAtDelete: boolean | undefined;
  server.on('DELETE', () => {
    isClosedAtDelete = peer().isClosed;
    return new Response(null, { status: 200 });
  });
  await Promise.all([endpoint.close(), endpoint.close()]);
  await settle();
  expect(server.seen.slice(1)).toMatchObject([{ method: 'DELETE', path: '/session/1', keepalive: true }]);
  expect([isClosedAtDelete, peer().isClosed]).toEqual([false, true]);
  expect(states.at(-1)).toBe('closed');
  expect(clock.pending).toBe(0);
});

test('close does not wait for a server that is away', async () => {
  const { endpoint, server, peer, connect, clock } = setUp();
  await connect();
  server.on('DELETE', () => new Promise(() => undefined));
  const closed = endpoint.close();
  await clock.advance(2_000);
  await closed;
  expect(peer().isClosed).toBe(true);
  expect(clock.pending).toBe(0);
});

test('close while the server thinks gives the offer up, and a session that comes all the same is deleted', async () => {
  const { endpoint, server, settle, peer } = setUp();
  const answer = Promise.withResolvers<Response>();
  server.on('POST', () => answer.promise);
  await settle();
  const started = endpoint.start();
  await endpoint.close();
  await expect(started).rejects.toMatchObject({ failure: 'closed' });
  answer.resolve(new Response(ANSWER, { status: 201, headers: { 'content-type': 'application/sdp', location: '/session/2' } }));
  await settle();
  expect(server.seen.at(-1)).toMatchObject({ method: 'DELETE', path: '/session/2' });
  expect(peer().isClosed).toBe(true);
});

test('tries again with growing pauses while the server is away, and pauses begin anew after a while of success', async () => {
  const { server, clock, endpoint, states, connect, settle, errors, peer } = setUp({ reconnect: { minMs: 1_000, maxMs: 4_000, jitter: 0, stableMs: 5_000 } });
  const pauses: (number | undefined)[] = [];
  endpoint.on('state', ({ state, retryInMs }) => state === 'reconnecting' && pauses.push(retryInMs));
  server.unreachable('POST');
  await settle();
  for (const pause of [1_000, 2_000, 4_000, 4_000]) await clock.advance(pause);
  expect(pauses).toEqual([1_000, 2_000, 4_000, 4_000, 4_000]);
  expect(errors[0]).toMatchObject({ failure: 'signalling', message: expect.stringContaining('could not be reached') });

  server.on('POST', () => new Response(ANSWER, { status: 201, headers: { 'content-type': 'application/sdp' } }));
  await clock.advance(4_000);
  await connect();
  expect(endpoint.state).toBe('connected');
  await clock.advance(5_000);
  peer().become('failed', 'connected');
  await settle();
  expect(pauses.at(-1)).toBe(1_000);
  expect(states.filter((state) => state === 'connecting')).toHaveLength(1);
});

test('waits as long as the server asks, and jitter makes a pause shorter', async () => {
  const asked = setUp({ reconnect: { minMs: 10 } });
  asked.server.refuse(503, { 'retry-after': '7' });
  await asked.clock.advance(6_999);
  expect(asked.server.methods()).toEqual(['POST']);
  await asked.clock.advance(1);
  expect(asked.server.methods()).toEqual(['POST', 'POST']);

  const chance = setUp({ random: () => 1, reconnect: { minMs: 1_000, jitter: 0.5 } });
  chance.server.unreachable('POST');
  await chance.clock.advance(500);
  expect(chance.server.methods()).toEqual(['POST', 'POST']);
});

test('gives up after so many attempts', async () => {
  const { server, endpoint, clock, states } = setUp({ reconnect: { minMs: 10, maxMs: 10, maxAttempts: 2 } });
  server.unreachable('POST');
  const started = endpoint.start();
  void clock.advance(1_000);
  await expect(started).rejects.toMatchObject({ failure: 'signalling' });
  expect(server.methods()).toEqual(['POST', 'POST', 'POST']);
  expect(states.at(-1)).toBe('failed');
});

test.each([
  ['a refusal', 403, {}],
  ['an offer that is none', 422, {}],
  ['a publisher whose stream is taken', 409, { url: 'http://media.example/whip/live/a', audioEnable: false, videoEnable: false }],
  ['a server that does not publish', 404, { url: 'http://media.example/whip/live/a', audioEnable: false, videoEnable: false }],
  ['a bad gateway, when it is not to be tried again', 502, { reconnect: false }],
  ['a bad gateway, when the first connection is not to be tried again', 502, { reconnect: { initially: false } }],
] as const)('does not try again after %s', async (_what, status, options) => {
  const { server, endpoint, clock, errors } = setUp(options);
  server.refuse(status);
  await clock.advance(120_000);
  expect(endpoint.state).toBe('failed');
  expect(server.methods()).toEqual(['POST']);
  expect(errors).toMatchObject([{ failure: 'signalling', cause: { status } }]);
});

test('a publisher that comes back finds its own session in the way, and waits for its end', async () => {
  const { server, endpoint, clock, connect, peer, settle } = setUp({ url: 'http://media.example/whip/live/a', audioEnable: false, videoEnable: false });
  await connect();
  server.refuse(409);
  peer().become('failed', 'connected');
  await settle();
  await clock.advance(2_000);
  expect(endpoint.state).toBe('reconnecting');
  expect(server.methods().filter((method) => method === 'POST').length).toBeGreaterThan(1);
});

test.each([
  ['the page of a proxy', () => new Response('<html>', { status: 200, headers: { 'content-type': 'text/html' } }), {}],
  ['a token function that has no network', () => new Response(ANSWER, { status: 201 }), { token: () => Promise.reject(new TypeError('fetch failed')) }],
])('%s is final at first, and not once it was connected', async (_what, reaction, options) => {
  const first = setUp(options);
  first.server.on('POST', reaction);
  await first.settle();
  expect(first.endpoint.state).toBe('failed');

  let isAway = false;
  const later = setUp({ ...options, ...('token' in options && { token: () => (isAway ? options.token() : undefined) }) });
  await later.connect();
  isAway = true;
  later.server.on('POST', reaction);
  later.peer().become('failed', 'connected');
  await later.clock.advance(5_000);
  expect(later.endpoint.state).toBe('reconnecting');
});

test('says that no media gets through, and tries again', async () => {
  const { clock, errors, endpoint, server } = setUp({ connectTimeoutMs: 3_000, reconnect: { minMs: 100 } });
  await clock.advance(3_000);
  expect(errors).toMatchObject([{ failure: 'no-media-path' }]);
  expect(endpoint.state).toBe('reconnecting');
  await clock.advance(100);
  expect(server.methods()).toEqual(['POST', 'DELETE', 'POST']);
});

test('an end by the server is told from a loss, and is followed by a new session only when that is wanted', async () => {
  const { peer, connect, errors, endpoint, settle, server } = setUp({ reconnect: { whenEnded: false } });
  await connect();
  peer().become('failed', 'connected');
  await settle();
  expect(errors).toMatchObject([{ failure: 'ended-by-server' }]);
  expect(endpoint.state).toBe('failed');
  expect(server.methods()).toEqual(['POST']);
});

test('an interruption that passes leaves everything as it was', async () => {
  const { peer, connect, states, clock, server, settle } = setUp({ iceRestartAfterMs: 1_000 });
  await connect();
  peer().become('disconnected');
  await clock.advance(900);
  peer().become('connected');
  await settle();
  await clock.advance(60_000);
  expect(states).toEqual(['connecting', 'connected', 'reconnecting', 'connected']);
  expect(server.methods()).toEqual(['POST']);
});

test('an interruption that lasts has ICE restarted, with credentials and candidates of both sides', async () => {
  const { peer, connect, states, clock, server, settle } = setUp({ iceRestartAfterMs: 1_000, interruptedTimeoutMs: 5_000 });
  server.on('PATCH', () => new Response(RESTARTED, { status: 200, headers: { etag: '"b"' } }));
  await connect();
  peer().become('disconnected');
  await clock.advance(1_000);
  expect(server.seen.at(-1)).toMatchObject({ method: 'PATCH', body: 'm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=ice-ufrag:own2\r\na=ice-pwd:password-of-the-client-2\r\n' });
  const sdp = peer().currentRemoteDescription?.sdp ?? '';
  expect(sdp).toContain('a=ice-ufrag:srv2\r\na=ice-pwd:server-password-server-2\r\n');
  expect(sdp).toContain('192.0.2.2');
  expect(sdp).not.toContain('192.0.2.1');
  peer().become('connected');
  await settle();
  expect(states.at(-1)).toBe('connected');
});

test('a restart that does not help in time is followed by a new session', async () => {
  const { peer, peers, connect, clock, server } = setUp({ iceRestartAfterMs: 1_000, interruptedTimeoutMs: 5_000, reconnect: { minMs: 100 } });
  server.on('PATCH', () => new Response(RESTARTED, { status: 200 }));
  await connect();
  peer().become('disconnected');
  await clock.advance(5_900);
  expect(peers).toHaveLength(1);
  await clock.advance(200);
  expect(server.methods()).toEqual(['POST', 'PATCH', 'DELETE', 'POST']);
});

test('a restart of a session that the server has lost is followed by a new session at once', async () => {
  const { peer, peers, connect, clock, server } = setUp({ iceRestartAfterMs: 1_000, reconnect: { minMs: 100 } });
  server.on('PATCH', () => new Response(null, { status: 404 }));
  await connect();
  peer().become('disconnected');
  await clock.advance(1_100);
  expect(peers).toHaveLength(2);
  expect(peers[0]?.isClosed).toBe(true);
});

test('a restart while the network is away is tried again, and rolled back each time', async () => {
  const { peer, connect, clock, server } = setUp({ iceRestartAfterMs: 1_000, interruptedTimeoutMs: 4_500 });
  server.unreachable('PATCH');
  await connect();
  peer().become('disconnected');
  await clock.advance(4_000);
  expect(server.methods().filter((method) => method === 'PATCH')).toHaveLength(4);
  expect(peer().described.slice(2)).toEqual(Array.from({ length: 4 }, () => ['local offer', 'local rollback']).flat());
});

test('retry ends a pause', async () => {
  const { server, settle, endpoint } = setUp({ reconnect: { minMs: 30_000 } });
  server.unreachable('POST');
  await settle();
  endpoint.retry();
  await settle();
  expect(server.methods()).toEqual(['POST', 'POST']);
});

test('candidates are sent together to a server that is not ICE-lite, those of before the answer first', async () => {
  const { server, peer, clock, settle } = setUp();
  const answer = Promise.withResolvers<Response>();
  server.on('POST', () => answer.promise);
  await settle();
  peer().find('candidate:1 1 udp 1 192.0.2.9 1 typ host');
  answer.resolve(new Response(ANSWER.replace('a=ice-lite\r\n', ''), { status: 201, headers: { 'content-type': 'application/sdp', location: '/session/1' } }));
  await settle();
  peer().find('candidate:2 1 udp 1 192.0.2.9 2 typ host');
  peer().find('');
  await clock.advance(50);
  const head = 'm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=ice-ufrag:own1\r\na=ice-pwd:password-of-the-client-1\r\n';
  expect(server.seen.slice(1).map(({ body }) => body)).toEqual([
    `${head}a=candidate:1 1 udp 1 192.0.2.9 1 typ host\r\n`,
    `${head}a=candidate:2 1 udp 1 192.0.2.9 2 typ host\r\na=end-of-candidates\r\n`,
  ]);
});

test('an ICE-lite server gets no candidates, which it has no use for', async () => {
  const { server, peer, clock, connect } = setUp();
  await connect();
  peer().find('candidate:1 1 udp 1 192.0.2.9 1 typ host');
  await clock.advance(1_000);
  expect(server.methods()).toEqual(['POST']);
});

test('the ICE servers that the server names are used from the second connection on', async () => {
  const { server, peer, peers, connect, clock } = setUp({ reconnect: { minMs: 100 } });
  const link = '<stun:stun.example:3478>; rel="ice-server"';
  server.on('POST', () => new Response(ANSWER, { status: 201, headers: { 'content-type': 'application/sdp', link } }));
  await connect();
  peer().become('failed', 'connected');
  await clock.advance(200);
  expect(peers[1]?.configuration.iceServers).toEqual([{ urls: 'stun:stun.example:3478' }]);
});

test('messages travel on a channel that every connection opens anew', async () => {
  const { endpoint, peer, connect, clock } = setUp({ dataChannel: 'talk', reconnect: { minMs: 100 } });
  const received: unknown[] = [];
  endpoint.on('channelMessage', ({ data }) => received.push(data));
  await connect();
  const [channel] = peer().channels;
  expect(endpoint.send('early')).toBe(false);
  channel?.open();
  expect(endpoint.send('hello')).toBe(true);
  channel?.dispatchEvent(Object.assign(new Event('message'), { data: 'back' }));
  expect([channel?.label, channel?.sent, received]).toEqual(['talk', ['hello'], ['back']]);
  peer().become('failed', 'connected');
  await clock.advance(200);
  peer().channels[0]?.open();
  expect(endpoint.send('again')).toBe(true);
});

test('a listener may close it at any state', async () => {
  for (const at of ['connecting', 'connected', 'reconnecting']) {
    const { endpoint, connect, peer, settle, states, clock } = setUp();
    endpoint.on('state', ({ state }) => state === at && void endpoint.close());
    await settle();
    if (at !== 'connecting') await connect();
    if (at === 'reconnecting') peer().become('failed', 'connected');
    await clock.advance(60_000);
    expect(states.at(-1)).toBe('closed');
    expect(states.filter((state) => state === 'closed')).toHaveLength(1);
    expect(clock.pending).toBe(0);
  }
});

test('statistics come as events and in a loop, only while it is connected, and the loop ends with it', async () => {
  const { endpoint, peer, connect, clock, settle } = setUp({ statsIntervalMs: 1_000 });
  const seen: (number | undefined)[] = [];
  const loop = (async () => {
    for await (const { received } of endpoint.stats()) seen.push(received?.bitrate);
  })();
  await connect();
  let bytesReceived = 0;
  peer().getStats = () => {
    bytesReceived += 1_000;
    return Promise.resolve(new Map([['a', { id: 'a', type: 'inbound-rtp', kind: 'audio', timestamp: bytesReceived, bytesReceived }]]));
  };
  for (let second = 0; second < 4; second += 1) await clock.advance(1_000);
  expect(seen).toEqual([undefined, 8_000, 8_000, 8_000]);
  peer().become('failed', 'connected');
  await settle();
  await clock.advance(100);
  expect(seen).toHaveLength(4);
  await endpoint.close();
  await loop;
});

test('a page that is left has its session deleted, and one that is kept comes back', async () => {
  const page = Object.assign(globalThis, { document: {}, addEventListener: vi.fn<typeof addEventListener>(), removeEventListener: vi.fn<typeof removeEventListener>() });
  onTestFinished(() => {
    for (const name of ['document', 'addEventListener', 'removeEventListener']) Reflect.deleteProperty(globalThis, name);
  });
  const leave = (persisted: boolean): void => {
    for (const [name, listener] of page.addEventListener.mock.calls) if (name === 'pagehide' && typeof listener === 'function') listener(Object.assign(new Event('pagehide'), { persisted }));
  };
  const { endpoint, server, peers, connect, clock, settle, states } = setUp({ reconnect: { minMs: 500 } });
  await connect();
  leave(true);
  // Nothing can be waited for.
  expect(peers[0]?.isClosed).toBe(true);
  expect(server.seen.at(-1)).toMatchObject({ method: 'DELETE', keepalive: true });
  await clock.advance(500);
  expect([endpoint.state, peers.length]).toEqual(['reconnecting', 2]);

  // Left again while the server thinks, and it answers nevertheless.
  const answer = Promise.withResolvers<Response>();
  server.on('POST', () => answer.promise);
  await connect();
  leave(true);
  await clock.advance(1_000);
  leave(true);
  answer.resolve(new Response(ANSWER, { status: 201, headers: { 'content-type': 'application/sdp', location: '/session/late' } }));
  await settle();
  expect(server.seen.at(-1)).toMatchObject({ method: 'DELETE', path: '/session/late' });
  expect(states.filter((state) => state === 'connected')).toHaveLength(2);
  server.on('POST', () => new Response(ANSWER, { status: 201, headers: { 'content-type': 'application/sdp' } }));
  await clock.advance(5_000);
  await connect();
  expect(endpoint.state).toBe('connected');
  leave(false);
  await clock.advance(10_000);
  expect([endpoint.state, peers.every(({ isClosed }) => isClosed)]).toEqual(['closed', true]);
  expect(page.removeEventListener).toHaveBeenCalledTimes(2);
});

test('says that there is no WebRTC', async () => {
  const endpoint = new Endpoint({ url: 'http://media.example/whep/live/a' });
  const told: unknown[] = [];
  endpoint.on('WEBRTC_NOT_SUPPORT', (error) => told.push(error));
  await expect(endpoint.start()).rejects.toMatchObject({ failure: 'unsupported' });
  expect(told).toHaveLength(1);
});

test.each([
  [{ url: 'ftp://a' }, 'must be an http or https URL'],
  [{ url: 'http://a', timeoutMs: 0 }, 'timeoutMs must be'],
  [{ url: 'http://a', reconnect: { minMs: -1 } }, 'minMs'],
])('%j is refused', (options, words) => {
  expect(() => new Endpoint(options)).toThrow(words);
});

test('credentials of TURN that a server renews replace those of the connection before', async () => {
  const { endpoint, server, peers, peer, connect, settle } = setUp();
  let sessions = 0;
  server.on('POST', () => new Response(ANSWER, { status: 201, headers: { 'content-type': 'application/sdp', location: '/session/1', link: `<turn:turn.example>; rel="ice-server"; username="u"; credential="${(sessions += 1)}"` } }));
  for (let times = 0; times < 2; times += 1) {
    await connect();
    peer().become('closed');
    await settle();
    endpoint.retry();
  }
  await settle();
  expect(peers.map(({ configuredWith }) => configuredWith.iceServers?.[0]?.credential)).toEqual([undefined, '1', '2']);
});

test('a token that does not come is a failure like others, and close does not wait for it', async () => {
  const never = (): Promise<string> => new Promise(() => undefined);
  const { endpoint, states, errors, clock, settle } = setUp({ token: never, timeoutMs: 5_000 });
  await settle();
  await clock.advance(5_000);
  expect([states.at(-1), errors[0]?.failure, endpoint.error?.message]).toEqual(['failed', 'signalling', 'The token did not come within 5000 ms.']);
  const closed = setUp({ token: never });
  await closed.settle();
  await closed.endpoint.close();
  await closed.settle();
  expect([closed.peer().isClosed, closed.clock.pending]).toEqual([true, 0]);
});
