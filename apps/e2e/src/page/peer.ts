import { brightnessOf } from './brightness.ts';

/** What a test asks of a publisher in the page. */
export interface PublishOptions {
  readonly url: string;
  /** `zlm` posts text/plain and reads JSON; `whip` posts and reads SDP. */
  readonly dialect: 'zlm' | 'whip';
  readonly videoCodec?: 'VP8' | 'VP9' | 'H264' | 'AV1';
  readonly audioCodec?: 'PCMU' | 'PCMA' | 'G722';
  readonly audioOnly?: boolean;
  /** Sends audio redundantly (RFC 2198). */
  readonly red?: boolean;
  readonly simulcast?: boolean;
  /** Of the stream, or of each of its simulcast layers, as WebRTC-SVC names it. */
  readonly scalabilityMode?: string;
  /** Of the camera's picture; 640 by 360 when absent. */
  readonly width?: number;
  readonly height?: number;
  /** Label of a data channel to open. */
  readonly channel?: string;
  /** Sends on m-lines that could receive too, as ZLMRTCClient.js and an echo do. */
  readonly sendReceive?: boolean;
  /** `balanced` when absent. With `max-bundle` Firefox offers m-lines that are bundle-only. */
  readonly bundlePolicy?: RTCBundlePolicy;
  /** Leaves the candidates over UDP out of the answer, as if a network let no UDP through. */
  readonly tcpOnly?: boolean;
}

/** What a test asks of a viewer in the page. */
export interface PlayOptions {
  readonly url: string;
  readonly dialect: 'zlm' | 'whip';
  readonly channel?: string;
  readonly tcpOnly?: boolean;
  /** Takes plain opus only. */
  readonly withoutRed?: boolean;
}

/** What came back from the server. */
export interface Exchange {
  readonly status: number;
  /** Of the JSON reply; undefined for WHIP and WHEP. */
  readonly code: number | undefined;
  /** Failure text, or the answer. */
  readonly text: string;
  /** Readable by the page, so CORS let it pass; so is the next one. */
  readonly location: string | null;
  readonly etag: string | null;
}

/** What the server said to an ICE restart. */
export interface RestartReply {
  readonly status: number;
  readonly etag: string | null;
  /** Fragment, or failure text. */
  readonly text: string;
}

/** Username fragments of the candidates in use. */
export interface SelectedFragments {
  readonly local: string | null | undefined;
  readonly remote: string | null | undefined;
}

/** What the page's player shows. */
export interface Playback {
  readonly connectionState: RTCPeerConnectionState;
  readonly framesDecoded: number;
  readonly width: number;
  readonly audioEnergy: number;
  readonly videoCodec: string | undefined;
  /** Average brightness of the picture, 0 to 255. */
  readonly brightness: number;
  readonly packetsLost: number;
  readonly freezes: number;
  /** Of all freezes together, seconds. */
  readonly freezeSeconds: number;
  /** What a picture waits in the jitter buffer on average, seconds. */
  readonly jitterBufferSeconds: number;
}

const connections = new Map<string, RTCPeerConnection>();
const messages = new Map<string, unknown[]>();
const channels = new Map<string, RTCDataChannel>();

async function publish(name: string, options: PublishOptions): Promise<Exchange> {
  const connection = create(name, { bundlePolicy: options.bundlePolicy ?? 'balanced' });
  const media = await navigator.mediaDevices.getUserMedia({ audio: true, video: options.audioOnly !== true && { width: options.width ?? 640, height: options.height ?? 360 } });
  const direction = options.sendReceive === true ? 'sendrecv' : 'sendonly';
  for (const track of media.getTracks()) {
    const sendEncodings = track.kind === 'video' ? encodings(options) : undefined;
    const transceiver = connection.addTransceiver(track, { direction, streams: [media], ...(sendEncodings && { sendEncodings }) });
    if (track.kind === 'audio' && options.red === true) transceiver.setCodecPreferences(audioCodecs().toSorted((a, b) => Number(isRed(b)) - Number(isRed(a))));
    if (track.kind === 'audio' && options.audioCodec) transceiver.setCodecPreferences(audioCodecs().filter(({ mimeType }) => mimeType === `audio/${options.audioCodec}`));
    if (track.kind === 'video' && options.videoCodec) transceiver.setCodecPreferences(codecsOf(options.videoCodec));
  }
  if (options.sendReceive === true) show(name, connection);
  if (options.channel !== undefined) listen(name, connection.createDataChannel(options.channel));
  return exchange(connection, options);
}

async function play(name: string, options: PlayOptions): Promise<Exchange> {
  const connection = create(name);
  const audio = connection.addTransceiver('audio', { direction: 'recvonly' });
  if (options.withoutRed === true) audio.setCodecPreferences(audioCodecs().filter((codec) => !isRed(codec)));
  connection.addTransceiver('video', { direction: 'recvonly' });
  show(name, connection);
  if (options.channel !== undefined) listen(name, connection.createDataChannel(options.channel));
  return exchange(connection, options);
}

async function exchange(connection: RTCPeerConnection, { url, dialect, tcpOnly = false }: PlayOptions): Promise<Exchange> {
  await connection.setLocalDescription(await connection.createOffer());
  const headers = { 'content-type': dialect === 'zlm' ? 'text/plain;charset=utf-8' : 'application/sdp' };
  const response = await fetch(url, { method: 'POST', headers, body: connection.localDescription?.sdp ?? '' });
  const body = await response.text();
  const location = response.headers.get('location');
  const etag = response.headers.get('etag');
  if (dialect === 'whip') {
    if (response.status === 201) await connection.setRemoteDescription({ type: 'answer', sdp: tcpOnly ? withoutUdp(body) : body });
    return { status: response.status, code: undefined, text: body, location, etag };
  }
  const reply: { code: number; msg?: string; sdp?: string } = JSON.parse(body);
  const answer = reply.sdp ?? '';
  if (reply.code === 0) await connection.setRemoteDescription({ type: 'answer', sdp: tcpOnly ? withoutUdp(answer) : answer });
  return { status: response.status, code: reply.code, text: reply.sdp ?? reply.msg ?? '', location, etag };
}

function withoutUdp(answer: string): string {
  return answer.replaceAll(/^a=candidate:\S+ \d+ udp .*\r\n/gm, '');
}

/** Restarts ICE by PATCH (RFC 9725 section 4.3.3); a refusal is rolled back. */
async function restartIce(name: string, url: string, headers: Record<string, string> = {}): Promise<RestartReply> {
  const connection = connectionOf(name);
  const answer = connection.currentRemoteDescription?.sdp ?? '';
  connection.restartIce();
  await connection.setLocalDescription(await connection.createOffer());
  const response = await fetch(url, {
    method: 'PATCH',
    headers: { 'content-type': 'application/trickle-ice-sdpfrag', ...headers },
    body: fragmentOf(connection.localDescription?.sdp ?? ''),
  });
  const text = await response.text();
  const description: RTCSessionDescriptionInit = response.ok ? { type: 'answer', sdp: withCredentials(answer, text) } : { type: 'rollback' };
  await connection.setRemoteDescription(description);
  return { status: response.status, etag: response.headers.get('etag'), text };
}

/** The first m-line of an offer as far as ICE has to do with it. */
function fragmentOf(offer: string): string {
  const [, first = ''] = offer.split(/^(?=m=)/m);
  return (first.match(/^(?:m=|a=(?:mid|ice-ufrag|ice-pwd|candidate|end-of-candidates)).*\r\n/gm) ?? []).join('');
}

/** The earlier answer, with the server's new credentials in it. */
function withCredentials(answer: string, fragment: string): string {
  return ['ice-ufrag', 'ice-pwd'].reduce((sdp, name) => {
    const [line = ''] = new RegExp(`^a=${name}:.*$`, 'm').exec(fragment) ?? [];
    return sdp.replace(new RegExp(`^a=${name}:.*$`, 'gm'), () => line);
  }, answer);
}

function selectedPair(name: string): RTCIceCandidatePair | null | undefined {
  const [transceiver] = connectionOf(name).getTransceivers();
  return transceiver?.receiver.transport?.iceTransport.getSelectedCandidatePair();
}

function selectedFragments(name: string): SelectedFragments {
  const pair = selectedPair(name);
  return { local: pair?.local?.usernameFragment, remote: pair?.remote?.usernameFragment };
}

async function playback(name: string): Promise<Playback> {
  const connection = connectionOf(name);
  const video = document.querySelector<HTMLVideoElement>(`#${name}`);
  const result = { framesDecoded: 0, audioEnergy: 0, packetsLost: 0, freezes: 0, freezeSeconds: 0, jitterBufferSeconds: 0, videoCodec: undefined as string | undefined };
  const reports = await connection.getStats();
  for (const report of reports.values()) {
    if (report.type !== 'inbound-rtp') continue;
    result.packetsLost += report.packetsLost;
    if (report.kind === 'audio') result.audioEnergy = report.totalAudioEnergy ?? 0;
    if (report.kind !== 'video') continue;
    result.framesDecoded = report.framesDecoded ?? 0;
    result.freezes = report.freezeCount ?? 0;
    result.freezeSeconds = report.totalFreezesDuration ?? 0;
    result.jitterBufferSeconds = (report.jitterBufferDelay ?? 0) / Math.max(1, report.jitterBufferEmittedCount ?? 0);
    result.videoCodec = reports.get(report.codecId)?.mimeType?.split('/')[1];
  }
  return { connectionState: connection.connectionState, width: video?.videoWidth ?? 0, brightness: brightnessOf(video), ...result };
}

/** What the browser estimates that its path to the server bears, bit/s. */
async function availableBitrate(name: string): Promise<number> {
  const reports = await connectionOf(name).getStats();
  const pairs = [...reports.values()].filter(({ type, nominated }) => type === 'candidate-pair' && nominated === true);
  return Math.max(0, ...pairs.map(({ availableOutgoingBitrate = 0 }) => availableOutgoingBitrate));
}

function create(name: string, configuration: RTCConfiguration = {}): RTCPeerConnection {
  const connection = new RTCPeerConnection(configuration);
  connections.set(name, connection);
  messages.set(name, []);
  return connection;
}

function show(name: string, connection: RTCPeerConnection): void {
  const video = document.createElement('video');
  video.id = name;
  video.autoplay = true;
  const media = new MediaStream();
  video.srcObject = media;
  document.body.append(video);
  connection.addEventListener('track', ({ track }) => media.addTrack(track));
}

function listen(name: string, channel: RTCDataChannel): void {
  channel.binaryType = 'arraybuffer';
  channels.set(name, channel);
  channel.addEventListener('message', ({ data }) => {
    messages.get(name)?.push(typeof data === 'string' ? data : Array.from(new Uint8Array(data)));
  });
}

function codecsOf(name: string): RTCRtpCodec[] {
  const all = RTCRtpSender.getCapabilities('video')?.codecs ?? [];
  return all.filter(({ mimeType }) => mimeType === `video/${name}` || mimeType === 'video/rtx');
}

function audioCodecs(): RTCRtpCodec[] {
  return RTCRtpReceiver.getCapabilities('audio')?.codecs ?? [];
}

function isRed({ mimeType }: RTCRtpCodec): boolean {
  return mimeType === 'audio/red';
}

/** TypeScript does not know WebRTC-SVC. */
interface ScalableEncoding extends RTCRtpEncodingParameters {
  readonly scalabilityMode?: string;
}

function encodings({ simulcast, scalabilityMode }: PublishOptions): ScalableEncoding[] | undefined {
  if (simulcast === true) return layers().map((layer) => (scalabilityMode === undefined ? layer : { ...layer, scalabilityMode }));
  return scalabilityMode === undefined ? undefined : [{ scalabilityMode }];
}

function layers(): RTCRtpEncodingParameters[] {
  return [
    { rid: 'h', maxBitrate: 900_000 },
    { rid: 'm', maxBitrate: 300_000, scaleResolutionDownBy: 2 },
    { rid: 'l', maxBitrate: 100_000, scaleResolutionDownBy: 4 },
  ];
}

function connectionOf(name: string): RTCPeerConnection {
  const connection = connections.get(name);
  if (!connection) throw new Error(`The page has no connection ${name}.`);
  return connection;
}

/** The functions that tests call through `page.evaluate`. */
export const peer = {
  publish,
  play,
  playback,
  availableBitrate,
  restartIce,
  selectedFragments,
  selectedProtocol: (name: string) => selectedPair(name)?.remote?.protocol,
  state: (name: string) => connectionOf(name).connectionState,
  dtlsState: (name: string) => connectionOf(name).getTransceivers()[0]?.receiver.transport?.state,
  close: (name: string) => connectionOf(name).close(),
  channelState: (name: string) => channels.get(name)?.readyState,
  send(name: string, message: string | number[]): void {
    const channel = channels.get(name);
    if (typeof message === 'string') channel?.send(message);
    else channel?.send(new Uint8Array(message));
  },
  messages: (name: string) => messages.get(name) ?? [],
  async request(url: string, method: string, headers: Record<string, string> = {}): Promise<{ status: number; text: string }> {
    const response = await fetch(url, { method, headers });
    return { status: response.status, text: await response.text() };
  },
};

declare global {
  interface Window {
    peer: typeof peer;
  }
}

window.peer = peer;
