import { describe, expect, test, vi } from 'vitest';
import { mediaConfig, startMediaServer as start } from './testing/media-peers.ts';
import { metric } from './testing/metric.ts';
import { PeerClient, answering, play, sdpOf } from './testing/peer-client.ts';

// Real connections on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const DEADLINE = { timeout: 20_000, interval: 10 };

describe('hello', () => {
  test.each([7, 'seven', 0.25, '7'])('is welcome, and the peer_id %j goes back as it came', async (id) => {
    const client = await PeerClient.connect(await start(), { id });
    client.send('hello', { client_info: {}, capabilities: [], supported_protocols: [] }, { message_id: 41 });
    const welcome = await client.next('welcome');
    expect(welcome).toMatchObject({ peer_id: id, message_id: 41, data: { peer_id: id, session_config: { heartbeat_interval: 30_000 }, resumed: false } });
  });

  test('comes first, names a peer, and names the same one for good', async () => {
    const client = await PeerClient.connect(await start());
    expect(await client.refused('ping', {})).toBe('HELLO_REQUIRED');
    for (const peer_id of [undefined, null, '', 'a\n', 2 ** 53, [], {}, true]) expect(await client.refused('hello', {}, { peer_id })).toBe('PEER_ID_INVALID');
    client.send('hello');
    await client.next('welcome');
    expect(await client.refused('ping', {}, { peer_id: 'other' })).toBe('PEER_ID_MISMATCH');
    client.send('hello');
    await client.next('welcome');
  });

  test('of a second client with the id of one that is alive is refused, and of one that is dead is welcome', async () => {
    const server = await start({ peer: { probeTimeoutMs: 200 } });
    const alive = await PeerClient.greet(server, { id: 'alive' });
    const dead = await PeerClient.greet(server, { id: 7, autoPong: false });
    const second = await PeerClient.connect(server, { id: 'alive' });
    expect(await second.refused('hello')).toBe('PEER_ID_BUSY');
    const deadClosed = dead.closed();
    second.send('hello', {}, { peer_id: 7 });
    expect((await second.next('welcome')).peer_id).toBe(7);
    expect(await deadClosed).toBe(1008);
    alive.send('ping', {});
    await alive.next('pong');
  });
});

test('options count from now on, and a connection that is there keeps what holds for it', async () => {
  const streams = { maxStreamWaitMs: 0 };
  const server = await start({ streams });
  const early = await PeerClient.connect(server, { id: 1 });
  const peer = { path: '/other', defaultStream: 'live/desk', heartbeatIntervalMs: 5_000, graceMs: 0, maxMessageBytes: 1_000, maxConnections: 2 };
  expect((await server.reconfigure(mediaConfig({ streams, peer }))).needsRestart).toEqual(['peer.path']);
  early.send('hello');
  expect((await early.next('welcome')).data).toMatchObject({ session_config: { heartbeat_interval: 30_000, resume_timeout: 0, max_message_size: 65_536 } });
  expect(await early.refused('request-offer')).toBe('STREAM_NOT_FOUND');
  const late = await PeerClient.connect(server, { id: 2 });
  late.send('hello');
  expect((await late.next('welcome')).data).toMatchObject({ session_config: { heartbeat_interval: 5_000, max_message_size: 1_000 } });
  await expect(PeerClient.connect(server, { id: 3 })).rejects.toThrow('503');
  const closed = late.closed();
  for (const client of [early, late]) client.send('ping', { client_state: 'x'.repeat(1_000) });
  await early.next('pong');
  expect(await closed).toBe(1009);
});

test('a ping comes back with its own timestamp and sequence', async () => {
  const client = await PeerClient.greet(await start(), { id: 3 });
  for (const timestamp of [1_700_000_000, 1_700_000_000_123, 1_700_000_000.25]) {
    const id = client.send('ping', { client_state: 'idle', sequence: 12 }, { timestamp });
    const pong = await client.next('pong');
    expect(pong).toMatchObject({ peer_id: 3, message_id: id, data: { ping_timestamp: timestamp, sequence: 12 } });
    expect(Number.isInteger(pong.data?.['server_time'])).toBe(true);
  }
});

describe('request-offer', () => {
  test('without a name plays the demo stream, with the offer of the server', async () => {
    const client = await PeerClient.greet(await start({ demo: true }));
    const viewer = await play(client);
    const candidate = (await client.next('ice-candidate')).data?.['candidate'];
    expect(candidate).toMatchObject({ candidate: expect.stringMatching(/^candidate:\S+ 1 udp \d+ \S+ \d+ typ host/), sdpMid: '0', sdpMLineIndex: 0, usernameFragment: expect.any(String) });
    client.send('ice-candidate', { candidate: { candidate: 'candidate:1 1 udp 2130706431 192.0.2.1 9 typ host', sdpMid: '0', sdpMLineIndex: 0, usernameFragment: null } });
    client.send('ice-candidate', { candidate: null });
    await vi.waitFor(() => expect(new Set(viewer.received.map(({ kind }) => kind)).size).toBe(2), DEADLINE);
    expect(client.received.filter(({ type }) => type === 'error')).toEqual([]);
  });

  test('offers what the client prefers of what there is', async () => {
    const client = await PeerClient.greet(await start({ demo: true }));
    client.send('request-offer', { constraints: { video: { width: 640 }, audio: false }, codec_preferences: ['video/H264', 'VP8'] });
    const sdp = sdpOf(await client.next('offer'));
    expect(sdp).toContain('m=video');
    expect(sdp).not.toContain('m=audio');
    expect(sdp).toContain('VP8/90000');
  });

  test('asks the play hooks, with the names of the URL before those of the message', async () => {
    const server = await start({ demo: true, streams: { maxStreamWaitMs: 0 }, auth: { play: { keys: ['open sesame'] } } });
    const stranger = await PeerClient.greet(server);
    expect(await stranger.refused('request-offer', {})).toBe('UNAUTHORISED');
    const client = await PeerClient.greet(server, { id: 2, query: '?token=open%20sesame&stream=missing' });
    client.send('request-offer', { app: 'other', stream: 'demo' });
    expect((await client.next('error')).error).toMatchObject({ code: 'STREAM_NOT_FOUND', details: 'In answer to "request-offer".' });
  });

  test('without any name and without a demo is told to name one', async () => {
    const client = await PeerClient.greet(await start());
    expect(await client.refused('request-offer', {})).toBe('ARGUMENT_MISSING');
  });

  test('once more takes the place of the first, which is closed', async () => {
    const server = await start({ demo: true, streams: { maxStreamWaitMs: 20_000 } });
    const client = await PeerClient.greet(server);
    client.send('request-offer', { stream: 'missing' });
    client.send('request-offer', {});
    expect((await client.next('error')).error?.code).toBe('REQUEST_ABORTED');
    const first = (await client.next('offer')).data?.['session_id'];
    client.send('request-offer', {});
    expect((await client.next('offer')).data?.['session_id']).not.toBe(first);
    const samples = ['sluice_sessions{role="viewer",state="connecting"}', 'sluice_sessions_closed_total{role="viewer",cause="client"}'];
    expect(await Promise.all(samples.map((sample) => metric(server, sample)))).toEqual([1, 1]);
  });
});

test('what comes out of order or is no description is told so, and the socket stays', async () => {
  const client = await PeerClient.greet(await start({ demo: true }));
  expect(await client.refused('answer', { sdp: { type: 'answer', sdp: 'v=0\r\n' } })).toBe('SESSION_REQUIRED');
  expect(await client.refused('ice-candidate', { candidate: { candidate: '' } })).toBe('SESSION_REQUIRED');
  client.send('request-offer', {});
  const offer = await client.next('offer');
  for (const sdp of [undefined, 1, '', {}, { type: 'offer', sdp: 'v=0' }, ['v=0']]) expect(await client.refused('answer', { sdp })).toBe('DATA_INVALID');
  expect(await client.refused('answer', { sdp: { type: 'answer', sdp: 'garbage' } })).toBe('ANSWER_MALFORMED');
  expect(await client.refused('ice-candidate', { candidate: { candidate: 'garbage' } })).toBe('CANDIDATE_MALFORMED');
  const viewer = answering();
  const answer = { sdp: { type: 'answer', sdp: await viewer.createAnswer(sdpOf(offer)) } };
  client.send('answer', answer);
  expect(await client.refused('answer', answer)).toBe('ANSWER_UNEXPECTED');
  await vi.waitFor(() => expect(viewer.received.length).toBeGreaterThan(0), DEADLINE);
});
