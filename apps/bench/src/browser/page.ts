/** Runs in the page: peers that measure themselves with the page's own clock, in milliseconds. */

/** From the moment of the POST. */
interface ConnectTimes {
  readonly answerMs: number;
  readonly connectedMs: number;
}

interface PlayTimes extends ConnectTimes {
  /** Until the first frame was shown. */
  readonly firstFrameMs: number;
}

interface Media {
  readonly url: string;
  readonly codec: 'VP8' | 'H264';
}

/** What a peer has seen so far. */
interface Progress {
  /** Of a publisher, bit/s. */
  readonly availableBitrate: number | undefined;
  readonly framesDecoded: number;
  readonly freezes: number;
  readonly freezeSeconds: number;
}

interface Connection {
  readonly peer: RTCPeerConnection;
  session: string;
}

const connections = new Map<string, Connection>();

async function publish(name: string, { url, codec }: Media): Promise<ConnectTimes> {
  const peer = new RTCPeerConnection();
  const media = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 1280, height: 720, frameRate: 30 } });
  for (const track of media.getTracks()) {
    const transceiver = peer.addTransceiver(track, { direction: 'sendonly', streams: [media] });
    if (track.kind === 'video') transceiver.setCodecPreferences(codecsOf(codec));
  }
  return connect(name, peer, url);
}

async function play(name: string, { url, codec }: Media): Promise<PlayTimes> {
  const peer = new RTCPeerConnection();
  peer.addTransceiver('audio', { direction: 'recvonly' });
  peer.addTransceiver('video', { direction: 'recvonly' }).setCodecPreferences(codecsOf(codec));
  const video = document.createElement('video');
  video.autoplay = true;
  video.muted = true;
  const media = new MediaStream();
  video.srcObject = media;
  document.body.append(video);
  peer.addEventListener('track', ({ track }) => media.addTrack(track));
  const firstFrame = new Promise<number>((resolve) => {
    video.requestVideoFrameCallback((now) => resolve(now));
  });
  const startedAt = { value: 0 };
  const times = await connect(name, peer, url, startedAt);
  return { ...times, firstFrameMs: (await firstFrame) - startedAt.value };
}

async function connect(name: string, peer: RTCPeerConnection, url: string, start = { value: 0 }): Promise<ConnectTimes> {
  await peer.setLocalDescription(await peer.createOffer());
  const connected = new Promise<number>((resolve, reject) => {
    peer.addEventListener('connectionstatechange', () => {
      if (peer.connectionState === 'connected') resolve(performance.now());
      if (peer.connectionState === 'failed') reject(new Error('The connection failed.'));
    });
  });
  start.value = performance.now();
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/sdp' }, body: peer.localDescription?.sdp ?? '' });
  const sdp = await response.text();
  const answeredAt = performance.now();
  if (response.status !== 201) throw new Error(`${url} answered ${response.status}: ${sdp}`);
  connections.set(name, { peer, session: new URL(response.headers.get('location') ?? '', url).href });
  await peer.setRemoteDescription({ type: 'answer', sdp });
  return { answerMs: answeredAt - start.value, connectedMs: (await connected) - start.value };
}

/** Ends the session on the server, as an operator does, and measures until the peer sees it. */
async function endedByServer(name: string): Promise<number> {
  const { peer, session } = connectionOf(name);
  const seen = new Promise<number>((resolve) => {
    const look = (): void => {
      if (peer.connectionState === 'failed' || peer.connectionState === 'closed') resolve(performance.now());
    };
    peer.addEventListener('connectionstatechange', look);
  });
  const startedAt = performance.now();
  await fetch(session, { method: 'DELETE' });
  const endedAt = await seen;
  close(name);
  return endedAt - startedAt;
}

async function progress(name: string): Promise<Progress> {
  const reports = await connectionOf(name).peer.getStats();
  const result = { availableBitrate: undefined as number | undefined, framesDecoded: 0, freezes: 0, freezeSeconds: 0 };
  for (const report of reports.values()) {
    if (report.type === 'candidate-pair' && report.nominated === true) result.availableBitrate = report.availableOutgoingBitrate;
    if (report.type !== 'inbound-rtp' || report.kind !== 'video') continue;
    result.framesDecoded = report.framesDecoded ?? 0;
    result.freezes = report.freezeCount ?? 0;
    result.freezeSeconds = report.totalFreezesDuration ?? 0;
  }
  return result;
}

function close(name: string): void {
  connectionOf(name).peer.close();
  connections.delete(name);
  for (const video of document.querySelectorAll('video')) video.remove();
}

function codecsOf(name: string): RTCRtpCodec[] {
  const all = RTCRtpReceiver.getCapabilities('video')?.codecs ?? [];
  return all.filter(({ mimeType }) => mimeType === `video/${name}` || mimeType === 'video/rtx');
}

function connectionOf(name: string): Connection {
  const connection = connections.get(name);
  if (!connection) throw new Error(`The page has no connection ${name}.`);
  return connection;
}

/** The functions that the bench calls through `page.evaluate`. */
const bench = { publish, play, endedByServer, progress, close };

declare global {
  interface Window {
    bench: typeof bench;
  }
}

window.bench = bench;
export type { PlayTimes, Progress };
