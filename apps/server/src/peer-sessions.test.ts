import { sampleOffer } from '@sluice/core/testing';
import { describe, expect, test, vi } from 'vitest';
import type { RunningServer } from './running-server.ts';
import { DEADLINE, marksAt, showKeyframe, startMediaServer as start } from './testing/media-peers.ts';
import { metric } from './testing/metric.ts';
import { PeerClient, type PeerEnvelope, play, publish } from './testing/peer-client.ts';

// Real connections on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const DESK = { app: 'live', stream: 'desk' };

const viewersOf = async (server: RunningServer): Promise<number> =>
  (await metric(server, 'sluice_sessions{role="viewer",state="connected"}')) + (await metric(server, 'sluice_sessions{role="viewer",state="connecting"}'));

describe('publish', () => {
  test('is answered, and viewers of the same dialect see the stream', async () => {
    const server = await start();
    const desk = await PeerClient.greet(server, { id: 1 });
    const publisher = await publish(desk, DESK);
    const viewer = await play(await PeerClient.greet(server, { id: 2 }), DESK);
    await showKeyframe(publisher, viewer, 7);
    expect(marksAt(viewer)).toContain(7);
  });

  test('asks the publish hooks, and a second publisher is refused', async () => {
    const server = await start({ auth: { publish: { keys: ['open sesame'] } } });
    const stranger = await PeerClient.greet(server, { id: 1 });
    const offer = { sdp: { type: 'offer', sdp: 'v=0\r\n' }, ...DESK };
    expect(await stranger.refused('publish', offer)).toBe('OFFER_MALFORMED');
    expect(await stranger.refused('publish', { ...DESK, sdp: 'x' })).toBe('OFFER_MALFORMED');
    expect(await stranger.refused('publish', DESK)).toBe('DATA_INVALID');
    await publish(await PeerClient.greet(server, { id: 2, query: '?token=open%20sesame' }), DESK);
    const late = await PeerClient.greet(server, { id: 3, query: '?token=open%20sesame&x=1' });
    expect(await late.refused('publish', { ...DESK, sdp: { type: 'offer', sdp: sampleOffer() } })).toBe('STREAM_BUSY');
  });

  test('ends with its socket, and viewers are told', async () => {
    const server = await start();
    const desk = await PeerClient.greet(server, { id: 1 });
    await publish(desk, DESK);
    const viewer = await PeerClient.greet(server, { id: 2 });
    viewer.send('request-offer', DESK);
    const { session_id } = (await viewer.next('offer')).data!;
    desk.socket.close();
    expect(await viewer.next('error')).toMatchObject({ error: { code: 'SESSION_ENDED' }, data: { session_id } });
    await vi.waitFor(async () => expect(await metric(server, 'sluice_sessions_closed_total{role="publisher",cause="client"}')).toBe(1), DEADLINE);
  });
});

describe('a connection that breaks', () => {
  const welcomeOf = async (client: PeerClient, hello: object = {}): Promise<PeerEnvelope> => {
    client.send('hello', hello);
    return client.next('welcome');
  };

  test('is resumed with the token of its welcome, by the same peer and nobody else', async () => {
    const server = await start({ demo: true });
    const first = await PeerClient.connect(server, { id: 7 });
    const { resume_token } = (await welcomeOf(first)).data!;
    const viewer = await play(first);
    await vi.waitUntil(() => viewer.state === 'connected', DEADLINE);
    first.socket.terminate();
    await vi.waitFor(async () => expect(await metric(server, 'sluice_peer_kept_clients')).toBe(1), DEADLINE);
    const stranger = await PeerClient.connect(server, { id: 8 });
    expect((await welcomeOf(stranger, { resume_token })).data).toMatchObject({ resumed: false });
    const guesser = await PeerClient.connect(server, { id: 7 });
    expect((await welcomeOf(guesser, { resume_token: `${String(resume_token)}x` })).data).toMatchObject({ resumed: false });
    guesser.socket.close();
    await vi.waitFor(async () => expect(await metric(server, 'sluice_peer_clients')).toBe(1), DEADLINE);
    const second = await PeerClient.connect(server, { id: 7 });
    expect((await welcomeOf(second, { resume_token })).data).toMatchObject({ resumed: true, resume_token, session_id: expect.any(String) });
    expect([viewer.state, await viewersOf(server)]).toEqual(['connected', 1]);
    const before = viewer.received.length;
    await vi.waitFor(() => expect(viewer.received.length).toBeGreaterThan(before), DEADLINE);
    second.send('ping');
    await second.next('pong');
  });

  test('frees its session when nobody comes back in time, or when it was closed in good order', async () => {
    const server = await start({ demo: true, peer: { graceMs: 100 } });
    const broken = await PeerClient.greet(server, { id: 1 });
    await play(broken);
    broken.socket.terminate();
    await vi.waitFor(async () => expect(await metric(server, 'sluice_sessions_closed_total{role="viewer",cause="silent"}')).toBe(1), DEADLINE);
    const leaving = await PeerClient.greet(server, { id: 2 });
    await play(leaving);
    leaving.socket.close();
    await vi.waitFor(async () => expect(await metric(server, 'sluice_sessions_closed_total{role="viewer",cause="client"}')).toBe(1), DEADLINE);
    expect([await viewersOf(server), await metric(server, 'sluice_peer_kept_clients')]).toEqual([0, 0]);
  });

  test('of which the server does not know yet gives way to the next one with its token', async () => {
    const server = await start({ demo: true });
    const first = await PeerClient.connect(server, { id: 7 });
    const { resume_token } = (await welcomeOf(first)).data!;
    const closed = first.closed();
    const second = await PeerClient.connect(server, { id: 7 });
    expect((await welcomeOf(second, { resume_token })).data).toMatchObject({ resumed: true });
    expect(await closed).toBe(1008);
    second.send('ping');
    await second.next('pong');
  });
});

test('what a client asked for comes over its next connection when it came back before the end of its last one was seen', async () => {
  const server = await start();
  const first = await PeerClient.connect(server, { id: 7 });
  first.send('hello');
  const { resume_token } = (await first.next('welcome')).data!;
  const request = first.send('request-offer', DESK);
  first.send('ping');
  await first.next('pong');
  const second = await PeerClient.greet(server, { id: 7, hello: { resume_token } });
  await publish(await PeerClient.greet(server, { id: 8 }), DESK);
  expect(await second.next('offer')).toMatchObject({ message_id: request, data: { stream: DESK } });
});

test('only so many candidates wait for their session', async () => {
  const client = await PeerClient.greet(await start());
  client.send('request-offer', DESK);
  const candidate = { candidate: 'candidate:1 1 udp 1 192.0.2.1 9 typ host', sdpMid: '0' };
  for (let sent = 0; sent < 65; sent++) client.send('ice-candidate', { candidate });
  expect((await client.next('error')).error).toMatchObject({ code: 'SESSION_REQUIRED', message: expect.stringContaining('64 candidates') });
  client.send('ping');
  await client.next('pong');
  expect(client.received).toEqual([]);
});

test('a client that says nothing for three heartbeat intervals is closed, and its session freed', async () => {
  const server = await start({ demo: true, peer: { heartbeatIntervalMs: 200 } });
  const silent = await PeerClient.greet(server, { id: 1 });
  await play(silent);
  const talking = await PeerClient.greet(server, { id: 2 });
  const heartbeat = setInterval(() => talking.send('ping'), 50);
  expect(await silent.closed()).toBe(1008);
  await vi.waitFor(async () => expect(await viewersOf(server)).toBe(0), DEADLINE);
  clearInterval(heartbeat);
  expect([talking.socket.readyState, await metric(server, 'sluice_peer_silent_total')]).toEqual([talking.socket.OPEN, 1]);
});

test('get-stats gives what is asked for, in real figures', async () => {
  const client = await PeerClient.greet(await start({ demo: true }));
  const viewer = await play(client);
  await vi.waitFor(() => expect(viewer.received.length).toBeGreaterThan(20), DEADLINE);
  client.send('get-stats', { stats_type: ['network', 'webrtc'] });
  const { data } = await client.next('stats');
  expect(Object.keys(data!).toSorted()).toEqual(['network', 'webrtc']);
  expect(data).toMatchObject({
    webrtc: { sessions: [{ connection_state: 'connected', role: 'viewer', viewers: 1, stream: { stream: 'demo' }, tracks: expect.arrayContaining([expect.objectContaining({ kind: 'video', codec: 'VP8' })]) }] },
    network: { remote_address: '127.0.0.1', round_trip_ms: expect.any(Number), media: { transports: 1 } },
  });
  const { packets_sent } = (data as { webrtc: { sessions: { packets_sent: number }[] } }).webrtc.sessions[0]!;
  expect(packets_sent).toBeGreaterThan(20);
  client.send('get-stats');
  const all = (await client.next('stats')).data;
  expect(Object.keys(all!).toSorted()).toEqual(['network', 'system', 'webrtc']);
  expect(all).toMatchObject({ system: { cpu_percent: expect.any(Number), sessions: 1, streams: 1 } });
  expect(await client.refused('get-stats', { stats_type: ['cpu'] })).toBe('DATA_INVALID');
});
