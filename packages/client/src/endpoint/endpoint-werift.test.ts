import { expect, onTestFinished, test } from 'vitest';
import { MediaStreamTrack, RTCPeerConnection, RtpHeader, RtpPacket } from 'werift';
import { Endpoint } from './endpoint.ts';

const DEADLINE = { timeout: 15_000, interval: 20 };

/** Another program in this process, on the loopback address; nobody answers where it asks for STUN. */
class LoopbackConnection extends RTCPeerConnection {
  constructor() {
    super({ bundlePolicy: 'max-bundle', iceServers: [{ urls: 'stun:127.0.0.1:9' }], iceStunGatherTimeout: 0.01, iceUseIpv6: false, iceTcpPassive: false, iceAdditionalHostAddresses: ['127.0.0.1'] });
  }
}

/** A WHIP or WHEP server that takes or sends one audio track, and gives messages back. */
function createServer(direction: 'recvonly' | 'sendonly') {
  const connection = new LoopbackConnection();
  const track = new MediaStreamTrack({ kind: 'audio' });
  const methods: string[] = [];
  const received: unknown[] = [];
  connection.onTrack.subscribe((remote) => remote.onReceiveRtp.subscribe(({ payload }) => received.push([...payload])));
  connection.onDataChannel.subscribe((channel) => channel.onMessage.subscribe((message) => channel.send(message)));
  onTestFinished(() => connection.close());

  async function answer(offer: string): Promise<Response> {
    await connection.setRemoteDescription({ type: 'offer', sdp: offer });
    const [transceiver] = connection.getTransceivers();
    if (direction === 'sendonly') await transceiver?.sender.replaceTrack(track);
    if (transceiver) transceiver.direction = direction;
    await connection.setLocalDescription(await connection.createAnswer());
    return new Response(connection.localDescription?.sdp ?? '', { status: 201, headers: { 'content-type': 'application/sdp', location: '/session/1' } });
  }

  const fetch: typeof globalThis.fetch = async (_url, init = {}) => {
    methods.push(init.method ?? 'GET');
    return init.method === 'POST' && typeof init.body === 'string' ? answer(init.body) : new Response(null, { status: init.method === 'PATCH' ? 204 : 200 });
  };

  return { fetch, track, received, methods };
}

function send(track: MediaStreamTrack, sequenceNumber: number): void {
  const header = new RtpHeader({ payloadType: 96, sequenceNumber, timestamp: sequenceNumber * 960, marker: true });
  track.writeRtp(new RtpPacket(header, Buffer.from([1, 2, 3])));
}

test('plays in Node with the RTCPeerConnection of werift, and exchanges messages', async () => {
  const server = createServer('sendonly');
  const endpoint = new Endpoint({ url: 'http://media.example/whep/live/a', peerConnection: LoopbackConnection, fetch: server.fetch, videoEnable: false, dataChannel: 'talk', trickle: false });
  const received: unknown[] = [];
  const messages: unknown[] = [];
  endpoint.on('channelMessage', ({ data }) => messages.push(data));
  endpoint.on('track', ({ track }) => {
    const remote: unknown = track;
    if (remote instanceof MediaStreamTrack) remote.onReceiveRtp.subscribe(({ payload }) => received.push([...payload]));
  });
  await endpoint.start();
  let sequenceNumber = 1;
  await expect.poll(() => (send(server.track, sequenceNumber++), received.length), DEADLINE).toBeGreaterThan(0);
  expect(received[0]).toEqual([1, 2, 3]);
  await expect.poll(() => endpoint.send('hello'), DEADLINE).toBe(true);
  await expect.poll(() => messages, DEADLINE).toEqual(['hello']);
  await endpoint.close();
  expect([server.methods[0], server.methods.at(-1)]).toEqual(['POST', 'DELETE']);
}, 30_000);

test('publishes in Node a track of werift', async () => {
  const server = createServer('recvonly');
  const track = new MediaStreamTrack({ kind: 'audio' });
  const endpoint = new Endpoint({ url: 'http://media.example/whip/live/a', peerConnection: LoopbackConnection, fetch: server.fetch, media: [track], trickle: false });
  await endpoint.start();
  let sequenceNumber = 1;
  await expect.poll(() => (send(track, sequenceNumber++), server.received.length), DEADLINE).toBeGreaterThan(0);
  expect(server.received[0]).toEqual([1, 2, 3]);
  await endpoint.close();
}, 30_000);
