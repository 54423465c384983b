import { Endpoint, type EndpointOptions, type EndpointStateChange, type EndpointStats, Events, listDevices, supportedResolutions } from '@sluice/client';
import { brightnessOf } from './brightness.ts';
import type { Playback } from './peer.ts';

/** What a test asks of an endpoint; the rest of its options cannot be handed to a page. */
export type PageOptions = Omit<EndpointOptions, 'url' | 'element' | 'media' | 'fetch' | 'clock' | 'random' | 'peerConnection' | 'token'> & { readonly url: string; readonly token?: string };

/** What an endpoint has told. */
interface Told {
  readonly states: EndpointStateChange['state'][];
  readonly messages: unknown[];
  readonly classic: string[];
  stats: EndpointStats | undefined;
}

const endpoints = new Map<string, { readonly endpoint: Endpoint; readonly video: HTMLVideoElement; readonly told: Told }>();

/** Makes an endpoint that starts by itself. */
function create(name: string, options: PageOptions): void {
  const video = document.createElement('video');
  video.id = name;
  document.body.append(video);
  const endpoint = new Endpoint({ ...options, element: video });
  const told: Told = { states: [], messages: [], classic: [], stats: undefined };
  endpoint.on('state', ({ state }) => told.states.push(state));
  endpoint.on('channelMessage', ({ data }) => told.messages.push(typeof data === 'string' ? data : Array.from(new Uint8Array(data))));
  endpoint.on('stats', (stats) => {
    told.stats = stats;
  });
  for (const event of Object.values(Events)) endpoint.on(event, () => told.classic.push(event));
  endpoints.set(name, { endpoint, video, told });
}

function of(name: string) {
  const made = endpoints.get(name);
  if (!made) throw new Error(`The page has no endpoint ${name}.`);
  return made;
}

async function playback(name: string): Promise<Pick<Playback, 'connectionState' | 'framesDecoded' | 'width' | 'brightness' | 'audioEnergy'>> {
  const { endpoint, video } = of(name);
  const seen = { framesDecoded: 0, audioEnergy: 0 };
  for (const report of (await endpoint.getStats())?.values() ?? []) {
    if (report.type !== 'inbound-rtp') continue;
    if (report.kind === 'audio') seen.audioEnergy = report.totalAudioEnergy ?? 0;
    if (report.kind === 'video') seen.framesDecoded = report.framesDecoded ?? 0;
  }
  const connectionState = endpoint.state === 'connected' ? 'connected' : (endpoint.peerConnection?.connectionState ?? 'closed');
  return { connectionState, width: video.videoWidth, brightness: brightnessOf(video), ...seen };
}

function localFragment(name: string): string | null | undefined {
  const [transceiver] = of(name).endpoint.peerConnection?.getTransceivers() ?? [];
  return transceiver?.receiver.transport?.iceTransport.getSelectedCandidatePair()?.local?.usernameFragment;
}

/** What tests call through `page.evaluate`. */
const page = {
  create,
  playback,
  localFragment,
  start: (name: string) => of(name).endpoint.start(),
  state: (name: string) => of(name).endpoint.state,
  error: (name: string) => of(name).endpoint.error?.message,
  told: (name: string) => of(name).told,
  send: (name: string, data: string | number[]) => of(name).endpoint.send(typeof data === 'string' ? data : new Uint8Array(data)),
  restartIce: (name: string) => of(name).endpoint.restartIce(),
  close: (name: string) => of(name).endpoint.close(),
  capturing: (name: string) => of(name).endpoint.localStream?.getTracks().some(({ readyState }) => readyState === 'live') ?? false,
  devices: () => listDevices({ ask: true }),
  resolutions: () => supportedResolutions({ timeoutMs: 5_000 }),
};

declare global {
  interface Window {
    endpoints: typeof page;
  }
}

window.endpoints = page;
