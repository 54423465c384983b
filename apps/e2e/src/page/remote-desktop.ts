import { type InputEvent, PeerClient, type PeerClientOptions } from '@sluice/client';
import { brightnessOf } from './brightness.ts';
import type { Playback } from './peer.ts';

const SIZE = { width: 640, height: 360 };
const INPUT_CHANNEL = 'input';

type Options = Pick<PeerClientOptions<RTCPeerConnection>, 'url' | 'peerId' | 'token'>;

const video = Object.assign(document.createElement('video'), { autoplay: true });
document.body.append(video);

let client: PeerClient | undefined;
let connection: RTCPeerConnection | undefined;
const inputs: InputEvent[] = [];
/** What came by the data channel, as it came. */
const texts: string[] = [];
const errors: string[] = [];

function create(options: Options): PeerClient {
  client = new PeerClient(options);
  client.on('error', ({ code }) => errors.push(code));
  client.on('input', (input) => inputs.push(input));
  client.on('connection', (made) => {
    connection = made.connection;
    connection.addEventListener('track', ({ streams: [stream] }) => {
      video.srcObject = stream ?? null;
    });
  });
  return client;
}

/** Shares a screen that is a camera. */
async function share({ stream, withChannel, ...options }: Options & { readonly stream: string; readonly withChannel: boolean }): Promise<void> {
  const media = await navigator.mediaDevices.getUserMedia({ video: SIZE, audio: true });
  const prepare = (made: RTCPeerConnection): void => {
    for (const track of media.getTracks()) made.addTrack(track, media);
    if (withChannel) made.createDataChannel(INPUT_CHANNEL).addEventListener('message', ({ data }) => texts.push(data));
  };
  await create(options).publish({ app: 'live', stream, prepare });
}

/** Watches a screen, to control it. */
async function watch({ stream, ...options }: Options & { readonly stream: string }): Promise<void> {
  await create(options).play({ app: 'live', stream });
}

async function playback(): Promise<Pick<Playback, 'connectionState' | 'framesDecoded' | 'width' | 'brightness' | 'audioEnergy'>> {
  const seen = { framesDecoded: 0, audioEnergy: 0 };
  for (const report of (await connection?.getStats())?.values() ?? []) {
    if (report.type !== 'inbound-rtp') continue;
    if (report.kind === 'audio') seen.audioEnergy = report.totalAudioEnergy ?? 0;
    if (report.kind === 'video') seen.framesDecoded = report.framesDecoded ?? 0;
  }
  return { connectionState: connection?.connectionState ?? 'closed', width: video.videoWidth, brightness: brightnessOf(video), ...seen };
}

/** What tests call through `page.evaluate`. */
const page = {
  share,
  watch,
  playback,
  /** Sends all of it at once, and says how much was sent. */
  control: (events: readonly InputEvent[]) => events.filter((event) => client?.sendInput(event)).length,
  inputs: () => inputs,
  texts: () => texts,
  errors: () => errors,
  state: () => connection?.connectionState,
  stats: () => client?.getStats(['webrtc']),
  close: () => client?.close(),
};

declare global {
  interface Window {
    desktop: typeof page;
  }
}

window.desktop = page;
