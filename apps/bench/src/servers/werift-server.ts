import { Hono } from 'hono';
import {
  type MediaStreamTrack,
  RTCPeerConnection,
  type RTCRtpReceiver,
  type RTCRtpSender,
  ReceiverEstimatedMaxBitrate,
  RtcpPayloadSpecificFeedback,
  type RtpPacket,
  useNACK,
  usePLI,
  useREMB,
  useSdesMid,
  useVP8,
} from 'werift';
import { serveForBench, serverArguments } from './serve.ts';

/*
 * The baseline: what somebody writes who takes werift's RTCPeerConnection and wants a fan-out,
 * with its known traps avoided. One video codec, because werift names the first negotiated one
 * whatever is sent; REMB instead of transport-cc, because its transport-cc feedback is not taken by Chromium.
 */

const REMB_INTERVAL_MS = 500;
/** 3 MiB/s as mantissa and exponent of a REMB: 3 · 2^23 bit/s. */
const REMB_BITRATE = { brMantissa: 3 * 2 ** 15, brExp: 8 };

interface Publication {
  readonly senders: Set<RTCRtpSender>;
  track: MediaStreamTrack | undefined;
  receiver: RTCRtpReceiver | undefined;
}

const publications = new Map<string, Publication>();
const { address } = serverArguments();

const app = new Hono();
app.post('/whip/:app/:stream', async (c) => {
  const publication: Publication = { senders: new Set(), track: undefined, receiver: undefined };
  publications.set(c.req.param('stream'), publication);
  return c.body(await publish(publication, await c.req.text()), 201, { 'content-type': 'application/sdp' });
});
app.post('/whep/:app/:stream', async (c) => {
  const publication = publications.get(c.req.param('stream'));
  if (!publication) return c.text('stream not found', 404);
  return c.body(await play(publication, await c.req.text()), 201, { 'content-type': 'application/sdp' });
});
serveForBench(app);

function createPeerConnection(): RTCPeerConnection {
  return new RTCPeerConnection({
    codecs: { audio: [], video: [useVP8({ rtcpFeedback: [useNACK(), usePLI(), useREMB()] })] },
    headerExtensions: { audio: [], video: [useSdesMid()] },
    // Without it werift looks up a public STUN server, also with an empty list.
    iceLite: true,
    iceServers: [],
    // One socket per peer, on the address that everything runs on.
    iceUseIpv4: false,
    iceUseIpv6: false,
    iceAdditionalHostAddresses: [address],
    iceInterfaceAddresses: { udp4: address },
    bundlePolicy: 'max-bundle',
  });
}

async function publish(publication: Publication, offer: string): Promise<string> {
  const connection = createPeerConnection();
  const { receiver } = connection.addTransceiver('video', { direction: 'recvonly' });
  connection.onTrack.subscribe((track) => {
    publication.track = track;
    publication.receiver = receiver;
    track.onReceiveRtp.subscribe((packet) => forward(packet, publication.senders));
    const timer = setInterval(() => void sendRemb(receiver, track), REMB_INTERVAL_MS);
    endWith(connection, () => clearInterval(timer));
  });
  return answer(connection, offer);
}

async function play(publication: Publication, offer: string): Promise<string> {
  const connection = createPeerConnection();
  const { sender } = connection.addTransceiver('video', { direction: 'sendonly' });
  publication.senders.add(sender);
  endWith(connection, () => publication.senders.delete(sender));
  sender.onPictureLossIndication.subscribe(() => void requestKeyframe(publication));
  return answer(connection, offer);
}

async function answer(connection: RTCPeerConnection, offer: string): Promise<string> {
  await connection.setRemoteDescription({ type: 'offer', sdp: offer });
  await connection.setLocalDescription(await connection.createAnswer());
  return connection.localDescription?.sdp ?? '';
}

function forward(packet: RtpPacket, senders: ReadonlySet<RTCRtpSender>): void {
  // sendRtp would keep the publisher's extensions under the publisher's ids.
  packet.header.extensions = [];
  for (const sender of senders) void sender.sendRtp(packet);
}

async function requestKeyframe({ receiver, track }: Publication): Promise<void> {
  if (track?.ssrc !== undefined) await receiver?.sendRtcpPLI(track.ssrc);
}

async function sendRemb(receiver: RTCRtpReceiver, track: MediaStreamTrack): Promise<void> {
  if (track.ssrc === undefined || receiver.dtlsTransport?.state !== 'connected') return;
  const feedback = new ReceiverEstimatedMaxBitrate({
    senderSsrc: receiver.rtcpSsrc,
    mediaSsrc: 0,
    ssrcNum: 1,
    ssrcFeedbacks: [track.ssrc],
    ...REMB_BITRATE,
  });
  await receiver.dtlsTransport.sendRtcp([new RtcpPayloadSpecificFeedback({ feedback })]);
}

function endWith(connection: RTCPeerConnection, end: () => void): void {
  connection.connectionStateChange.subscribe((state) => {
    if (state === 'closed' || state === 'failed') end();
  });
}
