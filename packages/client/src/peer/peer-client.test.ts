import { FakeClock, rejectionOf, settle } from '@sluice/core/testing';
import fc from 'fast-check';
import { expect, expectTypeOf, test } from 'vitest';
import type { PeerConnectionLike } from '../peer-connection/peer-connection-like.ts';
import { FakeMediaConnection } from '../testing/fake-media-connection.ts';
import { fakeWebSockets } from '../testing/fake-web-socket.ts';
import { type InputEvent, decodeInputMessage } from './input-event.ts';
import { PeerClient } from './peer-client.ts';
import type { PeerClientOptions } from './peer-options.ts';

interface Sent {
  readonly type: string;
  readonly peer_id: unknown;
  readonly message_id: string;
  readonly timestamp: unknown;
  readonly data: { readonly [name: string]: unknown };
}

function connect(options: Partial<PeerClientOptions<FakeMediaConnection>> = {}) {
  const clock = new FakeClock();
  const sockets = fakeWebSockets();
  const connections: FakeMediaConnection[] = [];
  const peerConnection = () => {
    const connection = new FakeMediaConnection();
    connections.push(connection);
    return connection;
  };
  const client = new PeerClient({ url: 'ws://server/ws', peerId: 7, webSocket: sockets.webSocket, clock, random: () => 0, reconnect: { minMs: 1_000, maxMs: 4_000 }, peerConnection, ...options });
  const errors: string[] = [];
  client.on('error', ({ code }) => errors.push(code));
  /** What the client has sent over the current socket. */
  const sent = () => sockets.latest().messages as Sent[];
  const tell = (type: string, data: object = {}, more: object = {}) => sockets.latest().receive({ type, peer_id: 7, message_id: 'server', timestamp: 1, data, ...more });
  /** Answers the latest message of this type. */
  const reply = (to: string, type: string, data: object = {}, more: object = {}) => tell(type, data, { message_id: sent().findLast((message) => message.type === to)?.message_id, ...more });
  const welcome = (data: object = {}) => {
    sockets.latest().accept();
    reply('hello', 'welcome', { session_config: { heartbeat_interval: 10_000 }, resume_token: 'secret', ...data });
  };
  return { client, clock, sockets, connections, errors, sent, tell, reply, welcome };
}

/** One that plays the session `s1`. */
async function playing(options: Partial<PeerClientOptions<FakeMediaConnection>> = {}) {
  const peer = connect(options);
  peer.welcome();
  const starting = peer.client.play({ app: 'live', stream: 'cam' });
  await settle();
  peer.reply('request-offer', 'offer', { sdp: { type: 'offer', sdp: 'remote offer' }, session_id: 's1' });
  return { ...peer, media: await starting };
}

test('it says hello with integers and its own type of peer_id, and is ready at welcome', async () => {
  const { client, sent, sockets, reply } = connect({ clientInfo: { name: 'test' } });
  const ready = client.ready();
  sockets.latest().accept();
  expect(client.send('early')).toBe(false);
  expect(sent().map(({ type }) => type)).toEqual(['hello']);
  reply('hello', 'welcome', { session_config: { heartbeat_interval: 10_000 } });
  await ready;
  expect(sent()[0]).toEqual({ type: 'hello', peer_id: 7, message_id: expect.any(String), timestamp: Date.UTC(2026, 0, 1), data: { client_info: { name: 'test' }, capabilities: ['webrtc', 'trickle-ice', 'input'], supported_protocols: ['webrtc'] } });
  expect([client.state, sent()[1]?.type]).toEqual(['ready', 'early']);
});

test('playing: the offer of the server is answered, and candidates wait for what they belong to', async () => {
  const { client, clock, connections, sent, reply, tell, welcome } = connect();
  welcome();
  client.on('connection', ({ connection }) => connection.done.push('told'));
  const starting = client.play({ app: 'live', stream: 'cam', audio: false, codecPreferences: ['H264', 'VP8'] });
  await settle();
  expect(sent().at(-1)).toMatchObject({ type: 'request-offer', data: { constraints: { video: true, audio: false }, codec_preferences: ['H264', 'VP8'], app: 'live', stream: 'cam' } });
  const candidate = (name: string) => ({ candidate: { candidate: name, sdpMid: '0', sdpMLineIndex: 0 }, session_id: 's1' });
  tell('ice-candidate', candidate('before'));
  reply('request-offer', 'offer', { sdp: { type: 'offer', sdp: 'remote offer' }, session_id: 's1' });
  tell('ice-candidate', candidate('bad'));
  const media = await starting;
  tell('ice-candidate', candidate('after'));
  tell('ice-candidate', { ...candidate('of another session'), session_id: 's2' });
  expect([media.connection, media.sessionId, connections.length]).toEqual([connections[0], 's1', 1]);
  expect(connections[0]!.done).toEqual(['told', 'remote remote offer', 'candidate before', 'candidate bad', 'local local answer', 'candidate after']);
  connections[0]!.find({ candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: 0, usernameFragment: 'u' });
  connections[0]!.find(undefined);
  expect(sent().slice(-2).map(({ type, data }) => ({ type, data }))).toEqual([
    { type: 'answer', data: { sdp: { type: 'answer', sdp: 'local answer' }, session_id: 's1' } },
    { type: 'ice-candidate', data: { candidate: { candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: 0, usernameFragment: 'u' }, session_id: 's1' } },
  ]);
  await clock.advance(60_000);
  expect(connections).toHaveLength(1);
});

test('another stream takes the place of the one that is played', async () => {
  const { client, connections, reply } = await playing();
  const starting = client.play({ app: 'live', stream: 'other' });
  await settle();
  reply('request-offer', 'offer', { sdp: { type: 'offer', sdp: 'remote offer' }, session_id: 's2' });
  await starting;
  expect(connections.map(({ connectionState }) => connectionState)).toEqual(['closed', 'new']);
});

test('publishing: the connection is prepared, and its candidates follow the answer', async () => {
  const { client, connections, sent, reply, welcome } = connect();
  welcome();
  const starting = client.publish({ app: 'live', stream: 'cam', prepare: (connection) => void connection.done.push('prepared') });
  await settle();
  connections[0]!.find({ candidate: 'candidate:1', sdpMid: '0' });
  expect(sent().at(-1)).toMatchObject({ type: 'publish', data: { app: 'live', stream: 'cam', sdp: { type: 'offer', sdp: 'local offer' } } });
  reply('publish', 'answer', { sdp: { type: 'answer', sdp: 'remote answer' }, session_id: 'p1' });
  await starting;
  expect(connections[0]!.done).toEqual(['prepared', 'local local offer', 'remote remote answer']);
  expect(sent().at(-1)).toMatchObject({ type: 'ice-candidate', data: { candidate: { candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: null }, session_id: 'p1' } });
});

test('a request fails with what the server says, in time, and with the connection', async () => {
  const { client, clock, sockets, connections, reply, welcome, errors } = connect();
  welcome();
  const refused = rejectionOf(client.play());
  await settle();
  reply('request-offer', 'error', {}, { error: { code: 'STREAM_NOT_FOUND', message: 'No.', details: 'In answer to it.' } });
  expect(await refused).toMatchObject({ code: 'STREAM_NOT_FOUND', message: 'No.', details: 'In answer to it.' });
  const unusable = rejectionOf(client.play());
  await settle();
  reply('request-offer', 'offer', { sdp: { type: 'offer', sdp: 'bad' } });
  expect(await unusable).toMatchObject({ code: 'media' });
  expect(connections.map(({ connectionState }) => connectionState)).toEqual(['closed']);
  const late = rejectionOf(client.getStats(['system']));
  await clock.advance(10_000);
  expect(await late).toMatchObject({ code: 'timeout' });
  const lost = rejectionOf(client.getStats());
  await settle();
  sockets.latest().end();
  expect(await lost).toMatchObject({ code: 'offline' });
  expect(errors).toEqual([]);
});

test('answers go to the requests that they name, and to the oldest when they name none', async () => {
  const { client, sent, tell, welcome } = connect();
  welcome();
  const [first, second] = [client.getStats(['system']), client.getStats(['network'])];
  await settle();
  tell('stats', { network: 2 }, { message_id: sent().at(-1)!.message_id });
  tell('stats', { system: 1 });
  expect(await Promise.all([first, second])).toEqual([{ system: 1 }, { network: 2 }]);
});

test('it pings as the server wants, measures, and leaves a server that is silent', async () => {
  const { client, clock, sent, tell } = await playing();
  await clock.advance(10_000);
  expect(sent().at(-1)).toMatchObject({ type: 'ping', data: { client_state: 'play', sequence: 1 } });
  await clock.advance(40);
  tell('pong', { sequence: 1, ping_timestamp: 1, server_time: 1 });
  await clock.advance(10_000);
  tell('pong', { sequence: 1 });
  await clock.advance(20);
  tell('pong', { sequence: 2 });
  expect(client.metrics).toMatchObject({ pings: 2, pongs: 3, rttMs: { last: 60, least: 40, smoothed: 42.5 } });
  await clock.advance(29_000);
  expect(client.state).toBe('ready');
  await clock.advance(2_000);
  expect(client.state).toBe('connecting');
});

test('resumed media go on, and others get a new connection', async () => {
  const { client, clock, sockets, connections, sent, reply, welcome, media } = await playing();
  sockets.latest().end();
  await clock.advance(1_000);
  welcome({ resumed: true, session_id: 's1' });
  expect(sent()[0]?.data).toMatchObject({ resume_token: 'secret' });
  await settle();
  expect([connections.map(({ connectionState }) => connectionState), client.metrics.resumed]).toEqual([['new'], 1]);
  for (const lost of [{ resumed: false }, { resumed: true }]) {
    sockets.latest().end();
    await clock.advance(4_000);
    welcome(lost);
    await settle();
    reply('request-offer', 'offer', { sdp: { type: 'offer', sdp: 'remote offer' }, session_id: 's1' });
    await settle();
  }
  expect(connections.map(({ connectionState }) => connectionState)).toEqual(['closed', 'closed', 'new']);
  expect([media.connection, client.metrics.reconnects]).toEqual([connections[2], 3]);
});

test('media that failed while the server was away are made anew, also when the server kept their session', async () => {
  const { clock, sockets, connections, sent, welcome } = await playing();
  sockets.latest().end();
  connections[0]!.become('failed');
  await clock.advance(1_000);
  welcome({ resumed: true, session_id: 's1' });
  await settle();
  expect(sent().map(({ type }) => type)).toEqual(['hello', 'request-offer']);
});

test('media that fail, or that the server ends, are made anew after pauses that grow', async () => {
  const { clock, connections, errors, sent, reply, tell, media } = await playing();
  connections[0]!.become('failed');
  await clock.advance(1_000);
  reply('request-offer', 'error', {}, { error: { code: 'STREAM_NOT_FOUND', message: 'No.' } });
  await clock.advance(1_999);
  const asked = () => sent().filter(({ type }) => type === 'request-offer').length;
  expect(asked()).toBe(2);
  await clock.advance(1);
  expect(asked()).toBe(3);
  reply('request-offer', 'offer', { sdp: { type: 'offer', sdp: 'remote offer' }, session_id: 's2' });
  await settle();
  for (const session_id of ['s1', undefined, 's2']) {
    expect(asked()).toBe(3);
    tell('error', { session_id }, { error: { code: 'SESSION_ENDED', message: 'The session s2 has ended: publisher left.' } });
  }
  expect([asked(), errors]).toEqual([4, ['STREAM_NOT_FOUND', 'SESSION_ENDED', 'SESSION_ENDED', 'SESSION_ENDED']]);
  reply('request-offer', 'offer', { sdp: { type: 'offer', sdp: 'remote offer' }, session_id: 's3' });
  await settle();
  connections[2]!.become('failed');
  await clock.advance(1_000);
  expect(asked()).toBe(5);
  media.close();
  reply('request-offer', 'offer', { sdp: { type: 'offer', sdp: 'remote offer' }, session_id: 's4' });
  await clock.advance(3_000);
  expect([asked(), connections.map(({ connectionState }) => connectionState)]).toEqual([5, ['closed', 'closed', 'closed']]);
});

test('clicks and keys wait for the connection within bounds, moves do not', async () => {
  const { client, clock, sent, welcome } = connect({ queue: { maxMessages: 3, maxAgeMs: 1_000 } });
  client.sendInput({ type: 'mouse-click', x: 1, y: 2, button: 'left', action: 'down' });
  client.sendInput({ type: 'mouse-move', x: 1, y: 2 });
  expect(client.metrics).toMatchObject({ queued: 1, dropped: 1 });
  await clock.advance(600);
  for (const key of ['a', 'b', 'c']) client.sendInput({ type: 'key-press', key, keyCode: `Key${key}`, action: 'down', modifiers: ['shift'], repeat: false });
  expect(client.metrics).toMatchObject({ queued: 3, dropped: 2 });
  await clock.advance(600);
  client.sendInput({ type: 'mouse-click', x: 3, y: 4 });
  await clock.advance(600);
  welcome();
  expect(sent().slice(1).map(({ type, data }) => ({ type, data }))).toEqual([{ type: 'mouse-click', data: { x: 3, y: 4 } }]);
  expect(client.metrics).toMatchObject({ queued: 0, dropped: 5, sent: 1 });
  expect(client.sendInput({ type: 'key-press', key: 'd', keyCode: 'KeyD' })).toBe(true);
  expect(sent().at(-1)?.data).toEqual({ key: 'd', key_code: 'KeyD' });
});

test('keys that do not fit into the buffer of the socket follow when there is room again, in order', async () => {
  const { client, sockets, sent, tell, welcome } = connect({ maxBufferedBytes: 1_000 });
  welcome();
  const keys = () => sent().filter(({ type }) => type === 'key-press').map(({ data }) => data['action']);
  sockets.latest().bufferedAmount = 1_000;
  expect(client.sendInput({ type: 'key-press', key: 'a', action: 'down' })).toBe(false);
  sockets.latest().bufferedAmount = 0;
  expect(client.sendInput({ type: 'key-press', key: 'a', action: 'up' })).toBe(true);
  expect([keys(), client.metrics.queued]).toEqual([['down', 'up'], 0]);
  sockets.latest().bufferedAmount = 1_000;
  client.sendInput({ type: 'key-press', key: 'a', action: 'last' });
  sockets.latest().bufferedAmount = 0;
  tell('pong', { sequence: 1 });
  expect(keys()).toEqual(['down', 'up', 'last']);
});

test('publishers are told what viewers do', () => {
  const { client, tell, welcome, errors } = connect();
  const inputs: InputEvent[] = [];
  client.on('input', (input) => inputs.push(input));
  welcome();
  tell('mouse-move', { x: 1, y: 2, modifiers: ['ctrl'], from: 7 });
  tell('key-press', { key: 'a', key_code: 65, action: 'down', repeat: true });
  tell('mouse-click', { x: '1', y: 2 });
  expect(inputs).toEqual([
    { type: 'mouse-move', x: 1, y: 2, modifiers: ['ctrl'], from: 7 },
    { type: 'key-press', key: 'a', keyCode: '65', action: 'down', modifiers: [], repeat: true },
  ]);
  expect(errors).toEqual(['malformed']);
});

test('input over a data channel is decoded as strictly', () => {
  expect(decodeInputMessage('{"type":"key-press","peer_id":1,"data":{"key":"a","key_code":"KeyA","from":"v"}}')).toMatchObject({ type: 'key-press', key: 'a', keyCode: 'KeyA', from: 'v' });
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => decodeInputMessage(text) === undefined));
  for (const text of ['{"type":"key-press"}', '{"type":"key-press","data":[]}', '{"type":"key-press","data":{"key":1}}', '{"type":"other","data":{"x":1,"y":1}}']) expect(decodeInputMessage(text)).toBeUndefined();
});

test('a peer_id that is busy is asked for again, and one that cannot be ends it', async () => {
  const busy = connect();
  busy.sockets.latest().accept();
  busy.reply('hello', 'error', {}, { error: { code: 'PEER_ID_BUSY', message: 'No.' } });
  expect(busy.client.state).toBe('waiting');
  await busy.clock.advance(1_000);
  busy.welcome();
  expect(busy.client.state).toBe('ready');
  const bad = connect();
  const ready = rejectionOf(bad.client.ready());
  bad.sockets.latest().accept();
  bad.reply('hello', 'error', {}, { error: { code: 'PEER_ID_INVALID', message: 'No.' } });
  expect(await ready).toMatchObject({ code: 'PEER_ID_INVALID' });
  expect([bad.client.state, bad.clock.pending]).toEqual(['closed', 0]);
});

test('closing ends media and whoever waits', async () => {
  const { client, clock, sockets, connections } = await playing();
  const waiting = rejectionOf(client.getStats());
  await settle();
  client.close();
  client.close();
  expect(await waiting).toMatchObject({ code: 'closed' });
  expect(await rejectionOf(client.play())).toMatchObject({ code: 'closed' });
  expect([client.state, sockets.latest().closed?.code, connections[0]!.connectionState, clock.pending]).toEqual(['closed', 1000, 'closed', 0]);
});

test('whatever a server sends, the client goes on', async () => {
  const { client, sockets, tell } = await playing();
  const type = fc.constantFrom('welcome', 'offer', 'answer', 'ice-candidate', 'pong', 'stats', 'error', 'mouse-move', 'strange');
  fc.assert(fc.property(type, fc.dictionary(fc.string(), fc.jsonValue()), (name, data) => tell(name, data)));
  fc.assert(fc.property(fc.oneof(fc.json(), fc.string()), (text) => sockets.latest().receive(text)));
  expect(client.state).toBe('ready');
  expect(client.metrics.malformed).toBeGreaterThan(100);
});

test("the browser's RTCPeerConnection will do", () => {
  expectTypeOf<RTCPeerConnection>().toExtend<PeerConnectionLike>();
});
