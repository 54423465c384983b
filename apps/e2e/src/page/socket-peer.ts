import { brightnessOf } from './brightness.ts';
import type { Playback } from './peer.ts';

/** A message of the dialect at `/ws`. */
interface Envelope {
  readonly type: string;
  readonly peer_id: string | number;
  readonly timestamp: number;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: string; readonly message: string };
}

/** An event as the publisher has got it. */
export interface ReceivedInput {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

// A client such as people write by hand: it shares no code with the server or its SDK.
const received: Envelope[] = [];
const inputs: ReceivedInput[] = [];
let socket: WebSocket;
let connection: RTCPeerConnection;
let peerId: string | number;
let trickled = 0;
/** A connection takes no candidates before it has the offer. */
let hasOffer = false;

async function connect(url: string, id: string | number): Promise<Envelope> {
  socket = new WebSocket(url);
  peerId = id;
  socket.addEventListener('message', ({ data }) => void receive(JSON.parse(data)));
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', reject);
  });
  send('hello', { client_info: { user_agent: navigator.userAgent }, capabilities: ['webrtc'], supported_protocols: ['1.0'] });
  return next('welcome');
}

/** @param trickleOnly takes the server's candidates from its messages and not from its offer */
async function play(names: object, { trickleOnly = false } = {}): Promise<void> {
  send('request-offer', { constraints: { video: true, audio: true }, codec_preferences: ['VP8', 'H264'], ...names });
  const offer = await next('offer');
  create();
  show();
  const sdp = sdpOf(offer);
  await connection.setRemoteDescription({ type: 'offer', sdp: trickleOnly ? sdp.replaceAll(/^a=(candidate:.*|end-of-candidates)\r\n/gm, '') : sdp });
  hasOffer = true;
  for (const message of received.filter(({ type }) => type === 'ice-candidate')) await addCandidate(message);
  await connection.setLocalDescription(await connection.createAnswer());
  send('answer', { sdp: connection.localDescription?.toJSON() });
}

/** @param channel label of a data channel on which it takes input */
async function publish(names: object, { channel }: { readonly channel?: string } = {}): Promise<void> {
  create();
  const media = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 640, height: 360 } });
  for (const track of media.getTracks()) connection.addTransceiver(track, { direction: 'sendonly', streams: [media] });
  if (channel !== undefined) connection.createDataChannel(channel).addEventListener('message', ({ data }) => takeInput(JSON.parse(data)));
  await connection.setLocalDescription(await connection.createOffer());
  send('publish', { sdp: connection.localDescription?.toJSON(), ...names });
  await connection.setRemoteDescription({ type: 'answer', sdp: sdpOf(await next('answer')) });
}

/** Sends what the mouse and the keyboard do in this page. */
function control(): void {
  document.addEventListener('mousemove', ({ clientX, clientY }) => send('mouse-move', { x: clientX, y: clientY, modifiers: [] }));
  for (const action of ['mousedown', 'mouseup'] as const) {
    document.addEventListener(action, ({ clientX, clientY, button }) => send('mouse-click', { x: clientX, y: clientY, button, action: action.slice('mouse'.length), modifiers: [] }));
  }
  for (const action of ['keydown', 'keyup'] as const) {
    document.addEventListener(action, ({ key, keyCode, repeat }) => send('key-press', { key, key_code: keyCode, action: action.slice('key'.length), modifiers: [], repeat }));
  }
}

async function playback(): Promise<Playback> {
  const video = document.querySelector('video');
  const reports = [...(await connection.getStats()).values()].filter(({ type }) => type === 'inbound-rtp');
  const sound = reports.find(({ kind }) => kind === 'audio');
  const picture = reports.find(({ kind }) => kind === 'video');
  return {
    connectionState: connection.connectionState,
    width: video?.videoWidth ?? 0,
    brightness: brightnessOf(video),
    framesDecoded: picture?.framesDecoded ?? 0,
    audioEnergy: sound?.totalAudioEnergy ?? 0,
    packetsLost: 0,
    freezes: 0,
    freezeSeconds: 0,
    jitterBufferSeconds: 0,
    videoCodec: undefined,
  };
}

async function receive(message: Envelope): Promise<void> {
  received.push(message);
  if (message.type === 'ice-candidate' && hasOffer) await addCandidate(message);
  if (['mouse-move', 'mouse-click', 'key-press'].includes(message.type)) takeInput({ type: message.type, data: message.data ?? {} });
}

function takeInput({ type, data }: ReceivedInput): void {
  inputs.push({ type, data });
}

function send(type: string, data: object): void {
  socket.send(JSON.stringify({ type, peer_id: peerId, message_id: crypto.randomUUID(), timestamp: Date.now(), data }));
}

/** The first message of a type, as soon as it is there. An error is one too, in place of any. */
async function next(type: string): Promise<Envelope> {
  for (;;) {
    const message = received.find((candidate) => candidate.type === type || candidate.type === 'error');
    if (message?.error) throw new Error(`${message.error.code}: ${message.error.message}`);
    if (message) return message;
    await new Promise((resolve) => {
      socket.addEventListener('message', resolve, { once: true });
    });
  }
}

function create(): void {
  connection = new RTCPeerConnection();
  connection.addEventListener('icecandidate', ({ candidate }) => send('ice-candidate', { candidate }));
}

function show(): void {
  const video = document.createElement('video');
  video.autoplay = true;
  const media = new MediaStream();
  video.srcObject = media;
  document.body.append(video);
  connection.addEventListener('track', ({ track }) => media.addTrack(track));
}

async function addCandidate({ data }: Envelope): Promise<void> {
  await connection.addIceCandidate(data?.['candidate'] as RTCIceCandidateInit);
  trickled += 1;
}

function sdpOf({ data }: Envelope): string {
  return (data as { sdp: { sdp: string } }).sdp.sdp;
}

/** The functions that tests call through `page.evaluate`. */
export const socketPeer = {
  connect,
  play,
  publish,
  control,
  playback,
  inputs: () => inputs,
  trickled: () => trickled,
  /** Codes of the errors that the server has told. */
  errors: () => received.flatMap(({ error }) => error?.code ?? []),
  received: () => received.map(({ type }) => type),
  state: () => connection.connectionState,
};

declare global {
  interface Window {
    socketPeer: typeof socketPeer;
  }
}

window.socketPeer = socketPeer;
